"""Photos: checked by their content, re-encoded, stored by their content."""
