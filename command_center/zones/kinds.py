"""What a zone of each kind begins with: data, which an administrator may change in the form or in the file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from command_center.zones.rules import Kind

SHIPPED = Path(__file__).resolve().parents[2] / "data"
NOTHING: dict[str, Any] = {
    "buffer_m": 0,
    "season": None,
    "categories": [],
    "limit": None,
    "urgent": False,
    "department": None,
    "recipients": [],
}


def presets(data: Path) -> Mapping[str, dict[str, Any]]:
    """The settings of each kind, from the operator's data folder or, where that is older, from ours."""
    path = data / "zones" / "kinds.json"
    file = path if path.exists() else SHIPPED / "zones" / "kinds.json"
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["kinds"]
    return {str(kind): NOTHING | said.get(str(kind), {}) for kind in Kind}
