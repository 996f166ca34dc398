"""What a simulated history amounts to, in one line for the person who asked for it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Summary:
    """What was written."""

    reports: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    events: int = 0
    closed: int = 0
    rejected: int = 0
    seconds: float = 0.0

    @property
    def open(self) -> int:
        return self.reports - self.closed - self.rejected

    def __str__(self) -> str:
        return (
            f"{self.reports} reports, {self.events} events: {self.closed} closed, {self.rejected} rejected, "
            f"{self.open} open; {self.deeds['escalated']} climbed by themselves; {self.seconds:.1f} s"
        )
