"""The `flask` commands about rule zones: list them, bring them in, try one out, end one."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.tickets import tryout
from command_center.web import center
from command_center.zones import changes, describe, files, kinds, queries, schools
from command_center.zones.drafts import Ground, ZoneFault, read
from command_center.zones.errors import ZonesInvalid
from command_center.zones.rules import Kind

OPERATOR = "operator"
UNBOUND = 24 * 3600.0
INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)
kind_option = click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Of shapes that name none.")
note_option = click.option("--note", required=True, help="Why; kept with the version.")
by_option = click.option("--by", default=OPERATOR, show_default=True, help="Who; kept with the version.")
encoding_option = click.option("--encoding", help="Of a Shapefile's texts, as GBK.")


@contextmanager
def refusals() -> Iterator[None]:
    """Tell a refusal in words, every fault of a file in a line of its own."""
    try:
        yield
    except ZonesInvalid as refused:
        for fault in refused.facts["faults"]:
            click.echo(f"row {fault['row']}, {fault['where']}: {fault['en']}")
        raise click.ClickException(f"{refused.facts['count']} faults; nothing was changed") from refused
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, outlines included, and nothing else.")
@with_appcontext
def zones(as_json: bool) -> None:
    """List the rule zones and how they stand now."""
    wired, now = center(), datetime.now(UTC)
    with wired.sessions.read() as session:
        found = [
            describe.zone(periods, now, wired.settings.zone, geometry=as_json)
            for periods in queries.all_periods(session).values()
        ]
    if as_json:
        click.echo(json.dumps({"items": found}, ensure_ascii=False))
        return
    for zone in found:
        season = "{from} to {to}".format(**zone["season"]) if zone["season"] else "all the year"
        click.echo(
            f"{zone['code']}  v{zone['version']:<3} {zone['state']:<13} {zone['kind']:<12} {season:<15} {zone['name']}"
        )
    click.echo(f"{len(found)} zones", err=True)


@click.command("import-zones")
@click.argument("file", type=INPUT)
@kind_option
@note_option
@by_option
@encoding_option
@click.option("--dry-run", is_flag=True, help="Check the file and say what it holds; store nothing.")
@with_appcontext
def import_zones(file: Path, kind: str | None, note: str, by: str, encoding: str | None, dry_run: bool) -> None:
    """Store every shape of FILE (GeoJSON, GeoPackage, zipped Shapefile) as a rule zone, or none of them.

    What a shape does not say is the preset of its kind, data/zones/kinds.json.
    """
    wired, now = center(), datetime.now(UTC)
    with refusals():
        found = files.features_of(file, encoding)
        with wired.sessions.begin() as session:
            drafts = files.drafts_of(session, found, kinds.presets(wired.settings.data), now, kind=kind)
            rows = [] if dry_run else files.store(session, drafts, note, by, now)
    for draft in drafts:
        click.echo(f"{draft.kind}: {draft.name}")
    for row in rows:
        click.echo(f"{row.zone_code}: {row.name}")
    wired.county.refresh()
    click.echo(f"{len(drafts)} zones {'would be' if dry_run else 'are'} stored")


@click.command("school-zones")
@note_option
@by_option
@with_appcontext
def school_zones(note: str, by: str) -> None:
    """Make one rule zone of the surroundings of all school grids."""
    wired, now = center(), datetime.now(UTC)
    with refusals(), wired.sessions.begin() as session:
        said = schools.document(session, kinds.presets(wired.settings.data)["school"]) | {"note": note}
        try:
            draft = read(session, Ground.of(session), said, now)
        except ZoneFault as fault:
            raise fault.refusal() from fault
        row = changes.create(session, draft, by, now)
    wired.county.refresh()
    click.echo(f"{row.zone_code}: {row.name}, {row.source}")


@click.command("retire-zone")
@click.argument("code")
@note_option
@by_option
@with_appcontext
def retire_zone(code: str, note: str, by: str) -> None:
    """End the rule zone CODE at once. Its versions are kept, and so is what it did to tickets."""
    wired = center()
    with refusals(), wired.sessions.begin() as session:
        version = queries.versions_of(session, code)[-1].version
        row = changes.retire(session, code, version, note, by, datetime.now(UTC))
    wired.county.refresh()
    click.echo(f"{code} is retired by version {row.version}")


@click.command("try-zone")
@click.argument("file", type=INPUT)
@kind_option
@encoding_option
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, tryout.LONGEST_DAYS), help="Back from now."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@with_appcontext
def try_zone(file: Path, kind: str | None, encoding: str | None, days: int, as_json: bool) -> None:
    """Say what each zone of FILE would have done to the tickets of the last days. Nothing is stored."""
    wired, now = center(), datetime.now(UTC)
    told: list[dict[str, Any]] = []
    with refusals():
        found = files.features_of(file, encoding)
        with wired.sessions.read() as session:
            drafts = files.drafts_of(session, found, kinds.presets(wired.settings.data), now, kind=kind)
        for draft in drafts:
            with click.progressbar(length=days, label=draft.name, file=sys.stderr) as bar:
                outcome = tryout.try_out(
                    wired.sessions,
                    wired.office,
                    draft,
                    now - timedelta(days=days),
                    now,
                    tell=bar.update,
                    patience=UNBOUND,
                )
            with wired.sessions.read() as session:
                told.append({"name": draft.name} | tryout.told(session, outcome))
    if as_json:
        click.echo(json.dumps({"items": told}, ensure_ascii=False))
        return
    for one in told:
        _tell(one)


def _tell(one: dict[str, Any]) -> None:
    click.echo(f"{one['name']}: {one['touched']} tickets of the last days would have met it")
    for name, words in (
        ("urgent", "newly urgent"),
        ("tightened", "with less time"),
        ("late_before", "late as it was"),
        ("late_after", "late by the rule"),
    ):
        click.echo(f"{one[name]:>8} {words}")
    for title, rows, label in (("category", one["by_category"], "name"), ("month", one["by_month"], "month")):
        for row in rows[:10]:
            click.echo(f"{row['n']:>8} {title} {row[label]}")


ZONE_COMMANDS = (zones, import_zones, school_zones, retire_zone, try_zone)
