"""The arithmetic of the chain: what of an event is hashed, in which spelling, and how a chain's head is sealed.

Pure. `link` hashes an event that is about to be stored; `link_of_row` gives the same for a row as the database
keeps it, without building objects or reading JSON, which makes a million events a matter of seconds.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from command_center.events.canonical import canonical
from command_center.events.models import TicketEvent

GENESIS = "0" * 64
# Every column of an event but its own hash and its id, which the database gives after the hash is made.
HASHED = tuple(c.key for c in TicketEvent.__table__.columns if c.key not in {"id", "hash"})
# The same in the order in which canonical JSON spells them: what `link_of_row` wants.
SPELT = tuple(sorted(HASHED))

_TEMPLATE = "{" + ",".join(f'"{name}":%s' for name in SPELT) + "}"
_AT, _DETAILS = SPELT.index("at"), SPELT.index("details")
_quoted = json.encoder.encode_basestring


def link(key: bytes, event: TicketEvent) -> str:
    """Compute the HMAC of an event from its columns, as 64 hexadecimal digits."""
    return hmac.new(
        key, canonical({name: _plain(getattr(event, name)) for name in HASHED}).encode(), hashlib.sha256
    ).hexdigest()


def link_of_row(key: bytes, row: Sequence[Any]) -> str | None:
    """Compute the same HMAC from the columns named by SPELT as the database's driver gives them.

    `details` is kept as canonical text, so it goes in as it stands: even another spelling of the same JSON shows.
    None for values that no event of ours can have, such as bytes or half a character.
    """
    try:
        spelt = [_quoted(v) if type(v) is str else "null" if v is None else canonical(v) for v in _plain_time(row)]
        spelt[_DETAILS] = row[_DETAILS]
        return hmac.digest(key, (_TEMPLATE % tuple(spelt)).encode(), "sha256").hex()
    except (TypeError, ValueError, AttributeError, IndexError):
        return None


def head_seal(key: bytes, ticket_id: int, n: int, last: str) -> str:
    """Seal the head of a chain, so that moving it back needs the key too."""
    return hmac.new(key, f"head:{ticket_id}:{n}:{last}".encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _plain_time(row: Sequence[Any]) -> list[Any]:
    """SQLite keeps a time as text, UTC without saying so: `2026-11-21 06:00:00.000000`."""
    values = list(row)
    at = values[_AT]
    if isinstance(at, datetime):
        values[_AT] = _plain(at)
    elif at[10] == " ":
        values[_AT] = f"{at[:10]}T{at[11:]}+00:00"
    return values
