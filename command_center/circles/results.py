"""Computed circles, kept: the newest few, each under the key of its inputs."""

import threading
import zlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from command_center.circles.inputs import Inputs
from command_center.circles.models import CircleResult
from command_center.circles.work import Answer
from command_center.database import insert_or_ignore, table_of

KEPT = 3
# The last answer read: every question is for the same one, and unpacking it costs more than answering.
_last: dict[str, Answer] = {}
_lock = threading.Lock()


def read(session: Session, key: str) -> Answer | None:
    """Read the result of these inputs, None: not computed yet."""
    there = session.scalar(select(CircleResult.key).where(CircleResult.key == key))
    if there is None:
        return None
    with _lock:
        if key in _last:
            return _last[key]
    body = session.scalars(select(CircleResult.body).where(CircleResult.key == key)).one()
    made = Answer.model_validate_json(zlib.decompress(body))
    with _lock:
        _last.clear()
        _last[key] = made
    return made


def computed_at(session: Session, key: str) -> datetime | None:
    return session.scalar(select(CircleResult.computed_at).where(CircleResult.key == key))


def keep(session: Session, wanted: Inputs, made: Answer, now: datetime) -> None:
    """Keep a result; another process may have been quicker, and the oldest ones go."""
    table = table_of(CircleResult)
    body = zlib.compress(made.model_dump_json().encode(), 6)
    row = {"key": wanted.key, "inputs": wanted.told(), "computed_at": now, "body": body}
    session.execute(insert_or_ignore(session, table, row))
    keys = session.scalars(select(CircleResult.key).order_by(CircleResult.computed_at.desc(), CircleResult.key)).all()
    old = [key for key in keys if key != wanted.key][KEPT - 1 :]
    if old:
        session.execute(delete(CircleResult).where(CircleResult.key.in_(old)))
