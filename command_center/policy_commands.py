"""The `flask` commands about the clocks: the policy's versions, and the confirmation of a calendar year."""

import difflib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from command_center.deadlines import confirming, policies
from command_center.deadlines import reference as calendar
from command_center.deadlines.errors import CalendarInvalid
from command_center.deadlines.models import CalendarEdition
from command_center.errors import CommandCenterError
from command_center.tickets import rulebook
from command_center.web import Center, center

OPERATOR = "operator"


@click.group()
def policy() -> None:
    """Show or change the rules by which new tickets' clocks run.

    A change is a new version; running tickets keep the one they began with.
    """


@policy.command("show")
@click.option("--version", type=int, help="Which version; the newest when not given.")
@with_appcontext
def show_policy(version: int | None) -> None:
    """Print a version of the policy as JSON, ready to be edited; about it, on the other stream."""
    try:
        with center().sessions.read() as session:
            row = policies.find(session, policies.newest_version(session) if version is None else version)
            document = policies.read(session, row.version).to_document()
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    stored = f"stored {row.created_at:%Y-%m-%d %H:%M} UTC by {row.created_by}" if row.created_at else "not stored yet"
    click.echo(f"version {row.version}, {stored}{': ' + row.note if row.note else ''}", err=True)
    click.echo(_spelt(document))


@policy.command("set")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--note", required=True, help="Why; kept with the version.")
@click.option("--by", default=OPERATOR, show_default=True, help="Who; kept with the version.")
@click.option("--dry-run", is_flag=True, help="Check it and print what would change; store nothing.")
@with_appcontext
def set_policy(file: Path, note: str, by: str, dry_run: bool) -> None:
    """Store FILE (JSON, as `flask policy show` prints it) as the next version, for new tickets."""
    if not note.strip():
        raise click.ClickException("--note: say why")
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as wrong:
        raise click.ClickException(f"{file} is not JSON: {wrong}") from wrong
    wired = center()
    try:
        with wired.sessions.begin() as session:
            before = policies.read(session)
            edition = policies.checked(session, document, rulebook.conditions(session))
            if not dry_run:
                policies.store(session, edition, note.strip(), by[:64], datetime.now(UTC))
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo(_difference(before.to_document(), edition.to_document(), before.version, edition.version))
    wired.county.refresh()
    click.echo(f"version {edition.version} {'would be' if dry_run else 'is'} stored; running tickets keep theirs")


@click.command("confirm-calendar")
@click.argument("year", type=click.IntRange(2000, 2999))
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns of data/calendar/calendar.csv; the data folder's own when not given.",
)
@click.option("--by", default=OPERATOR, show_default=True, help="Who; kept with the calendar.")
@click.option("--dry-run", is_flag=True, help="Check the file and count; change nothing.")
@with_appcontext
def confirm_calendar(year: int, file: Path | None, by: str, dry_run: bool) -> None:
    """Confirm a YEAR of the working calendar by the State Council's notice.

    Replaces the year's days and computes the open clocks anew that they touch, with an event on each ticket.
    Stopped half-way, give the same command again: it goes on where it stopped.
    """
    wired = center()
    path = file or wired.settings.data / "calendar" / "calendar.csv"
    rows, faults = confirming.read_csv(path.read_bytes())
    if file is None:
        faults += [confirming.Fault.of(None, "provisional", year=year)] * _is_provisional(year, rows)
    days: list[confirming.Day] = []
    if not faults:
        days, faults = confirming.judge(year, rows)
    try:
        edition = _store(wired, year, days, faults, by[:64], dry_run=dry_run)
    except CalendarInvalid as refused:
        for fault in refused.facts["faults"]:
            click.echo(f"{'row ' + str(fault['row']) if fault['row'] else 'file'}: {fault['text_en']}")
        raise click.ClickException(f"{refused.facts['count']} faults in {path}; nothing was changed") from refused
    worked = sum(day.kind.is_worked for day in days)
    click.echo(f"{year}: {len(days)} days, {worked} of them worked, {_outcome(edition, dry_run)}")
    if not dry_run:
        wired.county.refresh()
        _recompute(wired)


def _is_provisional(year: int, rows: list[confirming.Row]) -> bool:
    """Whether the data folder itself says that the year is not known yet: that cannot be a confirmation."""
    return any(str(row.get("date")).startswith(f"{year}-") and row.get("confirmed") != "1" for _, row in rows)


def _store(
    wired: Center,
    year: int,
    days: list[confirming.Day],
    faults: list[confirming.Fault],
    by: str,
    *,
    dry_run: bool,
) -> CalendarEdition | None:
    with wired.sessions.begin() as session:
        edition = calendar.confirm(session, year, days, faults, by, datetime.now(UTC))
        if dry_run:
            session.rollback()
    return edition


def _outcome(edition: CalendarEdition | None, dry_run: bool) -> str:
    if edition is None:
        return "as they are already"
    change = f"{edition.first_day} to {edition.last_day} changed"
    return f"{change}; nothing stored" if dry_run else f"confirmed; {change}"


def _recompute(wired: Center) -> None:
    with wired.sessions.read() as session:
        length = rulebook.left(session, wired.office.zone)
    with click.progressbar(length=length, label="computing clocks anew", file=sys.stderr) as bar:
        done = rulebook.recompute_touched(wired.sessions, wired.office, lambda: datetime.now(UTC), tell=bar.update)
    click.echo(f"{done.looked_at} open tickets looked at, {done.moved} clocks moved")
    if done.failed:
        raise click.ClickException(f"{done.failed} tickets failed, see the log; give the same command again")


def _spelt(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _difference(old: dict[str, Any], new: dict[str, Any], was: int, becomes: int) -> str:
    lines, others = _spelt(old).splitlines(), _spelt(new).splitlines()
    return "\n".join(difflib.unified_diff(lines, others, f"version {was}", f"version {becomes}", lineterm=""))


POLICY_COMMANDS = (policy, confirm_calendar)
