"""The `flask` commands about the record: prove the event log, print one ticket's file."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.casefile.collect import Reader, collect
from command_center.casefile.errors import CaseFileFailed
from command_center.casefile.render import render
from command_center.errors import TicketNotFound
from command_center.events import log as event_log
from command_center.tickets.describe import LOADED
from command_center.tickets.models import Ticket
from command_center.tickets.numbers import read
from command_center.web import center

# The bar is drawn anew after so many events: more often costs more than checking them.
EACH = 2000


def found(session: Session, number: str) -> Ticket:
    """Find a ticket by its number. Raises: ClickException."""
    ticket = session.scalar(select(Ticket).where(Ticket.number == (read(number) or "")).options(*LOADED))
    if ticket is None:
        raise click.ClickException(TicketNotFound(number=number[:40]).text_en)
    return ticket


@click.command("verify-log")
@click.option("--ticket", "number", help="Only the ticket with this number.")
@with_appcontext
def verify_log(number: str | None) -> None:
    """Check every link of the event log; name the first broken one of each ticket."""
    wired = center()
    with wired.sessions.read() as session:
        event_log.one_moment(session)
        ticket_id = found(session, number).id if number else None
        total = event_log.count(session, ticket_id)
        walk = event_log.verify(session, wired.settings.chain_key, ticket_id)
        with click.progressbar(
            walk, length=total, label="verifying", file=sys.stderr, show_pos=True, update_min_steps=EACH
        ) as bar:
            faults = [fault for fault in bar if fault is not None]
    for fault in faults:
        where = f"{fault.number} (ticket {fault.ticket_id}), event {fault.n}: " if fault.ticket_id else ""
        click.echo(f"{where}{fault.reason}")
    click.echo(f"{total} events, {len(faults)} broken chains")
    if faults:
        raise SystemExit(1)


@click.command("ticket-file")
@click.argument("number")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@click.option("--lang", default="zh", show_default=True, type=click.Choice(["zh", "en"]), help="Its language.")
@click.option("--without-reporter", is_flag=True, help="Leave out the citizen's name and phone.")
@with_appcontext
def ticket_file(number: str, out: Path, lang: str, without_reporter: bool) -> None:
    """Write the whole file of one ticket as PDF, with the head of its chain, for the archive or a court."""
    wired = center()
    with wired.sessions.read() as session:
        event_log.one_moment(session)
        file = collect(
            session,
            found(session, number),
            Reader("flask ticket-file", sees_reporter=not without_reporter),
            key=wired.settings.chain_key,
            photos=wired.settings.home / "attachments",
            zone=wired.settings.zone,
            now=datetime.now(UTC),
            language=lang,
            text=lambda key: current_app.extensions["texts"].get(key, lang),
        )
    try:
        out.write_bytes(render(file))
    except CaseFileFailed as failed:
        raise click.ClickException(failed.text_en) from failed
    click.echo(f"{out}: {len(file.timeline)} events, {file.verdict}")
    if not file.sound:
        raise SystemExit(1)


RECORD_COMMANDS = (verify_log, ticket_file)
