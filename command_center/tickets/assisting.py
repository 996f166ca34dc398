"""Several departments in parallel (协办): a sub-task each, with its own reply date and its own answer."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from command_center.categories.lookup import find_department
from command_center.errors import AlreadyAssisting, AnswersMissing, DepartmentMissing
from command_center.tickets import clockwork
from command_center.tickets.actor import SYSTEM
from command_center.tickets.dates import date_ahead
from command_center.tickets.deed import Deed
from command_center.tickets.models import Assist, Ticket
from command_center.tickets.office import Office
from command_center.tickets.record import holder_of, record, standing_of

ONE_DAY = timedelta(days=1)


def ask(deed: Deed) -> None:
    """Ask departments for help: one sub-task each. Raises: DepartmentMissing, UnknownDepartment, AlreadyAssisting."""
    ticket, form = deed.ticket, deed.form
    codes = list(dict.fromkeys([*form.departments, *([form.department] if form.department else [])]))
    if not codes:
        raise DepartmentMissing(field="departments")
    due_at = date_ahead(form.until, deed) if form.until else max(ticket.due_at, deed.now + ONE_DAY / deed.office.speed)
    given = []
    for code in codes:
        department = find_department(deed.session, code)
        if code == ticket.department_code or code in deed.was.owing:
            raise AlreadyAssisting(department=department.name, field="departments")
        ticket.assist_count += 1
        assist = Assist(
            n=ticket.assist_count,
            department=department,
            department_code=department.code,
            task=form.note,
            asked_by_id=deed.by.id,
            asked_at=deed.now,
            due_at=due_at,
        )
        ticket.assists.append(assist)
        clockwork.add_step(deed.session, ticket, clockwork.ASSIST, assist.n, clockwork.DUE, due_at)
        given.append({"n": assist.n, "department": code, "name": department.name, "due_at": due_at.isoformat()})
    deed.details["assists"] = given


def answer(deed: Deed) -> None:
    """Take a department's answer to its sub-task."""
    assert deed.by.caller is not None
    mine = next(a for a in deed.ticket.owed if a.department_code == deed.by.caller.department_code)
    mine.answered_at, mine.answered_by_id, mine.answer = deed.now, deed.by.id, deed.form.note
    clockwork.cancel_steps(deed.session, deed.ticket, deed.now, clock=clockwork.ASSIST, generation=mine.n)
    deed.details["assist"] = {"n": mine.n, "department": mine.department_code, "name": mine.department.name}


def gather(deed: Deed) -> None:
    """Let the lead resolve: when all have answered, or when it overrules those who have not. Raises: AnswersMissing."""
    if not deed.ticket.assist_count:
        return
    owed = deed.ticket.owed
    if owed and not deed.form.overrule:
        names = "、".join(assist.department.name for assist in owed)
        raise AnswersMissing(departments=names, field="overrule")
    if owed:
        deed.details["overruled"] = _stop_waiting(deed, owed)
    deed.details["answers"] = [
        {"n": assist.n, "department": assist.department_code, "name": assist.department.name, "answer": assist.answer}
        for assist in deed.ticket.assists
        if assist.answered_at is not None and _is_of_this_round(deed.ticket, assist)
    ]


def _is_of_this_round(ticket: Ticket, assist: Assist) -> bool:
    """Whether the help was asked for since the matter was last dispatched: older answers were to somebody else."""
    return ticket.dispatched_at is None or assist.asked_at >= ticket.dispatched_at


def stop_waiting_for_the_lead(deed: Deed) -> None:
    """A department that owed an answer was made the lead: it answers for the whole now."""
    own = [a for a in deed.ticket.owed if a.department_code == deed.ticket.department_code]
    if own:
        deed.details["withdrawn"] = _stop_waiting(deed, own)


def withdraw(deed: Deed) -> None:
    """The ticket leaves the lead's hands unresolved: nobody waits for these answers any more."""
    if owed := deed.ticket.owed:
        deed.details["withdrawn"] = _stop_waiting(deed, owed)


def _stop_waiting(deed: Deed, owed: list[Assist]) -> list[dict[str, Any]]:
    for assist in owed:
        assist.overruled_at = deed.now
        clockwork.cancel_steps(deed.session, deed.ticket, deed.now, clock=clockwork.ASSIST, generation=assist.n)
    return [{"n": a.n, "department": a.department_code, "name": a.department.name} for a in owed]


def miss_answer(session: Session, office: Office, ticket: Ticket, n: int, now: datetime) -> bool:
    """The reply date passed: name who missed it. Returns whether anybody had."""
    late = next((assist for assist in ticket.owed if assist.n == n), None)
    if late is None:
        return False
    before, was = holder_of(session, ticket), standing_of(ticket)
    late.missed_at = now
    details = {"clock": clockwork.ASSIST, "n": n, "department": late.department_code, "name": late.department.name}
    record(session, office, ticket, "answer_missed", SYSTEM, now, before=before, was=was, details=details)
    return True
