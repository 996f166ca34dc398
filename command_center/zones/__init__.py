"""Rule zones: where, when and about what a report is more urgent, goes elsewhere, and is told to more people."""
