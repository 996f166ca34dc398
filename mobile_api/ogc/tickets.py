"""Tickets, as far as the caller may see them: what a map needs. No words of a report, and nothing of persons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from command_center.categories.models import Category, Condition
from command_center.people.models import User
from command_center.tickets.describe import moment
from command_center.tickets.models import Ticket
from command_center.tickets.queries import COUNTED
from command_center.tickets.sight import visible_tickets
from mobile_api.ogc.features import Feature, Page
from mobile_api.ogc.query import Query, refuse

FILTERS = ("node", "tier", "grid_code", "village_code", "town_code", "department_code", "condition_code", "source")
WHOLE = (
    joinedload(Ticket.condition).joinedload(Condition.minor).joinedload(Category.parent),
    joinedload(Ticket.department),
)


@dataclass(frozen=True)
class Tickets:
    """The tickets that one person may see, in the order they came in."""

    user: User

    def page(self, session: Session, query: Query, now: datetime) -> Page:
        """One page; beyond ten thousand they are not counted."""
        wanted = self._wanted(select(Ticket.id), query)
        counted = session.scalar(select(func.count()).select_from(wanted.limit(COUNTED + 1).subquery())) or 0
        ids = self._ids(session, wanted, query)
        rows = session.scalars(select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).options(*WHOLE)).all()
        features = [_feature(row, now) for row in rows]
        following, before = self._around(session, wanted, ids)
        return Page(features, counted if counted <= COUNTED else None, following, before)

    def one(self, session: Session, fid: str, now: datetime) -> Feature | None:
        """A ticket by its number."""
        wanted = select(Ticket).where(Ticket.number == fid[:32], visible_tickets(self.user)).options(*WHOLE)
        row = session.scalar(wanted)
        return _feature(row, now) if row else None

    def stamp(self, session: Session) -> None:
        """None: what is true of tickets changes all the time."""

    def extent(self, session: Session, now: datetime) -> tuple[float, float, float, float] | None:
        return None

    def begins(self, session: Session, now: datetime) -> datetime | None:
        return session.scalar(select(func.min(Ticket.created_at)).where(visible_tickets(self.user)))

    def _wanted(self, rows: Select[Any], query: Query) -> Select[Any]:
        rows = rows.where(visible_tickets(self.user))
        for name, value in query.equals:
            rows = rows.where(getattr(Ticket, name) == value)
        if query.period and query.period.begins:
            rows = rows.where(Ticket.created_at >= query.period.begins)
        if query.period and query.period.ends:
            rows = rows.where(Ticket.created_at <= query.period.ends)
        if query.boxes:
            inside = [
                and_(Ticket.lon.between(west, east), Ticket.lat.between(south, north))
                for west, south, east, north in query.boxes
            ]
            rows = rows.where(or_(*inside))
        return rows

    def _ids(self, session: Session, wanted: Select[Any], query: Query) -> list[int]:
        if query.before is not None:
            rows = wanted.where(Ticket.id < _id(session, query.before, "before")).order_by(Ticket.id.desc())
            return sorted(session.scalars(rows.limit(query.limit)))
        if query.after is not None:
            wanted = wanted.where(Ticket.id > _id(session, query.after, "after"))
        return list(session.scalars(wanted.order_by(Ticket.id).offset(query.offset).limit(query.limit)))

    def _around(self, session: Session, wanted: Select[Any], ids: list[int]) -> tuple[str | None, str | None]:
        """The numbers between which the page lies, where there is something beyond."""
        if not ids:
            return None, None
        later = session.scalar(wanted.where(Ticket.id > ids[-1]).limit(1))
        earlier = session.scalar(wanted.where(Ticket.id < ids[0]).limit(1))
        number = select(Ticket.number)
        return (
            session.scalar(number.where(Ticket.id == ids[-1])) if later else None,
            session.scalar(number.where(Ticket.id == ids[0])) if earlier else None,
        )


def _id(session: Session, number: str, parameter: str) -> int:
    """Where in the order a ticket stands, be it visible or not: it may have left one's sight between two pages."""
    found = session.scalar(select(Ticket.id).where(Ticket.number == number))
    return refuse(parameter, "没有这个工单", "there is no such ticket") if found is None else found


def _feature(row: Ticket, now: datetime) -> Feature:
    minor = row.condition.minor
    return Feature(
        row.number,
        shapely.Point(row.lon, row.lat),
        {
            "number": row.number,
            "node": row.node,
            "tier": row.tier,
            "condition_code": row.condition_code,
            "category": minor.name,
            "category_en": minor.name_en,
            "major": minor.parent.name if minor.parent else None,
            "grid_code": row.grid_code,
            "village_code": row.village_code,
            "town_code": row.town_code,
            "county_code": row.county_code,
            "department_code": row.department_code,
            "department": row.department.name if row.department else None,
            "source": row.source,
            "created_at": moment(row.created_at),
            "due_at": moment(row.due_at),
            "closed_at": moment(row.closed_at),
            "overdue": (row.closed_at or now) > row.due_at,
            "placed": row.placed,
            "accuracy_m": row.accuracy_m,
            "map_edition": row.map_edition,
            "synthetic": row.simulated,
        },
    )
