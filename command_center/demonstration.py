"""Build the demo county: reference data, the eight demo accounts, a month of simulated history.

A file in HOME says that the county there is a demo, and another that it is finished: what was interrupted is built
again, and a real county is never thrown away.
"""

import shutil
import sys
from datetime import UTC, datetime, timedelta

import click

from command_center import bootstrap, migrations
from command_center.people.reference import demo_accounts
from command_center.simulation.history import history
from command_center.simulation.summary import Summary
from command_center.web import Center
from command_center.zones import shipped as zones

MARK, FINISHED = "demo-county", "demo-county-finished"
LEFTOVERS = ("command_center.db", "command_center.db-wal", "command_center.db-shm", MARK, FINISHED)


def build(wired: Center, *, fresh: bool, days: int, rate: float) -> None:
    """Build what is missing; with `fresh` throw the demo county away first.

    Raises: ClickException when HOME holds a county that is not a demo.
    """
    home = wired.settings.home
    mark, finished = home / MARK, home / FINISHED
    is_built = migrations.revision_of(wired.sessions.engine) is not None
    if is_built and not mark.exists():
        raise click.ClickException(
            f"the database of {home} is not a demo county; it is left alone. "
            "Choose another folder: COMMAND_CENTER_HOME=…"
        )
    if finished.exists() and not fresh:
        migrations.upgrade(wired.sessions.engine)
        with wired.sessions.begin() as session:
            demo_accounts(session, datetime.now(UTC))
        return
    if is_built:
        throw_away(wired)
    mark.touch()
    click.echo("1/3 schema")
    migrations.upgrade(wired.sessions.engine)
    click.echo("2/3 大石桥市: regions, grids, categories, calendar, accounts")
    for name, count in bootstrap.load_reference(wired).items():
        click.echo(f"    {count:>6} {name}")
    with wired.sessions.begin() as session:
        demo_accounts(session, datetime.now(UTC))
    since = datetime.now(UTC) - timedelta(days=days + 1)
    with wired.sessions.begin() as session:
        click.echo(f"    {zones.load(session, wired.settings.data, since, datetime.now(UTC)):>6} rule zones")
    wired.county.refresh()
    summary = simulate(wired, days=days, rate=rate, seed=1, label=f"3/3 simulating {days} days")
    click.echo(f"    {summary}")
    finished.touch()


def simulate(wired: Center, *, days: int, rate: float, seed: int, label: str) -> Summary:
    """Write history up to now, with a progress bar."""
    with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:
        return history(
            wired.sessions,
            wired.office,
            days=days,
            rate=rate,
            seed=seed,
            now=datetime.now(UTC),
            progress=lambda part: bar.update(max(0, int(part * 1000) - bar.pos)),
        )


def throw_away(wired: Center) -> None:
    """Remove a demo county. Only the embedded database is removed by us; a server's is the operator's to drop."""
    if not wired.sessions.is_sqlite:
        raise click.ClickException("drop and create the demo's database yourself, then run this again")
    wired.sessions.engine.dispose()
    for name in LEFTOVERS:
        (wired.settings.home / name).unlink(missing_ok=True)
    shutil.rmtree(wired.settings.home / "attachments", ignore_errors=True)
    wired.county.forget()
