"""Fills the inboxes and the queue of outgoing messages from the published events, exactly once for each event.

The cursor is committed together with what was made of the events it passed: whoever is killed, whoever else reads
along, no event is told twice and none is left out.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from command_center.database import Sessions, insert_or_ignore, table_of
from command_center.events.models import Published, TicketEvent
from command_center.notices import inbox, outbox
from command_center.notices.audience import Audience, audiences
from command_center.notices.invitations import Links, invite
from command_center.notices.models import Notice, NoticesCursor, Webhook
from command_center.notices.rules import BY_SMS
from command_center.notices.wording import subjects
from command_center.regions.editions import successor

log = logging.getLogger(__name__)
BATCH = 200
ONLY = 1
ROWS_AT_ONCE = 500
# Simulated history, and what waited while nobody read: after a day it is no news, after an hour no message.
NEWS = timedelta(days=1)
URGENT_NEWS = timedelta(hours=1)
# So many live messages to one user at once: the bell's number is right in any case.
MOST_LIVE = 20


class Live(NamedTuple):
    """A notice to be shown at once on the screens of one user."""

    user_id: int
    message: dict[str, Any]


Tell = Callable[[Sequence[Live]], None]


def catch_up(
    sessions: Sessions,
    zone: ZoneInfo,
    now: datetime,
    *,
    sms: bool = False,
    links: Links | None = None,
    tell: Tell | None = None,
) -> int:
    """Read all published events that nobody was told of. Returns how many; `tell` hears of the notices made."""
    read = 0
    while True:
        with sessions.begin() as session:
            events, made = advance(session, now, sms=sms, links=links)
        if made and tell is not None:
            with sessions.read() as session:
                live = _live(session, made, zone)
            tell(live)
        read += events
        if events < BATCH:
            return read


def advance(
    session: Session, now: datetime, *, sms: bool = False, links: Links | None = None, limit: int = BATCH
) -> tuple[int, list[int]]:
    """Tell of one batch of events; cursor, notices and messages change in the caller's one transaction.

    links: of what the links to the rating page are made; None: no reporter is asked by SMS.

    Returns how many events were read, and the ids of the notices made.
    """
    cursor = _locked_cursor(session, now)
    rows = session.execute(
        select(Published.seq, TicketEvent)
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .where(Published.seq > cursor.seq)
        .order_by(Published.seq)
        .limit(limit)
    ).all()
    if not rows:
        return 0, []
    cursor.seq = rows[-1][0]
    fresh = {event.id: seq for seq, event in rows if event.at > now - NEWS}
    told = [
        (fresh[audience.event.id], audience)
        for audience in audiences(session, [event for _, event in rows if event.id in fresh])
    ]
    made = _write(session, told)
    urgent = [entry for entry in told if entry[1].event.at > now - URGENT_NEWS]
    _send(session, urgent, now, sms=sms)
    if links is not None:
        invite(session, [audience.event for _, audience in urgent], links, now)
    return len(rows), made


def _locked_cursor(session: Session, now: datetime) -> NoticesCursor:
    cursor = session.scalar(select(NoticesCursor).where(NoticesCursor.id == ONLY).with_for_update())
    if cursor is None:
        first = {"id": ONLY, "seq": _where_news_begin(session, now)}
        session.execute(insert_or_ignore(session, NoticesCursor.__table__, first))
        cursor = session.scalars(select(NoticesCursor).where(NoticesCursor.id == ONLY).with_for_update()).one()
    return cursor


def _where_news_begin(session: Session, now: datetime) -> int:
    """The first time, an installation may have years of history: look back from the newest to what is no news."""
    return (
        session.scalar(
            select(Published.seq)
            .join(TicketEvent, TicketEvent.id == Published.event_id)
            .where(TicketEvent.at <= now - NEWS)
            .order_by(Published.seq.desc())
            .limit(1)
        )
        or 0
    )


Entry = tuple[int, Audience]


def _write(session: Session, told: Sequence[Entry]) -> list[int]:
    rows = [
        {
            "user_id": one.person.id,
            "seq": seq,
            "kind": str(one.kind),
            "number": audience.event.number,
            "created_at": audience.event.at,
        }
        for seq, audience in told
        for one in audience.told
    ]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made: list[int] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        # The cursor already keeps an event from being told twice; the key says so to the database as well.
        statement = insert(table_of(Notice)).values(rows[start : start + ROWS_AT_ONCE])
        statement = statement.on_conflict_do_nothing(index_elements=["user_id", "seq"])
        made += session.scalars(statement.returning(table_of(Notice).c.id))
    return made


def _send(session: Session, told: Sequence[Entry], now: datetime, *, sms: bool) -> None:
    """Queue what leaves the house: to other systems by region and kind, to people by the few kinds that must."""
    matters: dict[tuple[str, str], list[outbox.Matter]] = defaultdict(list)
    hooks = session.scalars(select(Webhook).where(Webhook.active.is_(True)).order_by(Webhook.id)).all()
    # What was subscribed under a code that has left the map since goes on with the region that has most of its land.
    watched = {hook.id: successor(session, hook.region_code) for hook in hooks} if told else {}
    for seq, (event, kinds, people) in told:
        for hook in hooks:
            wanted = [kind for kind in kinds if not hook.kinds or kind in hook.kinds]
            if wanted and watched[hook.id] in _regions(event):
                matters[outbox.WEBHOOK, f"webhook:{hook.id}"].append((seq, str(wanted[0])))
        for one in people:
            if sms and one.kind in BY_SMS and one.person.phone:
                matters[outbox.SMS, f"user:{one.person.id}"].append((seq, str(one.kind)))
    for (channel, recipient), found in matters.items():
        outbox.enqueue(session, channel, recipient, found, now)


def _regions(event: TicketEvent) -> set[str | None]:
    return {event.grid_code, event.base_grid_code, event.village_code, event.town_code, event.county_code}


def _live(session: Session, made: Sequence[int], zone: ZoneInfo) -> list[Live]:
    """The newest notices of each user, with how many they have not read."""
    latest: dict[int, list[Notice]] = defaultdict(list)
    for start in range(0, len(made), ROWS_AT_ONCE):
        for row in session.scalars(
            select(Notice).where(Notice.id.in_(made[start : start + ROWS_AT_ONCE])).order_by(Notice.id)
        ):
            latest[row.user_id] = [*latest[row.user_id], row][-MOST_LIVE:]
    about = subjects(session, [row.seq for rows in latest.values() for row in rows])
    unread = inbox.unread_counts(session, latest)
    return [
        Live(user_id, inbox.item(row, about.get(row.seq), zone) | {"unread": unread[user_id]})
        for user_id, rows in latest.items()
        for row in rows
    ]
