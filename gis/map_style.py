"""How the printed map looks and what it says: words, colours, shapes and lines."""

from collections.abc import Mapping
from typing import Any, Literal

Language = Literal["zh", "en"]
Colour = Literal["blue", "yellow", "red", "grey"]

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "synthetic": "合成边界，仅供演示",
        "blue": "时限内",
        "yellow": "即将到期",
        "red": "逾期",
        "grey": "已结或挂账",
        "count": "工单 {n} 件",
    },
    "en": {
        "synthetic": "Synthetic outlines, for demonstration only",
        "blue": "in time",
        "yellow": "due soon",
        "red": "overdue",
        "grey": "closed or suspended",
        "count": "{n} tickets",
    },
}
INK: Mapping[Colour, str] = {"blue": "#2166ac", "yellow": "#b35806", "red": "#b2182b", "grey": "#6b7280"}
# Each colour has its own shape, so that a grey print-out says the same.
SHAPES: Mapping[Colour, str] = {
    "blue": '<circle cx="6" cy="6" r="4.6"/>',
    "yellow": '<path d="M6 1 11.2 10.6H.8Z"/>',
    "red": '<path d="M6 .4 11.6 6 6 11.6.4 6Z"/>',
    "grey": '<rect x="2" y="2" width="8" height="8"/>',
}
LINES: Mapping[str, Mapping[str, Any]] = {
    "county": {"color": "#111827", "weight": 2.5, "fillColor": "#f5f3ee", "fillOpacity": 1},
    "town": {"color": "#374151", "weight": 1.6, "fill": False},
    "village": {"color": "#9ca3af", "weight": 0.8, "fill": False},
    "grid": {"color": "#d1d5db", "weight": 0.5, "fill": False},
}
