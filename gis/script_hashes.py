"""What a Content-Security-Policy must allow for a page's own scripts to run."""

import base64
import hashlib
import re


def script_hashes(html: str) -> tuple[str, ...]:
    """`'sha256-…'` of each inline script."""
    found = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found)
