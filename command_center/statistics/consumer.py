"""Keeps the rollups up to date from the published events, and proves it by counting again from the start."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from command_center.database import Sessions, insert_or_ignore, table_of
from command_center.events.models import Published, TicketEvent
from command_center.statistics.facts import Cell, Entries, Regions, cells, difference, entries, learn, regions
from command_center.statistics.models import MEASURES, TALLIES, Rollup, StatisticsCursor, TicketFact

BATCH = 500
ONLY = 1
LEAVING = ("reported", *TALLIES)  # these go down only when a ticket leaves a row
Deltas = dict[Cell, Counter[str]]


def catch_up(sessions: Sessions, zone: ZoneInfo) -> int:
    """Read all published events that were not counted yet. Returns how many."""
    counted = 0
    while True:
        with sessions.begin() as session:
            batch = advance(session, zone)
        counted += batch
        if batch < BATCH:
            return counted


def advance(session: Session, zone: ZoneInfo, limit: int = BATCH) -> int:
    """Count one batch of events; cursor, facts and rollups change in the caller's one transaction."""
    cursor = _locked_cursor(session)
    rows = _published(session, cursor.seq, None, limit)
    if not rows:
        return 0
    ids = {event.ticket_id for _, event in rows}
    facts = {f.ticket_id: f for f in session.scalars(select(TicketFact).where(TicketFact.ticket_id.in_(ids)))}
    before = {ticket_id: (regions(fact), entries(fact)) for ticket_id, fact in facts.items()}
    for _, event in rows:
        if event.ticket_id in facts:
            learn(facts[event.ticket_id], event, zone)
        else:
            facts[event.ticket_id] = learn(None, event, zone)
            session.add(facts[event.ticket_id])
    deltas: Deltas = {}
    for ticket_id, fact in facts.items():
        was_in, had = before.get(ticket_id, (regions(fact), {}))
        if was_in == regions(fact):
            _add(deltas, fact, difference(had, entries(fact)))
        else:
            _add(deltas, fact, difference(had, {}), was_in)
            _add(deltas, fact, entries(fact))
    _write(session, deltas)
    cursor.seq = rows[-1][0]
    return len(rows)


def _locked_cursor(session: Session) -> StatisticsCursor:
    session.execute(insert_or_ignore(session, StatisticsCursor.__table__, {"id": ONLY, "seq": 0}))
    return session.scalars(select(StatisticsCursor).where(StatisticsCursor.id == ONLY).with_for_update()).one()


def _published(session: Session, after: int, upto: int | None, limit: int) -> list[tuple[int, TicketEvent]]:
    rows = (
        select(Published.seq, TicketEvent)
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .where(Published.seq > after)
        .order_by(Published.seq)
        .limit(limit)
    )
    if upto is not None:
        rows = rows.where(Published.seq <= upto)
    return [(seq, event) for seq, event in session.execute(rows)]


def _add(deltas: Deltas, fact: TicketFact, added: Entries, counted_in: Regions | None = None) -> None:
    for key, counts in added.items():
        for cell in cells(fact, key, counted_in):
            delta = deltas.setdefault(cell, Counter())
            for measure, count in counts.items():
                delta[measure] += count


def _write(session: Session, deltas: Deltas) -> None:
    """Add the differences to the rows, making those that are not there; rows in one order, so none deadlock."""
    changed = [(cell, delta) for cell, delta in sorted(deltas.items()) if any(delta.values())]
    if not changed:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(Rollup)
    statement = statement.on_conflict_do_update(
        index_elements=["region_code", "dimension", "key", "day"],
        set_={m: getattr(Rollup, m) + getattr(statement.excluded, m) for m in MEASURES},
    )
    rows = [cell._asdict() | {measure: delta[measure] for measure in MEASURES} for cell, delta in changed]
    session.connection().execute(statement, rows)
    _sweep_out(session, [cell for cell, delta in changed if any(delta[m] < 0 for m in LEAVING)])


def _sweep_out(session: Session, left: list[Cell]) -> None:
    """Remove rows that the last ticket has left (another category, another department): a recount makes none."""
    if not left:
        return
    table = table_of(Rollup)
    key = [column == bindparam(f"b_{column.name}") for column in table.primary_key]
    gone = delete(table).where(*key, *_nothing())
    session.connection().execute(
        gone, [{f"b_{name}": value for name, value in cell._asdict().items()} for cell in left]
    )


def _nothing() -> list[Any]:
    return [getattr(Rollup, measure) == 0 for measure in MEASURES]


def rebuild(session: Session, zone: ZoneInfo, progress: Callable[[int], None] | None = None) -> int:
    """Count everything again up to the cursor, compare with what is stored, and mend it.

    Returns how many rows (rollups and facts) differed; 0 is right. One transaction, the caller's.
    """
    cursor = _locked_cursor(session)
    facts = _all_facts(session, zone, cursor.seq, progress)
    fresh: Deltas = {}
    for fact in facts.values():
        _add(fresh, fact, entries(fact))
    wrong = _differences(session, fresh)
    _write(session, wrong)
    differing = len(wrong) + _mend_facts(session, facts)
    session.execute(delete(Rollup).where(*_nothing()))
    return differing


def _all_facts(
    session: Session, zone: ZoneInfo, upto: int, progress: Callable[[int], None] | None
) -> dict[int, TicketFact]:
    facts: dict[int, TicketFact] = {}
    seq = 0
    with session.no_autoflush:
        while rows := _published(session, seq, upto, 4 * BATCH):
            for _, event in rows:
                facts[event.ticket_id] = learn(facts.get(event.ticket_id), event, zone)
            seq = rows[-1][0]
            if progress is not None:
                progress(len(rows))
            for _, event in rows:
                session.expunge(event)
    return facts


def _differences(session: Session, fresh: Deltas) -> Deltas:
    wrong: Deltas = {}
    seen: set[Cell] = set()
    columns = [
        Rollup.region_code,
        Rollup.dimension,
        Rollup.key,
        Rollup.day,
        *(getattr(Rollup, m) for m in MEASURES),
    ]
    for row in session.execute(select(*columns)):
        cell = Cell(*row[:4])
        seen.add(cell)
        should = fresh.get(cell, Counter())
        off = Counter({m: should[m] - has for m, has in zip(MEASURES, row[4:], strict=True) if should[m] != has})
        if off:
            wrong[cell] = off
    return wrong | {cell: delta for cell, delta in fresh.items() if cell not in seen}


def _mend_facts(session: Session, facts: dict[int, TicketFact]) -> int:
    names = [column.key for column in TicketFact.__table__.columns]
    differing = 0
    stored = {fact.ticket_id: fact for fact in session.scalars(select(TicketFact))}
    for ticket_id, fact in facts.items():
        has = stored.pop(ticket_id, None)
        if has is None or any(getattr(has, name) != getattr(fact, name) for name in names):
            differing += 1
            session.merge(fact)
    for stray in stored.values():
        differing += 1
        session.delete(stray)
    return differing
