"""What a simulated history amounts to, in one line for the person who asked for it."""

from collections import Counter
from dataclasses import dataclass, field

# Beside the main line: what was done how often.
BESIDE = {
    "transfer": "transfers",
    "assist": "requests for help",
    "missed": "dates missed",
    "request_extension": "extensions asked for",
    "suspend": "suspensions",
    "reopen": "reopened",
    "callback": "callbacks",
    "rate": "ratings",
    "follow_up": "complaints answered",
    "appeal": "appeals",
    "remind": "reminders",
}


@dataclass
class Summary:
    """What was written."""

    reports: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    events: int = 0
    closed: int = 0
    rejected: int = 0
    merged: int = 0
    seconds: float = 0.0

    @property
    def open(self) -> int:
        return self.reports - self.closed - self.rejected - self.merged

    def __str__(self) -> str:
        return (
            f"{self.reports} reports, {self.events} events: {self.closed} closed, {self.rejected} rejected, "
            f"{self.merged} merged, {self.open} open; {self.deeds['escalated']} climbed by themselves; "
            f"{', '.join(f'{self.deeds[deed]} {name}' for deed, name in BESIDE.items())}; {self.seconds:.1f} s"
        )
