"""Words for values: times in the county's zone, names in the reader's language, details of events that may be new."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)")
# Details whose values are words of ours, not somebody's own.
WORDED = {
    "colour": "colour_of_order",
    "outcome": "outcome",
    "clock": "clock",
    "kind": "holder",
    "source": "source",
    "placed": "place_kind",
}
PREFIXED = {"node": "node", "tier": "tier", "role": "role", "from_node": "node", "to_node": "node"}
DEEPEST = 4


def at_zone(at: datetime, zone: ZoneInfo) -> str:
    """Name a zone and how far it is from UTC at that time."""
    return f"{zone.key} (UTC{spelt_offset(at.astimezone(zone))})"


def spelt_offset(at: datetime) -> str:
    offset = at.strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"


class Telling:
    """Says things in one language. Called with a key, it looks up `casefile.<key>` and fills in the facts."""

    def __init__(
        self,
        language: str,
        zone: ZoneInfo,
        text: Callable[[str], str],
        called: Callable[[str, str], str | None] = lambda key, code: None,
    ) -> None:
        """`called` gives the name behind a code that stands under a key of the details, None for what is no code."""
        self.language, self._zone, self._text, self._called = language, zone, text, called

    def __call__(self, key: str, *, keep: Sequence[str] = (), **facts: Any) -> str:
        """`keep`: places to be filled in later."""
        text = self._text(f"casefile.{key}")
        return text.format(**facts, **{name: f"{{{name}}}" for name in keep}) if facts or keep else text

    def word(self, kind: str, name: str) -> str:
        """The screens' word for one of our own names, such as a node; an unknown one is told as it is."""
        found = self._text(f"{kind}.{name}") if name else ""
        return name if found == f"{kind}.{name}" else found

    def key_word(self, key: str) -> str:
        """The label of a detail; one that is new here is told by its own name."""
        found = self._text(f"casefile.detail_{key}")
        return key.replace("_", " ") if found == f"casefile.detail_{key}" else found

    def called(self, row: dict[str, Any]) -> str:
        return str((row.get("name_en") if self.language == "en" else None) or row["name"])

    def moment(self, at: datetime | None) -> str:
        return " ".join(self.two_lines(at)) if at is not None else self("none")

    def two_lines(self, at: datetime) -> tuple[str, str]:
        """The date, and the time of day with its distance from UTC."""
        local = at.astimezone(self._zone)
        return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S} {spelt_offset(local)}"

    def value(self, key: str, value: Any, depth: int = 0) -> str:
        """Spell any JSON: times as local times, our own names as words, what is nested in brackets."""
        if isinstance(value, bool):
            return self("yes" if value else "no")
        if value is None:
            return self("none")
        if isinstance(value, dict | list) and depth >= DEEPEST:
            return "…"
        if isinstance(value, dict):
            if depth and "name" in value and "kind" in value:
                return self.called(value) if value["name"] else self("none")
            told = [
                f"{self.key_word(name)}{self._colon}{self.value(name, inner, depth + 1)}"
                for name, inner in value.items()
                if inner is not None
            ]
            return self._comma.join(told) if depth == 0 else f"{self._open}{self._comma.join(told)}{self._close}"
        if isinstance(value, list):
            return self._comma.join(self.value(key, inner, depth + 1) for inner in value) or self("none")
        return self._single(key, value)

    def _single(self, key: str, value: Any) -> str:
        text = str(value)
        if name := self._called(key, text):
            return name
        if isinstance(value, str) and INSTANT.fullmatch(text):
            try:
                return self.moment(datetime.fromisoformat(text))
            except ValueError:
                return text
        if key in WORDED:
            return self.word(f"casefile.{WORDED[key]}", text)
        if key in PREFIXED:
            return self.word(PREFIXED[key], text)
        return text

    @property
    def _colon(self) -> str:
        return "：" if self.language == "zh" else ": "

    @property
    def _comma(self) -> str:
        return "；" if self.language == "zh" else "; "

    @property
    def _open(self) -> str:
        return "（" if self.language == "zh" else " ("

    @property
    def _close(self) -> str:
        return "）" if self.language == "zh" else ")"
