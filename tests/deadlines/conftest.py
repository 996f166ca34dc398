"""What the deadline tests share: the calendar as shipped."""

from pathlib import Path

import pytest

from command_center.deadlines.calendar import WorkCalendar, load_csv


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    """The calendar in data/, read once."""
    return load_csv(Path(__file__).parents[2] / "data" / "calendar" / "calendar.csv")
