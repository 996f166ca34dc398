"""The fast way of hashing a stored row gives what the slow way gave when the event was written."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.events.canonical import canonical
from command_center.events.chain import HASHED, SPELT, head_seal, link, link_of_row
from command_center.events.models import TicketEvent

KEY = b"the tests' own key"
KNOWN = "733e7cf819ce03691a595667f1757dc89eda0732edbca4cc526a7eb6f5ad8f91"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def events(draw: Any) -> TicketEvent:
    columns: dict[str, Any] = {}
    for name in HASHED:
        kind = TicketEvent.__table__.columns[name].type.python_type
        if name == "at":
            columns[name] = draw(TIMES)
        elif name == "details":
            columns[name] = draw(st.dictionaries(TEXTS, JSON, max_size=4))
        elif kind is int:
            columns[name] = draw(st.integers(0, 2**60))
        else:
            columns[name] = draw(TEXTS | st.none())
    return TicketEvent(**columns)


def stored(event: TicketEvent, at: Any) -> list[Any]:
    return [
        canonical(event.details) if name == "details" else at if name == "at" else getattr(event, name)
        for name in SPELT
    ]


@given(events())
def test_a_row_of_sqlite_hashes_like_its_event(event: TicketEvent) -> None:
    assert link_of_row(KEY, stored(event, f"{event.at:%Y-%m-%d %H:%M:%S.%f}")) == link(KEY, event)


@given(events(), st.integers(-12, 14))
def test_a_row_of_postgresql_hashes_like_its_event_in_any_zone(event: TicketEvent, hours: int) -> None:
    at = event.at.astimezone(timezone(timedelta(hours=hours)))
    assert link_of_row(KEY, stored(event, at)) == link(KEY, event)


def test_what_is_hashed_is_what_always_was() -> None:
    """Chains of existing installations must still verify: these bytes and these columns never change."""
    event = TicketEvent(**dict.fromkeys(HASHED))
    event.at = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    event.details = {"b": 1.5, "a": "线"}
    event.n = event.ticket_id = 1
    nulls = dict.fromkeys(HASHED)
    spelt = canonical(
        nulls | {"at": "2026-11-20T01:00:00.000000+00:00", "details": {"a": "线", "b": 1.5}, "n": 1, "ticket_id": 1}
    )
    assert link(KEY, event) == hmac.new(KEY, spelt.encode(), hashlib.sha256).hexdigest()
    assert hashlib.sha256(spelt.encode()).hexdigest() == KNOWN
    assert head_seal(KEY, 1, 2, "ab") == hmac.new(KEY, b"head:1:2:ab", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("value", [b"bytes", "half\ud83d", float("nan"), object()])
def test_a_value_that_no_event_can_have_has_no_hash(value: Any) -> None:
    row: list[Any] = [None] * len(SPELT)
    row[SPELT.index("at")], row[SPELT.index("details")] = "2026-11-20 01:00:00.000000", "{}"
    assert link_of_row(KEY, row) is not None
    row[SPELT.index("note")] = value
    assert link_of_row(KEY, row) is None


@pytest.mark.parametrize("at", [None, 5, "", "2026-11-20", b"2026-11-20 01:00:00.000000"])
def test_a_time_that_is_none_has_no_hash_of_an_event(at: Any) -> None:
    row: list[Any] = [None] * len(SPELT)
    row[SPELT.index("at")], row[SPELT.index("details")] = "2026-11-20 01:00:00.000000", "{}"
    right = link_of_row(KEY, row)
    row[SPELT.index("at")] = at
    assert link_of_row(KEY, row) != right
