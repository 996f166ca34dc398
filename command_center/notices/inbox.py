"""A user's inbox: what they were told, newest first, what they have read, and what they have acknowledged."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from command_center.notices.errors import NoticeNotFound
from command_center.notices.models import Notice
from command_center.notices.rules import TO_ACKNOWLEDGE
from command_center.notices.wording import Subject, Words, subjects, words

KEPT_READ = timedelta(days=90)
KEPT_UNREAD = timedelta(days=365)
MOST_COUNTED = 1000
MOST_IDS = 1000


def page(session: Session, user_id: int, *, unread: bool, before: int | None, limit: int) -> list[Notice]:
    """List notices, newest first, below an id."""
    rows = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(limit)
    if unread:
        rows = rows.where(Notice.read_at.is_(None))
    if before is not None:
        rows = rows.where(Notice.id < before)
    return list(session.scalars(rows))


def described(session: Session, rows: Iterable[Notice], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Say what each is about, in both languages."""
    rows = list(rows)
    about = subjects(session, [row.seq for row in rows])
    return [item(row, about.get(row.seq), zone) for row in rows]


def item(row: Notice, subject: Subject | None, zone: ZoneInfo) -> dict[str, Any]:
    """A notice as plain JSON: of the REST interface and of the live messages."""
    said = words(row.kind, subject, zone) if subject is not None else Words(row.number, row.number)
    return {
        "id": row.id,
        "kind": row.kind,
        "number": row.number,
        "text_zh": said.zh,
        "text_en": said.en,
        "created_at": _spelt(row.created_at),
        "read_at": _spelt(row.read_at),
        "acknowledged_at": _spelt(row.acknowledged_at),
        "to_acknowledge": row.kind in TO_ACKNOWLEDGE,
    }


def _spelt(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at is not None else None


def unread_counts(session: Session, user_ids: Iterable[int]) -> dict[int, int]:
    """How many notices each has not read, `MOST_COUNTED` at most: nobody reads a larger number."""
    counts = {}
    for user_id in user_ids:
        some = select(Notice.id).where(Notice.user_id == user_id, Notice.read_at.is_(None)).limit(MOST_COUNTED)
        counts[user_id] = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return counts


def unread_count(session: Session, user_id: int) -> int:
    return unread_counts(session, [user_id])[user_id]


def read(session: Session, user_id: int, ids: list[int] | None, now: datetime) -> int:
    """Mark these notices as read, or all (None). Returns how many were not read before.

    Raises: NoticeNotFound when one of them is not there or somebody else's; then none is marked.
    """
    own = [Notice.user_id == user_id]
    if ids is not None:
        wanted = set(ids)
        known = session.scalars(select(Notice.id).where(*own, Notice.id.in_(wanted))).all()
        if len(known) != len(wanted):
            raise NoticeNotFound(field="ids")
        own.append(Notice.id.in_(wanted))
    unread = update(Notice).where(*own, Notice.read_at.is_(None)).values(read_at=now)
    done = session.execute(unread.execution_options(synchronize_session=False, preserve_rowcount=True))
    return int(done.rowcount)  # type: ignore[attr-defined]


def acknowledge(session: Session, user_id: int, notice_id: int, now: datetime) -> Notice:
    """Say that this was seen and understood; the first time counts. Raises: NoticeNotFound."""
    row = session.scalar(
        select(Notice).where(Notice.id == notice_id, Notice.user_id == user_id).with_for_update(of=Notice)
    )
    if row is None:
        raise NoticeNotFound
    row.read_at = row.read_at or now
    row.acknowledged_at = row.acknowledged_at or now
    return row


def prune(session: Session, now: datetime, limit: int) -> int:
    """Delete one batch of old notices: read ones after 90 days, forgotten ones after a year. Returns how many."""
    old = (
        select(Notice.id)
        .where(
            Notice.created_at < now - KEPT_READ,
            or_(Notice.read_at.is_not(None), Notice.created_at < now - KEPT_UNREAD),
        )
        .order_by(Notice.created_at)
        .limit(limit)
    )
    gone = session.scalars(old).all()
    session.execute(delete(Notice).where(Notice.id.in_(gone)).execution_options(synchronize_session=False))
    return len(gone)
