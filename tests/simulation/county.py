"""What the tests of the simulation share: a county with a database of its own, and how long its past is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from command_center.database import Sessions, make_engine
from command_center.simulation.history import history
from command_center.simulation.summary import Summary
from command_center.tickets.office import Office

DATA = Path(__file__).resolve().parents[2] / "data"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday afternoon
DAYS, RATE, SEED = 1, 60, 7


@dataclass
class County:
    """A database of its own, the office over it, and what was simulated in it."""

    sessions: Sessions
    office: Office
    summary: Summary


def open_sessions(path: Path) -> Sessions:
    return Sessions(make_engine(f"sqlite:///{path}"))


def write_history(sessions: Sessions, office: Office) -> Summary:
    return history(sessions, office, days=DAYS, rate=RATE, seed=SEED, now=NOW)
