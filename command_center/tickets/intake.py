"""A report becomes a ticket: placed in its grid, numbered, with both clocks running, in one transaction."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from command_center.categories.lookup import find_condition
from command_center.database import insert_or_ignore, table_of
from command_center.errors import CapturedInFuture, KeyReused
from command_center.events.canonical import canonical
from command_center.tickets import clockwork, placing, zoning
from command_center.tickets.actor import Actor
from command_center.tickets.models import RepeatableWrite, Ticket
from command_center.tickets.numbers import next_number
from command_center.tickets.office import Office
from command_center.tickets.photos import take_photos
from command_center.tickets.record import load_regions, record
from command_center.tickets.standing import Node, Tier

CLOCK_AHEAD = timedelta(minutes=5)
# What is counted on a ticket, from nothing; the clocks' own columns are written by clockwork.
COUNTS = (
    "rework_count",
    "supervisions",
    "reminders",
    "assist_count",
    "reopened_count",
    "follow_ups",
    "extensions",
    "suspensions",
)


@dataclass(frozen=True)
class Draft:
    """A report as the door hands it in. lon, lat: degrees, WGS 84; raw_lon, raw_lat: as it came, in `datum`; grid:
    which of the grids within its accuracy the person says it is."""

    category: str
    lon: float
    lat: float
    description: str = ""
    datum: str = "wgs84"
    raw_lon: float | None = None
    raw_lat: float | None = None
    accuracy_m: float | None = None
    grid: str | None = None
    captured_at: datetime | None = None
    photos: tuple[str, ...] = ()
    reporter: dict[str, Any] | None = None
    source: str = "patrol"
    simulated: bool = False
    details: dict[str, Any] = field(default_factory=dict)


def report(session: Session, office: Office, draft: Draft, by: Actor, now: datetime) -> Ticket:
    """Take a report in. Raises: OutsideCounty, NotACandidate, UnknownCategory, CapturedInFuture, UnknownAttachment."""
    if draft.captured_at is not None and draft.captured_at > now + CLOCK_AHEAD:
        raise CapturedInFuture(field="captured_at")
    condition = find_condition(session, draft.category)
    place = placing.find(office.grids, draft.lon, draft.lat, draft.accuracy_m, draft.grid)
    judgement = zoning.judge(office, condition, draft.lon, draft.lat, now)
    policy = judgement.policy
    ticket = Ticket(
        version=1,
        number=next_number(session, place.county, now.astimezone(office.zone).date()),
        condition=condition,
        description=draft.description,
        lon=draft.lon,
        lat=draft.lat,
        raw_lon=draft.lon if draft.raw_lon is None else draft.raw_lon,
        raw_lat=draft.lat if draft.raw_lat is None else draft.raw_lat,
        datum=draft.datum,
        accuracy_m=draft.accuracy_m,
        candidates=place.candidates,
        placed=place.placed,
        distance_m=place.distance_m,
        grid_code=place.grid,
        base_grid_code=place.base_grid,
        village_code=place.village,
        town_code=place.town,
        county_code=place.county,
        map_edition=office.map_edition,
        captured_at=draft.captured_at,
        source=draft.source,
        reported_by_id=by.id,
        reporter=draft.reporter,
        simulated=draft.simulated,
        node=str(Node.INTAKE),
        tier=str(Tier.VILLAGE),
        settling_tier=condition.settling_tier,
        **dict.fromkeys(COUNTS, 0),
        policy=policy.to_json(),
        zone_rules=judgement.to_json(),
        urgent=judgement.urgent,
        created_at=now,
        updated_at=now,
        clock_generation=1,
        tier_generation=1,
    )
    clockwork.start_matter_clock(ticket, office, now)
    clockwork.start_tier_clock(ticket, office, now)
    session.add(ticket)
    session.flush()
    clockwork.add_steps(session, ticket, office, clockwork.MATTER, clockwork.TIER)
    load_regions(session, [ticket])
    details: dict[str, Any] = {
        **draft.details,
        "condition": condition.code,
        "minor": condition.minor_code,
        "source": draft.source,
        "simulated": draft.simulated,
        "lon": draft.lon,
        "lat": draft.lat,
        "datum": draft.datum,
        "raw_lon": ticket.raw_lon,
        "raw_lat": ticket.raw_lat,
        "accuracy_m": draft.accuracy_m,
        "captured_at": draft.captured_at.isoformat() if draft.captured_at else None,
        "policy_version": policy.version,
        "policy_sha256": hashlib.sha256(canonical(ticket.policy).encode()).hexdigest(),
        "placed": place.placed,
        "distance_m": round(place.distance_m, 3),
        "description_sha256": hashlib.sha256(draft.description.encode()).hexdigest(),
    }
    details |= {"candidates": place.candidates} if place.candidates else {}
    details |= {"zone_rules": ticket.zone_rules} if ticket.zone_rules else {}
    photos = take_photos(session, ticket, draft.photos, by)
    details |= {"photos": [photo.id for photo in photos]} if photos else {}
    event = record(session, office, ticket, "report", by, now, before=None, was=None, details=details)
    for photo in photos:
        photo.event_n = event.n
    return ticket


def first_time(session: Session, by: Actor, key: str, body: Any, now: datetime) -> RepeatableWrite | None:
    """Take an Idempotency-Key. None: it is new and now ours. A row: it was used before, here is its answer.

    Two that send the same key at once meet at the primary key: the second waits for the first to commit.
    Raises: KeyReused when the body differs from the first one.
    """
    digest = hashlib.sha256(canonical(body).encode()).hexdigest()
    values = {"user_id": by.id, "key": key, "body_hash": digest, "ticket_id": None, "created_at": now}
    taken = session.execute(insert_or_ignore(session, RepeatableWrite.__table__, values))
    if taken.rowcount == 1:  # type: ignore[attr-defined]
        return None
    before = session.get_one(RepeatableWrite, (by.id, key))
    if before.body_hash != digest:
        raise KeyReused
    return before


def remember(session: Session, by: Actor, key: str, ticket: Ticket) -> None:
    """Keep which ticket a key led to, in the same transaction."""
    table = table_of(RepeatableWrite)
    session.execute(update(table).where(table.c.user_id == by.id, table.c.key == key).values(ticket_id=ticket.id))
