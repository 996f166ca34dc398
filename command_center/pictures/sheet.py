"""On what a picture is drawn: its form and its paper. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from command_center.errors import one_of

FORMS = ("html", "png", "pdf")
PAPERS = ("A4", "A3")
LIES = ("landscape", "portrait")
MIME = {"html": "text/html", "png": "image/png", "pdf": "application/pdf"}
PRINT_DPI, SCREEN_DPI = 300, 110


@dataclass(frozen=True)
class Sheet:
    """Form, paper, how it lies, and the dots per inch of a PNG."""

    form: str
    paper: str = "A4"
    lie: str = "landscape"
    dpi: int = PRINT_DPI


def sheet_of(form: str, given: Mapping[str, str]) -> Sheet:
    """Read a sheet from a request's or a command's words. Raises: Invalid."""
    paper = given.get("paper", "") or PAPERS[0]
    lie = given.get("lie", "") or LIES[0]
    size = given.get("size", "") or "print"
    for name, value, allowed in (
        ("format", form, FORMS),
        ("paper", paper.upper(), PAPERS),
        ("lie", lie, LIES),
        ("size", size, ("print", "screen")),
    ):
        if value not in allowed:
            raise one_of(name, allowed)
    return Sheet(form, paper.upper(), lie, SCREEN_DPI if size == "screen" else PRINT_DPI)
