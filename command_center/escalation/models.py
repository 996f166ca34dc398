"""What escalation remembers beside the steps themselves: what the clock guard knows, and which steps fail."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson

ONLY = 1


class ClockGuardState(Base):
    """One row for the installation. Escalation is frozen while `frozen_at` is set and `agreed_at` is not.

    Every batch of a sweep reads it in its own transaction, locked against change; who freezes waits for the batches
    under way, and none begins after it.
    """

    __tablename__ = "clock_guard"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, default=ONLY)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="by the clock that was found wrong")
    reason: Mapped[str | None] = mapped_column(String(16), doc="jump, behind, database or another")
    jump_seconds: Mapped[float | None] = mapped_column(Float, doc="how far off; above 0: the clock went ahead")
    seen_by: Mapped[str | None] = mapped_column(String(128), doc="machine and process that saw it")
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreed_by: Mapped[str | None] = mapped_column(String(128))
    last_wall: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="the newest time a sweeper found good")
    machines: Mapped[dict[str, Any]] = mapped_column(
        CanonicalJson, default=dict, doc="by machine and boot: the last good reading of its two clocks"
    )


class StepFailure(Base):
    """A due step that failed, and when it is tried again: waiting longer each time, it holds up nobody else."""

    __tablename__ = "step_failures"

    step_id: Mapped[int] = mapped_column(ForeignKey("due_steps.id", ondelete="CASCADE"), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, doc="the last one, for whoever repairs it")
