"""The words of a notice, in Chinese and English, from one place: `texts/{zh,en}.json` beside this file.

They are made when they are shown, from the event, which never changes, and the names of its category and place.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Category, Condition, Department
from command_center.events.models import Published, TicketEvent
from command_center.notices.rules import SYSTEM
from command_center.regions.models import Region
from command_center.tickets.models import Ticket

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("zh", "en")
LONGEST_NOTE = 60
IN_ONE_QUERY = 400


class Words(NamedTuple):
    """A notice in both languages."""

    zh: str
    en: str


class Subject(NamedTuple):
    """What the words are made from: the event, and the names of what it is about."""

    event: TicketEvent
    category: Words
    place: str
    department: Words


@cache
def texts(language: str) -> Mapping[str, str]:
    read: dict[str, str] = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    return read


def subjects(session: Session, seqs: Iterable[int]) -> dict[int, Subject]:
    """Read the events of these public numbers, with the names they need."""
    wanted = sorted(set(seqs))
    found: dict[int, Subject] = {}
    for start in range(0, len(wanted), IN_ONE_QUERY):
        rows = session.execute(
            select(Published.seq, TicketEvent, Category.name, Category.name_en, Region.name)
            .join(TicketEvent, TicketEvent.id == Published.event_id)
            .join(Ticket, Ticket.id == TicketEvent.ticket_id)
            .join(Condition, Condition.code == Ticket.condition_code)
            .join(Category, Category.code == Condition.minor_code)
            .join(Region, Region.code == TicketEvent.village_code)
            .where(Published.seq.in_(wanted[start : start + IN_ONE_QUERY]))
        )
        for seq, event, name, name_en, place in rows:
            found[seq] = Subject(event, Words(name, name_en or name), place, _department(session, event))
    return found


def _department(session: Session, event: TicketEvent) -> Words:
    code = event.details.get("department")
    row = session.get(Department, code) if isinstance(code, str) else None
    return Words(row.name, row.name_en or row.name) if row is not None else Words("", "")


def words(kind: str, subject: Subject, zone: ZoneInfo) -> Words:
    """Say it in both languages. A text of its own for an action (`missed.report_missed`) goes before the kind's."""
    return Words(*(_in(language, kind, subject, zone) for language in LANGUAGES))


def _in(language: str, kind: str, subject: Subject, zone: ZoneInfo) -> str:
    known, event = texts(language), subject.event
    details = event.details
    supervision = _part(details, "supervision")
    chinese = language == "zh"
    facts = {
        "number": event.number,
        "category": subject.category.zh if chinese else subject.category.en,
        "place": subject.place,
        "department": subject.department.zh if chinese else subject.department.en,
        "who": event.actor_name if event.actor_role != SYSTEM else known["system"],
        "node": known.get(f"node.{event.to_node}", event.to_node),
        "holder": _part(details, "to_holder").get("name") or known["nobody"],
        "due": _moment(details.get("due_at"), zone, known),
        "report_back": _moment(supervision.get("report_back_at"), zone, known),
        "answer_due": _moment(_answer_due(details), zone, known),
        "colour": known.get(f"colour.{supervision.get('colour')}", ""),
        "into": str(details.get("into") or ""),
        "outcome": known["outcome.yes" if _granted(details) else "outcome.no"],
        "zones": known["and"].join(_zones(details, chinese)),
        "clock": known["clock.tier" if details.get("clock") == "tier" else "clock.matter"],
    }
    text = known.get(f"{kind}.{event.action}") or known.get(kind) or known["other"]
    said = text.format_map(facts)
    note = " ".join(event.note.split())
    if note:
        said += known["note"].format(note=note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 1] + "…")
    return said


def _zones(details: Mapping[str, Any], chinese: bool) -> list[str]:
    """The names of the rule zones an event says were met."""
    return [rule["name" if chinese else "name_en"] for rule in details.get("zone_rules") or ()]


def _part(details: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A part of the details that an event of an older version may lack."""
    found = details.get(name)
    return found if isinstance(found, dict) else {}


def _answer_due(details: Mapping[str, Any]) -> Any:
    """By when the departments asked together should answer."""
    asked = details.get("assists")
    return asked[0].get("due_at") if isinstance(asked, list) and asked and isinstance(asked[0], dict) else None


def _granted(details: Mapping[str, Any]) -> bool:
    return bool(details.get("granted")) or details.get("outcome") in ("approved", "corrected")


def _moment(spelt: Any, zone: ZoneInfo, known: Mapping[str, str]) -> str:
    """A time as people here read it; an event may have none."""
    if not isinstance(spelt, str):
        return known["no_time"]
    try:
        return datetime.fromisoformat(spelt).astimezone(zone).strftime("%m/%d\u00a0%H:%M")
    except ValueError:
        return known["no_time"]


def digest(all_words: list[str], language: str, most: int = 3) -> str:
    """Several matters in one text: how many, and the first few of them."""
    known = texts(language)
    if len(all_words) == 1:
        return all_words[0]
    rest = known["and_more"] if len(all_words) > most else ""
    return known["digest"].format(n=len(all_words), matters=known["between"].join(all_words[:most])) + rest
