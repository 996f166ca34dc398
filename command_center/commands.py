"""The `flask` commands, thin: each opens what it needs, calls one function, tells the outcome."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from command_center import backups, bootstrap, demonstration, doctoring, migrations
from command_center.account_commands import ACCOUNT_COMMANDS
from command_center.circle_commands import CIRCLE_COMMANDS
from command_center.clock_commands import clock, sweep_now
from command_center.errors import EditionNotFound, NotReady
from command_center.escalation.guard import is_open
from command_center.events.heartbeats import ALL_PARTS, missing
from command_center.events.models import Published
from command_center.layer_commands import export_layer
from command_center.map_commands import MAP_COMMANDS
from command_center.notice_commands import NOTICE_COMMANDS
from command_center.picture_commands import draw_map
from command_center.policy_commands import POLICY_COMMANDS
from command_center.record_commands import RECORD_COMMANDS
from command_center.regions import editions
from command_center.statistics import by_map
from command_center.statistics.consumer import catch_up, rebuild
from command_center.statistics.models import StatisticsCursor
from command_center.web import Center, center
from command_center.zone_commands import ZONE_COMMANDS

SERVER = "command_center.server"


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (
        demo,
        serve,
        migrate,
        load_reference,
        simulate,
        sweep_now,
        clock,
        rebuild_statistics,
        place_by_map,
        backup,
        restore,
        doctor,
        draw_map,
        export_layer,
        *ACCOUNT_COMMANDS,
        *CIRCLE_COMMANDS,
        *MAP_COMMANDS,
        *NOTICE_COMMANDS,
        *POLICY_COMMANDS,
        *RECORD_COMMANDS,
        *ZONE_COMMANDS,
    ):
        app.cli.add_command(command)


def run_server() -> None:
    """Become the server process: same process id, so that whoever started us can stop it."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", SERVER])


def require_port(wired: Center) -> None:
    """Refuse, in words, to start where another program listens. Raises: ClickException."""
    settings = wired.settings
    if not bootstrap.port_is_free(settings.host, settings.port):
        raise click.ClickException(
            f"port {settings.port} on {settings.host} is taken by another program. "
            f"Stop it, or choose another: COMMAND_CENTER_PORT={settings.port + 1}"
        )


def require_county(wired: Center) -> None:
    """Refuse, in words, to start on a database that is away, behind, or empty. Raises: ClickException."""
    try:
        behind = migrations.pending(wired.sessions.engine)
        if behind:
            raise click.ClickException(f"the database's schema is {behind}: run `flask migrate` first")
        _ = wired.office
    except OperationalError as away:
        raise click.ClickException(
            "the database does not answer: check COMMAND_CENTER_DATABASE_URL and the server"
        ) from away
    except (NotReady, ValueError) as empty:
        raise click.ClickException("the county is not loaded: run `flask load-reference` first") from empty


@click.command()
@click.option("--fresh", is_flag=True, help="Throw the demo county in HOME away and build it again.")
@click.option("--days", default=30, show_default=True, help="Days of simulated history.")
@click.option("--rate", default=120.0, show_default=True, help="Simulated reports a day.")
@click.option("--build-only", is_flag=True, help="Build the demo county and stop.")
@with_appcontext
def demo(fresh: bool, days: int, rate: float, build_only: bool) -> None:
    """Build the demo county if it is not there, and serve it with simulated traffic."""
    wired = center()
    if not build_only:
        require_port(wired)
    demonstration.build(wired, fresh=fresh, days=days, rate=rate)
    if not build_only:
        os.environ["COMMAND_CENTER_DEMO"] = "1"
        click.echo("starting the server (some seconds) …")
        run_server()


@click.command()
@with_appcontext
def serve() -> None:
    """Serve web, live stream, relay and scheduler until stopped."""
    wired = center()
    if fault := wired.settings.secret_fault():
        raise click.ClickException(f"{fault}. Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'")
    require_port(wired)
    require_county(wired)
    run_server()


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database's schema up to date, and count what a new way of counting makes necessary."""
    wired = center()
    engine = wired.sessions.engine
    migrations.upgrade(engine)
    click.echo(f"schema at revision {migrations.revision_of(engine)}")
    # Here, not at the server's first breath: a long history would hold up what is live.
    with wired.sessions.read() as session:
        published = session.scalar(select(func.max(Published.seq)))
    if published and (counted := catch_up(wired.sessions, wired.settings.zone)):
        click.echo(f"{counted} events counted for the statistics")


@click.command("load-reference")
@with_appcontext
def load_reference() -> None:
    """Load regions, grids, categories, authority list, calendar, and an account for everyone they name."""
    for name, count in bootstrap.load_reference(center()).items():
        click.echo(f"{count:>6} {name}")


@click.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366), help="Days of history.")
@click.option("--rate", default=120.0, show_default=True, type=click.FloatRange(0.1, 100_000), help="Reports a day.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same history.")
@with_appcontext
def simulate(days: int, rate: float, seed: int) -> None:
    """Write simulated history up to now, through the same actions as real people."""
    wired = center()
    running = set(ALL_PARTS) - set(missing(wired.sessions, datetime.now(UTC)))
    if running:
        raise click.ClickException(
            "a server is running on this database: its sweep would date the simulated past now. "
            "Stop it, wait half a minute, and try again"
        )
    with wired.sessions.read() as session:
        if not is_open(session):
            raise click.ClickException("the system clock cannot be trusted: see `flask clock status`")
    summary = demonstration.simulate(wired, days=days, rate=rate, seed=seed, label=f"simulating {days} days")
    click.echo(str(summary))


@click.command("rebuild-statistics")
@with_appcontext
def rebuild_statistics() -> None:
    """Count the statistics again from the events, up to where they have read."""
    wired = center()
    with wired.sessions.begin() as session:
        cursor = session.get(StatisticsCursor, 1)
        length = cursor.seq if cursor else 0
        with click.progressbar(length=length, label="counting", file=sys.stderr) as bar:
            differing = rebuild(session, wired.settings.zone, bar.update)
    click.echo(f"{differing} rows differ")


@click.command("place-by-map")
@click.argument("version", type=click.IntRange(1))
@with_appcontext
def place_by_map(version: int) -> None:
    """Find where all tickets lie on edition VERSION of the map, so that figures told by it come at once."""
    wired = center()
    try:
        with wired.sessions.read() as session:
            editions.edition(session, version)
            length = by_map.behind(session, version)
        grids = wired.map_of(version)
    except EditionNotFound as unknown:
        raise click.ClickException(unknown.text_en) from unknown
    with click.progressbar(length=length, label="placing", file=sys.stderr) as bar:
        looked = by_map.place(wired.sessions, version, grids, bar.update)
    click.echo(f"{looked} tickets placed on edition {version}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write database, photos and the event log's key into FILE (tar.gz); the server may go on."""
    try:
        manifest = backups.write(center(), file)
    except backups.BackupFault as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(
        f"{file}: {manifest['tickets']} tickets, {file.stat().st_size // 1024} kB. Keep it secret and elsewhere."
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Throw the tickets that are here away.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Bring back what `flask backup` wrote into FILE. Stop the server first."""
    wired = center()
    try:
        manifest = backups.restore(wired, file, replace=replace)
    except backups.BackupFault as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{manifest['tickets']} tickets as of {manifest['created_at']} are back")
    if behind := migrations.pending(wired.sessions.engine):
        click.echo(f"the schema is {behind}: run `flask migrate`")


@click.command()
@with_appcontext
def doctor() -> None:
    """Check this installation and say what to do about each fault."""
    faults = 0
    for check in doctoring.examine(center()):
        faults += check.fault is not None
        click.echo(
            f"{'ok   ' if check.fault is None else 'FAULT'} {check.name}{': ' + check.fault if check.fault else ''}"
        )
    if faults:
        raise SystemExit(1)
