"""Steps that fail: each waits longer before it is tried again, so that they take no sweep's time from the others."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from command_center.escalation.models import StepFailure
from command_center.tickets.models import DueStep

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_ERROR = 500


def note(session: Session, step_id: int, error: BaseException, now: datetime) -> None:
    """Note that a step failed: it is tried again after 10 s, 20 s, 40 s, … ten minutes at most."""
    known = session.get(StepFailure, step_id)
    if known is None:
        known = StepFailure(step_id=step_id, failures=0)
        session.add(known)
    known.failures += 1
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(known.failures - 1, 10))
    known.last_at, known.next_try_at = now, now + wait
    # NUL is a character that PostgreSQL does not take in a text.
    known.error = f"{type(error).__name__}: {error}".replace("\x00", "")[:LONGEST_ERROR]
    session.flush()


def forget(session: Session, step_id: int) -> None:
    """A step that is done failed for the last time."""
    session.execute(delete(StepFailure).where(StepFailure.step_id == step_id))


def may_try(now: datetime) -> ColumnElement[bool]:
    """Filter due steps to those that do not wait after a failure. After a clock set back none waits for ever."""
    waiting = (
        select(StepFailure.step_id)
        .where(
            StepFailure.step_id == DueStep.id,
            StepFailure.next_try_at > now,
            StepFailure.next_try_at <= now + LONGEST_WAIT,
        )
        .exists()
    )
    return ~waiting
