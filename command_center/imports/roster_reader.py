"""Reads a roster for an import, and writes its rows into the report; see `reading`."""

import sys
from typing import Any

from command_center.imports.folder import Folder, write_lines
from command_center.imports.reading import begin, tell
from command_center.people import roster_file


def read(folder: Folder) -> dict[str, Any]:
    """Read the rows. Raises: RosterUnreadable."""
    tell("reading", 0, 1)
    sheet = roster_file.read(folder.source)
    write_lines(folder.report / "rows.jsonl", (row.to_json() for row in sheet.rows))
    return {"columns": sheet.columns, "ignored": list(sheet.ignored)}


if __name__ == "__main__":
    begin(read, sys.argv[1])
