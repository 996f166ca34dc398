"""The editions of the clocks' rules, as stored: read one, list them, store the next."""

import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.database import insert_or_ignore, table_of
from command_center.deadlines.editions import DEFAULT_EDITION, Edition, PolicyFault
from command_center.deadlines.errors import PolicyInvalid, PolicyMoved, UnknownPolicy
from command_center.deadlines.models import PolicyVersion

LONGEST_NOTE = 500


def newest_version(session: Session) -> int:
    """Tell which version holds for new tickets; the program's own, 1, while none is stored."""
    found = session.scalar(select(PolicyVersion.version).order_by(PolicyVersion.version.desc()).limit(1))
    return DEFAULT_EDITION.version if found is None else found


def read(session: Session, version: int | None = None) -> Edition:
    """Read one edition, the newest when none is named. Raises: UnknownPolicy."""
    row = find(session, newest_version(session) if version is None else version)
    return Edition.from_document(row.document, row.version)


def find(session: Session, version: int) -> PolicyVersion:
    """Find one stored version; while none is stored, the program's own stands for version 1.

    Raises: UnknownPolicy.
    """
    row = session.get(PolicyVersion, version) if 0 < version < 2**31 else None
    if row is not None:
        return row
    if version == DEFAULT_EDITION.version and newest_version(session) == version:
        return PolicyVersion(version=version, document=DEFAULT_EDITION.to_document(), note="", created_by="system")
    raise UnknownPolicy(version=version)


def listed(session: Session, *, before: int | None, limit: int) -> list[PolicyVersion]:
    """List the stored versions, the newest first, `before` a version."""
    query = select(PolicyVersion).order_by(PolicyVersion.version.desc()).limit(limit)
    if before is not None:
        query = query.where(PolicyVersion.version < before)
    return list(session.scalars(query))


def check_based_on(session: Session, based_on: int) -> None:
    """Refuse an edit of anything but the newest version. Raises: PolicyMoved."""
    newest = newest_version(session)
    if based_on != newest:
        raise PolicyMoved(newest=newest, field="based_on")


def checked(session: Session, document: Any, conditions: Collection[str]) -> Edition:
    """Read a document as the next edition. `conditions`: the codes that exist. Raises: PolicyInvalid."""
    newest = read(session)
    try:
        edition = Edition.from_document(document, newest.version + 1)
        for code in edition.conditions:
            if code not in conditions:
                raise PolicyFault(f"conditions.{code[:32]}", "condition")
        if edition.to_document() == newest.to_document():
            raise PolicyFault("document", "unchanged")
    except PolicyFault as fault:
        raise PolicyInvalid(
            field="document" if fault.field == "document" else f"document.{fault.field}",
            where=fault.field,
            why_zh=fault.zh,
            why_en=fault.en,
        ) from fault
    return edition


def store(session: Session, edition: Edition, note: str, by: str, now: datetime) -> PolicyVersion:
    """Store the next edition. Raises: PolicyMoved when somebody stored that version meanwhile."""
    if edition.version == DEFAULT_EDITION.version + 1:
        # Where nothing was stored before, tickets carry version 1 all the same: it must be found.
        _insert(session, DEFAULT_EDITION, "", "system", now)
    if not _insert(session, edition, note, by, now):
        raise PolicyMoved(newest=newest_version(session), field="based_on")
    return session.get_one(PolicyVersion, edition.version)


def _insert(session: Session, edition: Edition, note: str, by: str, now: datetime) -> bool:
    """Insert a version if it is not there; tells whether it was not."""
    values: dict[str, Any] = {
        "version": edition.version,
        "document": edition.to_document(),
        "note": note[:LONGEST_NOTE],
        "created_at": now,
        "created_by": by,
    }
    done = session.execute(insert_or_ignore(session, table_of(PolicyVersion), values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def load(session: Session, path: Path, now: datetime) -> int:
    """Store the shipped rules as version 1 where none are stored yet. Returns how many versions are stored then.

    path: a JSON file `{note, document, sources}`. Raises: ValueError for a fault in it.
    """
    if session.scalar(select(PolicyVersion.version).limit(1)) is None:
        # A data folder of the operator's own may be older than the file.
        file: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        store(session, Edition.from_document(file.get("document", {}), 1), str(file.get("note", "")), "system", now)
    return len(session.scalars(select(PolicyVersion.version)).all())
