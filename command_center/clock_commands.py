"""`flask clock`: what the clock guard says, and an operator's agreement; and `flask sweep`, which obeys it."""

import getpass

import click
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.escalation.alarms import alarms, span_en
from command_center.escalation.clocks import read_clocks
from command_center.escalation.guard import ClockGuard, Standing, agree, standing
from command_center.escalation.sweep import sweep
from command_center.tickets import relocation
from command_center.web import center


@click.group()
def clock() -> None:
    """Look at the clock guard, or agree to the system clock after it was set."""


@clock.command()
@with_appcontext
def status() -> None:
    """Say whether escalation is frozen, why, and what an agreement would do. Exit code 1 while it is frozen."""
    reading = read_clocks()
    with center().sessions.read() as session:
        stands = standing(session, reading)
        listed = alarms(session, reading, naming=True)
    tell(stands)
    for alarm in listed:
        click.echo(f"\n{alarm.name}: {alarm.what_en}\n{alarm.what_zh}\n-> {alarm.todo_en}\n-> {alarm.todo_zh}")
    if stands.frozen:
        raise SystemExit(1)


@clock.command("agree")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", default=None, help="Who agrees; the user of this machine when left out.")
@with_appcontext
def agree_to_clock(yes: bool, by: str | None) -> None:
    """Let escalation go on by the system clock as it stands now."""
    wired, reading = center(), read_clocks()
    with wired.sessions.read() as session:
        stands = standing(session, reading)
    tell(stands)
    if stands.frozen and not yes:
        click.confirm("Is the system clock right now, and shall escalation go on?", abort=True)
    try:
        with wired.sessions.begin() as session:
            agree(session, by or f"{getpass.getuser()} (flask)", read_clocks(), seen=stands.frozen_at)
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    click.echo("agreed: escalation goes on with the next sweep")


@click.command("sweep")
@with_appcontext
def sweep_now() -> None:
    """Do once, now, what fell due on the tickets' clocks, and enter a map whose day has come, unless it is frozen."""
    wired = center()
    guard = ClockGuard(wired.sessions)
    now = guard.look()
    if now is None:
        raise click.ClickException("escalation is frozen: the system clock cannot be trusted. See `flask clock status`")
    if relocation.enter_due(wired.sessions, now):
        wired.county.forget()
        click.echo(f"edition {wired.office.map_edition} of the map took effect")
    done = sweep(wired.sessions, wired.office, now, permits=guard.permits)
    followed = relocation.relocate_all(wired.sessions, wired.office, lambda: now)
    done.update({name: count for name in ("moved", "outside", "failed") if (count := getattr(followed, name))})
    for outcome, count in sorted(done.items()):
        click.echo(f"{count:>6} {outcome}")
    if not done:
        click.echo("nothing was due")
    if done["failed"]:
        raise SystemExit(1)


def tell(stands: Standing) -> None:
    """Say on the terminal how the guard stands."""
    click.echo(f"system clock {read_clocks().wall.isoformat(timespec='seconds')}")
    if stands.frozen:
        assert stands.frozen_at is not None
        click.echo(f"escalation is FROZEN since {stands.frozen_at.isoformat(timespec='seconds')} (by the wrong clock)")
        click.echo(f"reason {stands.reason}, off by {span_en(stands.jump_seconds or 0)}, seen by {stands.seen_by}")
        if stands.off_seconds is not None:
            click.echo(f"the clock now stands {span_en(stands.off_seconds)} from where it should be")
        by_jump = "" if stands.due_by_jump is None else f", {stands.due_by_jump} of them only because of the clock"
        click.echo(f"agreeing lets {stands.due} due steps be done at once{by_jump}")
    else:
        click.echo("escalation is not frozen")
        if stands.agreed_at is not None:
            click.echo(f"last agreed {stands.agreed_at.isoformat(timespec='seconds')} by {stands.agreed_by}")
