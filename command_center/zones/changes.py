"""Storing rule zones: a new one, its next version, its end. All of a version or none, in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.database import insert_or_ignore, table_of
from command_center.errors import VersionStale
from command_center.zones import queries
from command_center.zones.drafts import Draft, ZoneFault
from command_center.zones.errors import TooManyZones, ZoneRetired
from command_center.zones.models import ZoneVersion

MOST_ZONES = 1_000
# What a version says; the rest is when, who and why.
CONTENT = ("kind", "name", "name_en", "wkb", "buffer_m", "season_from", "season_to", "categories", "effects")


def create(session: Session, draft: Draft, by: str, now: datetime, *, note: str = "") -> ZoneVersion:
    """Store a new zone; `note` where the draft has none. It is in force at once, or from the draft's date.

    Raises: TooManyZones.
    """
    while True:
        code, why = _next_code(session), draft.note or note
        row = _store(session, code, 1, draft.content(), why, by, now, draft.valid_from, draft.valid_until)
        if row is not None:
            return row


def change(session: Session, code: str, version: int, draft: Draft, by: str, now: datetime) -> ZoneVersion:
    """Store the next version of a zone; a retired one comes back by it. `version`: the one it was made from.

    Raises: UnknownZone, VersionStale, ZoneInvalid when it says nothing new.
    """
    last = _newest(session, code, version)
    content = draft.content()
    same = not last.retired and all(content[name] == getattr(last, name) for name in CONTENT)
    if same and draft.valid_until == last.valid_until and draft.valid_from in (None, last.valid_from):
        raise ZoneFault("document", "unchanged").refusal()
    row = _store(session, code, version + 1, content, draft.note, by, now, draft.valid_from, draft.valid_until)
    if row is None:
        raise VersionStale
    return row


def retire(
    session: Session, code: str, version: int, note: str, by: str, now: datetime, at: datetime | None = None
) -> ZoneVersion:
    """End a zone, at once or at a date: a last version that says so. Raises: UnknownZone, VersionStale, ZoneRetired."""
    last = _newest(session, code, version)
    if last.retired:
        raise ZoneRetired(zone=code)
    content = {name: getattr(last, name) for name in (*CONTENT, "source", "synthetic")}
    row = _store(session, code, version + 1, content | {"retired": True}, note, by, now, at, None)
    if row is None:
        raise VersionStale
    return row


def _newest(session: Session, code: str, version: int) -> ZoneVersion:
    last = queries.versions_of(session, code)[-1]
    if last.version != version:
        raise VersionStale(version=last.version)
    return last


def _next_code(session: Session) -> str:
    codes = list(session.scalars(select(ZoneVersion.zone_code).distinct()))
    if len(codes) >= MOST_ZONES:
        raise TooManyZones(most=MOST_ZONES)
    return f"Z{max((int(code[1:]) for code in codes), default=0) + 1:04d}"


def _store(
    session: Session,
    code: str,
    version: int,
    content: dict[str, Any],
    note: str,
    by: str,
    now: datetime,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> ZoneVersion | None:
    """Insert a version; None when somebody else stored one of that number meanwhile."""
    values = {
        "zone_code": code,
        "version": version,
        "retired": False,
        **content,
        "note": note,
        "valid_from": valid_from or now,
        "valid_until": valid_until,
        "created_at": now,
        "created_by": by[:64],
    }
    done = session.execute(insert_or_ignore(session, table_of(ZoneVersion), values))
    if not done.rowcount:  # type: ignore[attr-defined]
        return None
    wanted = select(ZoneVersion).where(ZoneVersion.zone_code == code, ZoneVersion.version == version)
    return session.scalars(wanted).one()
