"""The time in tests: a Friday on which offices are open, and moments written as people here write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def at(local: str) -> datetime:
    """Read a local time such as `2026-11-20 09:00`."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE)


NOW = at("2026-11-20 09:00")
