"""Merging a report into another of the same matter: nothing is lost, and it can be undone."""

from sqlalchemy import exists, select

from command_center.errors import MergedIntoIt, NotOpenToMerge, TicketBusy, UnknownInto
from command_center.people.models import User
from command_center.tickets.deed import Deed
from command_center.tickets.models import Ticket
from command_center.tickets.numbers import read
from command_center.tickets.record import holder_of, load_regions, record, standing_of
from command_center.tickets.sight import visible_tickets
from command_center.tickets.standing import Node, is_terminal


def merge(deed: Deed) -> None:
    """Let the ticket follow another. Raises: UnknownInto, NotOpenToMerge, MergedIntoIt, TicketBusy."""
    ticket = deed.ticket
    main = _main(deed, Ticket.number == (read(deed.form.into or "") or ""))
    if main.id == ticket.id:
        raise UnknownInto(into=deed.form.into, field="into")
    if is_terminal(Node(main.node)):
        raise NotOpenToMerge(into=main.number, field="into")
    if deed.session.scalar(select(exists().where(Ticket.merged_into_id == ticket.id))):
        raise MergedIntoIt(field="into")
    ticket.merged_into_id = main.id
    deed.details["into"] = main.number
    _tell(deed, main, "merged_in", (main.followers or {}) | {ticket.number: ticket.reported_by_id})


def unmerge(deed: Deed) -> None:
    """Part the ticket from the one it followed. Raises: TicketBusy."""
    ticket = deed.ticket
    main = _main(deed, Ticket.id == ticket.merged_into_id)
    ticket.merged_into_id = None
    deed.details["parted_from"] = main.number
    left = {number: reporter for number, reporter in (main.followers or {}).items() if number != ticket.number}
    _tell(deed, main, "unmerged", left)


def _main(deed: Deed, which: object) -> Ticket:
    """Lock the main ticket without waiting: two who merge crosswise would wait for each other."""
    session, number = deed.session, deed.form.into
    wanted = select(Ticket).where(which)  # type: ignore[arg-type]
    if deed.was.node is not Node.MERGED and deed.by.id is not None:
        wanted = wanted.where(visible_tickets(session.get_one(User, deed.by.id)))
    found = session.scalar(wanted)
    if found is None:
        raise UnknownInto(into=(number or "")[:40], field="into")
    main = session.scalar(
        select(Ticket)
        .where(Ticket.id == found.id)
        .with_for_update(of=Ticket, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if main is None:
        raise TicketBusy(number=found.number)
    return main


def _tell(deed: Deed, main: Ticket, what: str, followers: dict[str, int | None]) -> None:
    """Note it on the main ticket's record as well; its version stays, for nobody's form there is out of date."""
    load_regions(deed.session, [main])
    before, was = holder_of(deed.session, main), standing_of(main)
    main.followers = followers or None
    record(
        deed.session,
        deed.office,
        main,
        what,
        deed.by,
        deed.now,
        before=before,
        was=was,
        note=deed.form.note,
        details={"number": deed.ticket.number},
    )
