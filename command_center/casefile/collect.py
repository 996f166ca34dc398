"""Read one ticket's file out of the database: what the reader may see, in the reader's language.

The timeline is told from the events' own columns and details, so an action that is new to this room still shows
with everything it recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.attachments import storage
from command_center.attachments.models import Attachment
from command_center.casefile.contents import CaseFile, Entry, Fact, Map, Photo, Section, Shape
from command_center.casefile.telling import Telling, at_zone
from command_center.categories.models import Category, Condition, Department
from command_center.deadlines.clocks import Policy, colour
from command_center.events import log
from command_center.events.models import ChainHead, TicketEvent
from command_center.regions.editions import valid_in
from command_center.regions.models import Region, RegionVersion
from command_center.tickets.describe import category
from command_center.tickets.models import Ticket
from command_center.tickets.record import holder_of

# What a ticket keeps as JSON beside its node, in the order in which it is told; a ticket may lack any of them.
STANDING = (
    "zone_rules",
    "supervision",
    "extension",
    "appeal",
    "follow_up",
    "callback",
    "rating",
    "refusals",
    "request",
)
COUNTED = ("rework_count", "extensions", "suspensions", "reopened_count", "reminders")
# Which details hold codes of what. A corrected category may be told by its minor class or its condition.
CODES: tuple[tuple[type[Any], frozenset[str]], ...] = (
    (Department, frozenset({"department", "departments", "refused_by", "overruled", "default_department"})),
    (Condition, frozenset({"condition", "from", "to"})),
    (Category, frozenset({"minor", "category", "from", "to"})),
)
DATUMS = {"wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class Reader:
    """Who asked for the file: their name as it is printed, and whether the citizen's name and phone are for them."""

    name: str
    sees_reporter: bool


def collect(
    session: Session,
    ticket: Ticket,
    reader: Reader,
    *,
    key: bytes,
    photos: Path,
    zone: ZoneInfo,
    now: datetime,
    language: str,
    text: Callable[[str], str],
) -> CaseFile:
    """Put the file of a ticket together. `text` looks a key up in that language and gives the key back if unknown."""
    tell = Telling(language, zone, text, partial(_called, session, language))
    events = list(
        session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.n))
    )
    county = session.get_one(Region, ticket.county_code)
    fault = next((fault for fault in log.verify(session, key, ticket.id) if fault is not None), None)
    produced = tell.moment(now)
    return CaseFile(
        language=language,
        county=county.name,
        title=tell("title"),
        number=ticket.number,
        subtitle=tell("subtitle", number=ticket.number),
        status=tell("status", node=tell.word("node", ticket.node)),
        banner=tell("simulated") if ticket.simulated else "",
        produced=tell("produced", name=reader.name, at=produced, zone=at_zone(now, zone)),
        produced_at=now.astimezone(zone).isoformat(),
        page=tell("page", keep=("page", "pages")),
        matter=_matter(ticket, reader, tell),
        place=_place(session, ticket, tell),
        map=_map(session, ticket, tell),
        clocks=_clocks(ticket, tell, now),
        standing=_standing(session, ticket, events, tell),
        photos_title=tell("photos"),
        photos=_photos(session, ticket, events, photos, tell),
        photo_missing=tell("photo_missing"),
        nothing=tell("nothing"),
        timeline_title=tell("timeline"),
        timeline_heads=(tell("head_n"), tell("head_when"), tell("head_who"), tell("head_what")),
        timeline_note=tell("timeline_note", zone=at_zone(now, zone)),
        note_label=tell("note"),
        timeline=tuple(_entry(event, events[n - 1] if n else None, reader, tell) for n, event in enumerate(events)),
        chain=_chain(session, ticket, len(events), tell),
        sound=fault is None,
        verdict=tell("sound", at=produced, count=len(events))
        if fault is None
        else tell("broken", at=produced, n=fault.n, reason=fault.reason),
        how_to_check=tell("how_to_check", number=ticket.number),
    )


def _called(session: Session, language: str, key: str, code: str) -> str | None:
    """The name behind a department's, a category's or a condition's code, where the details keep one."""
    row: Any = None
    for model, keys in CODES:
        row = row or (session.get(model, code) if key in keys else None)
    return None if row is None else str(row.name_en if language == "en" else row.name)


def _matter(ticket: Ticket, reader: Reader, tell: Telling) -> Section:
    about = category(ticket.condition)
    levels = [about["major"], about["minor"], about["condition"]]
    condition = about["condition"]
    closing = condition["closing_en"] if tell.language == "en" else condition["closing"]
    by = ticket.reported_by
    facts = [
        Fact(tell("category"), " › ".join(tell.called(level) for level in levels if level)),
        Fact(tell("closing"), closing),
        Fact(tell("description"), ticket.description or tell("empty")),
        Fact(tell("reported_at"), tell.moment(ticket.created_at)),
        Fact(tell("captured_at"), tell.moment(ticket.captured_at)),
        Fact(tell("source"), tell.word("casefile.source", ticket.source)),
        Fact(tell("reported_by"), f"{by.name}（{tell.word('role', by.role)}）" if by else tell.word("role", "citizen")),
    ]
    if ticket.reporter:
        told = (
            [Fact(tell.key_word(k), str(v)) for k, v in ticket.reporter.items() if v not in (None, "")]
            if reader.sees_reporter
            else [Fact(tell("reporter"), tell("withheld"))]
        )
        facts += told
    return Section(tell("matter"), tuple(facts))


def _place(session: Session, ticket: Ticket, tell: Telling) -> Section:
    codes = (ticket.county_code, ticket.town_code, ticket.village_code, ticket.grid_code, ticket.base_grid_code)
    levels = ("county", "town", "village", "grid", "base_grid")
    facts = []
    for level, code in zip(levels, codes, strict=True):
        region = session.get(Region, code) if code else None
        if region is not None:
            kind = f"（{tell.word('kind', region.kind)}）" if region.kind else ""
            facts.append(Fact(tell(f"level_{level}"), f"{region.name}{kind}\n{region.code}"))
    facts.append(Fact(tell("coordinates"), f"{spelt(ticket.lon, ticket.lat)}\nWGS 84"))
    if ticket.datum != "wgs84":
        facts.append(
            Fact(tell("raw"), f"{spelt(ticket.raw_lon, ticket.raw_lat)}\n{DATUMS.get(ticket.datum, ticket.datum)}")
        )
    if ticket.accuracy_m is not None:
        facts.append(Fact(tell("accuracy"), f"± {ticket.accuracy_m:.0f} m"))
    placed = tell(f"placed_{ticket.placed}", distance=f"{ticket.distance_m:.0f}")
    facts.append(Fact(tell("placed"), placed))
    return Section(tell("place"), tuple(facts))


def spelt(lon: float, lat: float) -> str:
    """Spell a place as degrees with hemisphere; six digits are a decimetre."""
    return f"{abs(lat):.6f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.6f}° {'E' if lon >= 0 else 'W'}"


def _map(session: Session, ticket: Ticket, tell: Telling) -> Map:
    """The ticket's village as it was in the edition of the map that the ticket was placed in."""
    own = {ticket.grid_code, ticket.base_grid_code}
    place = RegionVersion
    rows = session.execute(
        select(place.code, place.level, place.synthetic, place.wkb)
        .where(*valid_in(ticket.map_edition))
        .where((place.code == ticket.village_code) | (place.parent_code == ticket.village_code))
        .order_by(place.code)
    ).all()
    shapes = [
        Shape("village" if level == "village" else "own" if code in own else "grid", bytes(wkb).hex())
        for code, level, _, wkb in rows
    ]
    synthetic = any(row.synthetic for row in rows)
    note = tell("map_synthetic") if synthetic else "" if rows else tell("map_none")
    return Map(ticket.lon, ticket.lat, tuple(shapes), tell("map_caption"), note, tell("north"))


def _clocks(ticket: Ticket, tell: Telling, now: datetime) -> Section:
    policy = Policy.from_json(ticket.policy)
    stopped = ticket.closed_at is not None
    late = ticket.closed_at is not None and ticket.closed_at > ticket.due_at
    matter = (
        tell("closed_late" if late else "closed_in_time")
        if ticket.closed_at
        else tell.word("colour", colour(now, ticket.warn_at, ticket.due_at, stopped))
    )
    facts = [
        Fact(tell("limit"), _limit(ticket, policy, tell)),
        Fact(tell("policy"), tell("policy_version", version=policy.version)),
        Fact(tell("matter_from"), tell.moment(ticket.created_at)),
        Fact(tell("matter_due"), tell.moment(ticket.due_at)),
        Fact(tell("matter_state"), matter),
        Fact(tell("closed_at"), tell.moment(ticket.closed_at)),
        Fact(tell("tier"), tell.word("tier", ticket.tier)),
        Fact(tell("tier_from"), tell.moment(ticket.tier_since)),
        Fact(tell("tier_due"), tell.moment(ticket.tier_due_at)),
        Fact(tell("generation"), str(ticket.clock_generation)),
    ]
    note = tell("clocks_note") + (" " + tell("provisional") if ticket.deadline_provisional else "")
    return Section(tell("clocks"), tuple(facts), note)


def _limit(ticket: Ticket, policy: Policy, tell: Telling) -> str:
    """The limit, and the rule zone that set it where one did."""
    limit = f"{float(policy.limit_value):g} {tell.word('casefile.unit', policy.limit_unit.value)}"
    rule = next((rule for rule in ticket.zone_rules or () if rule["limits"]), None)
    return tell("limit_by_rule", limit=limit, rule=tell.called(rule), n=rule["version"]) if rule else limit


def _standing(session: Session, ticket: Ticket, events: list[TicketEvent], tell: Telling) -> Section:
    """Where it stands now, and each order, request and sub-task that is or was on it."""
    department = ticket.department
    facts = [
        Fact(tell("node"), tell.word("node", ticket.node)),
        Fact(tell("holder"), str(holder_of(session, ticket).get("name") or tell("none"))),
        Fact(tell("department"), tell.called({"name": department.name, "name_en": department.name_en}))
        if department
        else Fact(tell("department"), tell("none")),
    ]
    for name in COUNTED:
        count = getattr(ticket, name, 0)
        if isinstance(count, int) and count:
            facts.append(Fact(tell.key_word(name), str(count)))
    for name in ("suspended_until", "merged_into_id", "disputed_at"):
        value = getattr(ticket, name, None)
        if isinstance(value, datetime):
            facts.append(Fact(tell.key_word(name), tell.moment(value)))
        elif value:
            facts.append(Fact(tell.key_word(name), _number_of(session, value)))
    for name in STANDING:
        state = getattr(ticket, name, None)
        if state:
            facts.append(Fact(tell.key_word(name), tell.value(name, state)))
    return Section(tell("standing"), (*facts, *_sub_tasks(events, tell)))


def _number_of(session: Session, ticket_id: int) -> str:
    other = session.get(Ticket, ticket_id)
    return other.number if other else str(ticket_id)


def _sub_tasks(events: list[TicketEvent], tell: Telling) -> list[Fact]:
    """The sub-tasks of 协办, read off their events: whom, what, until when, and what was answered."""
    tasks: dict[Any, list[str]] = {}
    for event in events:
        details = event.details
        if event.action == "assist":
            line = [tell.value("department", details.get("department")), str(details.get("task") or event.note)]
            until = tell.value("due_at", details["due_at"]) if details.get("due_at") else ""
            tasks[details.get("n")] = ["；".join(part for part in (*line, until) if part)]
        elif event.action == "resolve" and details.get("assist") in tasks:
            answered = f"{tell('answered')} {tell.moment(event.at)}：{details.get('answer') or event.note}"
            tasks[details["assist"]].append(answered)
        elif event.action == "answer_missed":
            told = details.get("assist", details.get("n"))
            if told in tasks:
                tasks[told].append(f"{tell('answer_missed')} {tell.moment(event.at)}")
    return [Fact(f"{tell('sub_task')} {n}", "\n".join(lines)) for n, lines in tasks.items()]


def _photos(
    session: Session, ticket: Ticket, events: list[TicketEvent], folder: Path, tell: Telling
) -> tuple[Photo, ...]:
    by_n = {event.n: event for event in events}
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.ticket_id == ticket.id)
        .order_by(Attachment.event_n, Attachment.created_at, Attachment.id)
    )
    photos = []
    for n, row in enumerate(rows, 1):
        event = by_n.get(row.event_n or 0)
        about = tell("photo_event", n=event.n, what=tell.word("action", event.action)) if event else ""
        when = tell.moment(event.at if event else row.created_at)
        photos.append(
            Photo(
                str(storage.path(folder, row.sha256).resolve()),
                tell("photo_caption", n=n, about=about, at=when, digest=row.sha256[:16]),
            )
        )
    return tuple(photos)


def _entry(event: TicketEvent, before: TicketEvent | None, reader: Reader, tell: Telling) -> Entry:
    details = dict(event.details)
    held, holds = details.pop("from_holder", None) or {}, details.pop("to_holder", None) or {}
    photos = details.pop("photos", None) or []
    for clock in ("due_at", "tier_due_at"):
        # A limit that did not move says nothing.
        if before is not None and details.get(clock) == before.details.get(clock):
            details.pop(clock, None)
    if not reader.sees_reporter:
        details.pop("reporter", None)
    facts = [Fact(tell.key_word(name), tell.value(name, value)) for name, value in details.items() if value is not None]
    if photos:
        facts.append(Fact(tell("photos_count"), str(len(photos))))
    role = tell.word("role", event.actor_role)
    return Entry(
        n=event.n,
        when=tell.two_lines(event.at),
        who=(event.actor_name or role, *([role] if event.actor_name != role else []), *_account(event)),
        what=tell.word("action", event.action),
        moved=_moved(event, held, holds, tell),
        note=event.note,
        facts=tuple(facts),
        hash=event.hash,
    )


def _account(event: TicketEvent) -> list[str]:
    return [event.actor_username] if event.actor_id is not None else []


def _moved(event: TicketEvent, held: dict[str, Any], holds: dict[str, Any], tell: Telling) -> str:
    def stands(node: str | None, tier: str | None, holder: dict[str, Any]) -> str:
        words = [tell.word("node", node or ""), tell.word("tier", tier or ""), str(holder.get("name") or "")]
        return " · ".join(word for word in words if word)

    there = stands(event.to_node, event.to_tier, holds)
    if event.from_node is None:
        return f"→ {there}"
    here = stands(event.from_node, event.from_tier, held)
    return there if here == there else f"{here} → {there}"


def _chain(session: Session, ticket: Ticket, count: int, tell: Telling) -> Section:
    head = session.get(ChainHead, ticket.id)
    facts = [Fact(tell("events"), str(count))]
    if head is not None:
        facts += [
            Fact(tell("head_count"), str(head.n)),
            Fact(tell("last_hash"), head.last),
            Fact(tell("seal"), head.seal),
        ]
    else:
        facts.append(Fact(tell("last_hash"), tell("head_gone")))
    return Section(tell("chain"), tuple(facts))
