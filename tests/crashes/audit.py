"""After everything is over: is what was promised there, once, and nothing else?

Every check looks at the database itself and yields a sentence for each violation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.events.models import Published, TicketEvent, Unpublished
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.record import holder_of, load_regions
from tests.county import County
from tests.crashes.followers import Follower
from tests.crashes.people import Ledger, Sent

EVENT_OF = {"warned": "warn", "escalated": "escalate", "overdue": "overdue"}
CANCELLED = "cancelled"
# What the system writes without any step having fallen due.
UNTIMED = {"recompute", "merged_in", "unmerged"}
MOST = 20


def audit(county: County, ledger: Ledger, followers: Sequence[Follower], *, settled: datetime, seq: int) -> list[str]:
    """Check everything; the servers are dead by now. settled: all that was due then must be done; seq: and told.

    Returns the violations, at most twenty of each kind.
    """
    found = [*first(ledger.faults), *first(statistics(county, "as the crash left them"))]
    while county.center.relay.publish_batch():
        pass
    county.center.relay.consume()
    found += first(statistics(county, "after reading on"))
    found += first(chains(county))
    with county.sessions.read() as session:
        for check in (
            reports(session, ledger.of("report")),
            actions(session, ledger.of()),
            sequence(session),
            steps(session, settled),
            holders(session),
            *(deliveries(session, follower, seq) for follower in followers),
        ):
            found += first(check)
    return found


def first(violations: Iterable[str]) -> list[str]:
    listed = list(violations)
    more = [f"… and {len(listed) - MOST} more of this kind"] if len(listed) > MOST else []
    return listed[:MOST] + more


def reports(session: Session, sent: Sequence[Sent]) -> Iterator[str]:
    """Each acknowledged report is there exactly once, under its number; no ticket that nobody asked for."""
    numbers = defaultdict(list)
    for number, key in session.execute(select(Ticket.number, Ticket.description)):
        numbers[key].append(number)
    asked = {report.key for report in sent}
    for report in sent:
        there = numbers.get(report.key, [])
        if report.acknowledged and there != [report.number]:
            yield f"report {report.key} was acknowledged as {report.number}; there is {there}"
        if len(there) > 1:
            yield f"report {report.key} made {len(there)} tickets: {there}"
    for key in numbers.keys() - asked:
        yield f"tickets {numbers[key]} were reported by nobody"
    firsts = Counter(
        session.scalars(select(TicketEvent.number).where(TicketEvent.action == "report").order_by(TicketEvent.number))
    )
    for number in (number for own in numbers.values() for number in own):
        if firsts[number] != 1:
            yield f"{number} has {firsts[number]} events of its report"


def actions(session: Session, sent: Sequence[Sent]) -> Iterator[str]:
    """Each acknowledged action is on the record exactly once, a refused one never; no version was used twice."""
    told: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    rows = select(TicketEvent.note, TicketEvent.number, TicketEvent.action, TicketEvent.actor_username)
    for note, *event in session.execute(rows.where(TicketEvent.actor_id.is_not(None), TicketEvent.action != "report")):
        told[note].append((event[0], event[1], event[2]))
    used: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for action in sent:
        there = told.pop(action.key, [])
        expected = [(action.number, action.action, action.by)] if action.acknowledged else []
        if there != expected and action.status:
            yield f"{action} should be on the record as {expected}; there is {there}"
        if len(there) > 1:
            yield f"{action} is on the record {len(there)} times"
        if action.acknowledged:
            used[action.number, action.version].append(action.key)
    for note, events in told.items():
        yield f"nobody did {events} ({note})"
    for (number, version), keys in used.items():
        if len(keys) > 1:
            yield f"version {version} of {number} was acted on {len(keys)} times: {keys}"


def sequence(session: Session) -> Iterator[str]:
    """`seq` has no gaps, names every event once, and each ticket's events in their order."""
    rows = session.execute(
        select(Published.seq, TicketEvent.id, TicketEvent.ticket_id, TicketEvent.n)
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .order_by(Published.seq)
    ).all()
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        yield f"seq has gaps: {len(rows)} rows, the last is {rows[-1].seq if rows else 0}"
    events = session.scalar(select(func.count()).select_from(TicketEvent)) or 0
    if len({row.id for row in rows}) != events:
        yield f"{events} events, {len({row.id for row in rows})} of them numbered"
    if left := session.scalar(select(func.count()).select_from(Unpublished)):
        yield f"{left} events still wait for their number"
    last: Counter[int] = Counter()
    for row in rows:
        if row.n != last[row.ticket_id] + 1:
            yield f"seq {row.seq} is event {row.n} of ticket {row.ticket_id}, told after event {last[row.ticket_id]}"
        last[row.ticket_id] = row.n


def steps(session: Session, settled: datetime) -> Iterator[str]:
    """What was due is done, not before its time, once, and each thing done stands on the record with its time."""
    tickets = {ticket.id: ticket for ticket in session.scalars(select(Ticket))}
    made: defaultdict[int, set[tuple[str, int, str]]] = defaultdict(set)
    done: Counter[tuple[int, datetime, str]] = Counter()
    other: Counter[tuple[int, datetime]] = Counter()
    for step in session.scalars(select(DueStep)):
        ticket = tickets[step.ticket_id]
        name = f"{ticket.number}'s {step.step} of the {step.clock} clock, generation {step.generation},"
        made[ticket.id].add((step.clock, step.generation, step.step))
        if step.done_at is None:
            if step.due_at <= settled:
                yield f"{name} was due at {step.due_at} and is not done"
        elif step.outcome == CANCELLED:
            old = step.generation < (ticket.tier_generation if step.clock == "tier" else ticket.clock_generation)
            if step.clock in ("tier", "matter") and not old and ticket.closed_at is None:
                yield f"{name} was cancelled, but the clock still runs"
        else:
            if step.done_at < step.due_at:
                yield f"{name} was due at {step.due_at} and done before, at {step.done_at}"
            if step.outcome in EVENT_OF:
                done[ticket.id, step.done_at, f"{EVENT_OF[step.outcome]} {step.clock}"] += 1
            else:
                other[ticket.id, step.done_at] += 1
    for ticket in tickets.values():
        clocks = [("matter", ticket.clock_generation), ("tier", ticket.tier_generation)]
        wanted = {(clock, n + 1, step) for clock, last in clocks for n in range(last) for step in ("warn", "due")}
        if missing := wanted - made[ticket.id]:
            yield f"{ticket.number} has no steps {sorted(missing)}"
    told: Counter[tuple[int, datetime, str]] = Counter()
    for event in session.scalars(select(TicketEvent).where(TicketEvent.actor_id.is_(None))):
        if event.action in UNTIMED:
            continue
        if event.action in EVENT_OF.values() and event.details.get("clock") in ("tier", "matter"):
            told[event.ticket_id, event.at, f"{event.action} {event.details['clock']}"] += 1
        else:
            other[event.ticket_id, event.at] -= 1
    for what in done.keys() | told.keys():
        if done[what] != told[what]:
            number, (_, at, name) = tickets[what[0]].number, what
            yield f"{number}, {name} at {at}: {done[what]} steps done, {told[what]} events"
    for (ticket_id, at), difference in other.items():
        if difference:
            yield f"{tickets[ticket_id].number}, at {at}: {difference:+} steps more than events"


def holders(session: Session) -> Iterator[str]:
    """At each moment a ticket is in one pair of hands: each event takes it from where the one before left it."""
    tickets = {ticket.id: ticket for ticket in session.scalars(select(Ticket))}
    load_regions(session, tickets.values())
    last: dict[int, TicketEvent] = {}
    for event in session.scalars(select(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.n)):
        before = last.get(event.ticket_id)
        if before is not None:
            left = before.to_node, before.to_tier, before.details["to_holder"], before.department_code
            taken = event.from_node, event.from_tier, event.details["from_holder"], event.from_department_code
            if left != taken:
                yield f"{event.number}: event {before.n} left it at {left}, event {event.n} took it from {taken}"
        last[event.ticket_id] = event
    for ticket in tickets.values():
        end = last.get(ticket.id)
        if end is None:
            yield f"{ticket.number} has no event"
            continue
        stands = ticket.node, ticket.tier, holder_of(session, ticket), ticket.department_code
        if stands != (end.to_node, end.to_tier, end.details["to_holder"], end.department_code):
            yield f"{ticket.number} stands at {stands}, its last event says otherwise: {end.to_node}, {end.to_tier}"
        if ticket.department_code and ticket.handler_id:
            yield f"{ticket.number} is in two pairs of hands"


def deliveries(session: Session, follower: Follower, seq: int) -> Iterator[str]:
    """A client that came back got every event of its stream up to `seq`, each once, in order, and as it is."""
    yield from follower.faults
    region = follower.region
    column = TicketEvent.county_code if region.endswith("000000") else TicketEvent.village_code
    rows = session.execute(
        select(Published.seq, TicketEvent.number, TicketEvent.n, TicketEvent.action)
        .join(TicketEvent, TicketEvent.id == Published.event_id)
        .where(column == region)
        .order_by(Published.seq)
    ).all()
    there = {row.seq: (row.number, row.n, row.action) for row in rows}
    got = list(follower.delivered)
    if got != sorted(set(got)):
        yield f"{region}'s screen was not told in order"
    for number in sorted(number for number in there.keys() - follower.delivered.keys() if number <= seq):
        yield f"{region}'s screen never got {number}: {there[number]}"
    for number, told in follower.delivered.items():
        if there.get(number) != told:
            yield f"{region}'s screen got {number} as {told}; it is {there.get(number)}"


def chains(county: County) -> Iterator[str]:
    answer = county.app.test_cli_runner().invoke(args=["verify-log"])
    if answer.exit_code:
        yield f"verify-log: {answer.output}"


def statistics(county: County, when: str) -> Iterator[str]:
    answer = county.app.test_cli_runner().invoke(args=["rebuild-statistics"])
    if answer.exit_code or "\n0 rows differ" not in f"\n{answer.output}":
        yield f"rebuild-statistics, {when}: {answer.output}"
