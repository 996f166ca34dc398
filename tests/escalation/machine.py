"""A machine whose clocks a test turns: time passes on both, somebody sets only one of them."""

from datetime import datetime, timedelta

from command_center.escalation.clocks import Reading
from tests.builders import NOW

BOOT = "a boot of the test's machine"


class Machine:
    """Injected where the real one's clocks are read."""

    def __init__(self, wall: datetime = NOW, ticks: float = 1000.0, boot: str = BOOT) -> None:
        self.wall, self.ticks, self.boot = wall, ticks, boot

    def read(self) -> Reading:
        return Reading(self.wall, self.ticks, self.boot)

    def let_pass(self, span: timedelta) -> None:
        """Time goes by."""
        self.wall += span
        self.ticks += span.total_seconds()

    def set_clock(self, by: timedelta) -> None:
        """Somebody, or something, sets the system clock."""
        self.wall += by

    def start_anew(self, boot: str) -> None:
        """The machine is started again: its ticks begin at nothing."""
        self.boot, self.ticks = boot, 20.0
