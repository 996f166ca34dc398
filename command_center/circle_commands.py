"""The `flask` commands about service circles: import roads and centers, tell who is outside."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from command_center.circles import assumptions, centers, outputs, roads, run, telling
from command_center.circles.centers import LEVELS
from command_center.circles.inputs import Inputs
from command_center.circles.telling import Holding
from command_center.errors import CommandCenterError, NotReady
from command_center.regions.models import Region
from command_center.web import center
from gis.center_files import read_centers
from gis.datum import DATUMS
from gis.errors import BadRoads, GisError, Unreadable
from gis.road_files import RoadChoices, RoadSurvey, read_classes, survey_roads

INPUT = click.Path(exists=True, path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
BY = "flask"
MOST_SHOWN = 5
REASONS = {
    "no-lines": "it holds no lines near the county",
    "not-readable": "it cannot be read",
    "unknown-crs": "its coordinate reference is unknown: give --crs wgs84, cgcs2000, gcj02, bd09 or EPSG:n",
    "crs-missing": "it does not say in which coordinate reference it is: give --crs or --datum",
    "bad-coordinates": "its coordinates are no places in China in the datum that was given",
    "no-such-column": "it has no column of that name",
    "no-columns": "it needs columns for longitude, latitude, and a region's code or name",
}


class Fault(NamedTuple):
    """One line of a report. `stands`: it keeps the file from being imported."""

    row: int
    code: str | None
    kind: str
    text: str
    text_en: str
    stands: bool


@click.command("import-roads")
@click.argument("file", type=INPUT)
@click.option("--dry-run", is_flag=True, help="Check it and say what it holds; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option(
    "--crs", help="The file's coordinate reference if it does not tell: wgs84, cgcs2000, gcj02, bd09, EPSG:n."
)
@click.option("--layer", help="The layer of lines; the first one when not given.")
@click.option("--speed", help="Column of speeds in km/h; guessed by its name when not given, '' for none.")
@click.option("--class", "road_class", help="Column of road classes, for speeds by data/circles/road_classes.csv.")
@click.option("--oneway", help="Column of directions.")
@click.option("--skip-faulty", is_flag=True, help="Leave faulty lines out; without it one of them refuses the file.")
@click.option("--synthetic", is_flag=True, help="These roads are made up: whatever is drawn from them says so.")
@with_appcontext
def import_roads(
    file: Path, dry_run: bool, as_json: bool, skip_faulty: bool, synthetic: bool, **said: str | None
) -> None:
    """Bring a road network in from FILE (GeoJSON, GeoPackage, Shapefile, zipped or not, FileGDB): lines."""
    wired = center()
    data = wired.settings.data
    with wired.sessions.read() as session:
        around = roads.around(session)
    if around is None:
        raise click.ClickException(NotReady(what="flask load-reference").text_en)
    try:
        with click.progressbar(length=100, label="reading", file=sys.stderr) as bar:
            survey = survey_roads(
                file, RoadChoices(**said), read_classes(roads.classes_file(data)), around, _steps(bar)
            )
    except GisError as refused:
        _refuse(refused, as_json)
    faults = [
        Fault(one.row, None, one.kind, one.text, one.text_en, one.left_out and not skip_faulty) for one in survey.faults
    ]
    ok = not any(fault.stands for fault in faults)
    counts = dict(survey.counts)
    if ok and not dry_run:
        try:
            with wired.sessions.begin() as session:
                kept = roads.store(
                    session,
                    survey,
                    name=file.name,
                    sha256=hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "",
                    synthetic=synthetic,
                    by=BY,
                    now=datetime.now(UTC),
                )
                counts |= kept.counts | {"edition": kept.version}
        except BadRoads as none:
            _refuse(none, as_json)
    _report(ok, counts, faults, as_json, _of_roads(survey))
    if not ok:
        raise SystemExit(1)


def _of_roads(survey: RoadSurvey) -> list[str]:
    found = {name: column or "–" for name, column in survey.columns.items()}
    return [f"reference {survey.crs}; columns: " + ", ".join(f"{ours} = {theirs}" for ours, theirs in found.items())]


def _steps(bar: Any) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        bar.update(max(0, 100 * done // max(total, 1) - bar.pos))

    return tell


@click.command("import-centers")
@click.argument("file", type=INPUT)
@click.option("--dry-run", is_flag=True, help="Check it; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True, help="Of its coordinates.")
@click.option("--synthetic", is_flag=True, help="These places are made up.")
@with_appcontext
def import_centers(file: Path, dry_run: bool, as_json: bool, datum: str, synthetic: bool) -> None:
    """Say from FILE (CSV, xlsx, GeoJSON) where centers stand: a region's code or name, longitude, latitude.

    Regions that are not in it keep what they have. All or nothing; every fault of every row is told.
    """
    wired = center()
    try:
        rows = read_centers(file, datum)
    except GisError as refused:
        _refuse(refused, as_json)
    with wired.sessions.begin() as session:
        found, wrong = centers.match(session, rows)
        if not wrong and not dry_run:
            centers.store(session, found, source=file.name, synthetic=synthetic, by=BY, now=datetime.now(UTC))
    faults = [Fault(*one, stands=True) for one in wrong]
    _report(not faults, {"rows": len(rows), "centers": len(found)}, faults, as_json, [])
    if faults:
        raise SystemExit(1)


@click.command("service-circles")
@click.option("--region", help="Code of a county, town or village; the whole county when not given.")
@click.option("--level", type=click.Choice(LEVELS), default="village", show_default=True, help="Of the centers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--out", type=OUTPUT, help="Write FILE.gpkg (circles), FILE.xlsx or FILE.csv (grids not inside).")
@click.option("--lang", default="zh", show_default=True, type=click.Choice(["zh", "en"]), help="Of a written table.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change an assumption: minutes.village=6.")
@click.option("--note", default="", help="Why it is changed; kept with it.")
@with_appcontext
def service_circles(
    region: str | None, level: str, as_json: bool, out: Path | None, lang: str, changes: Sequence[str], note: str
) -> None:
    """Tell how many grids, and whose, lie outside the service circles; compute the circles first if need be."""
    wired = center()
    if out is not None and out.suffix not in (".gpkg", ".xlsx", ".csv"):
        raise click.BadParameter("the name must end in .gpkg, .xlsx or .csv", param_hint="--out")
    try:
        if changes:
            _change(changes, note)
        wanted, answer = run.compute_now(wired.sessions, wired.settings.data, datetime.now(UTC))
    except CommandCenterError as failed:
        raise click.ClickException(failed.text_en) from failed
    with wired.sessions.read() as session:
        chosen = session.scalars(
            select(Region).where(Region.code == region if region else Region.level == "county")
        ).first()
        if chosen is None or chosen.level == "grid":
            raise click.ClickException(f"there is no county, town or village {region or ''}")
        grids = telling.grids_of(session, chosen.code)
    holding = Holding(answer)
    codes = [grid.code for grid in grids]
    text = _texts(lang)
    lines = telling.listed(holding, grids, wanted.places, level, ("outside", "partly"))
    if out is not None:
        out.write_bytes(
            {
                ".gpkg": lambda: outputs.geopackage(
                    answer,
                    wanted.places,
                    wanted.assumptions.minutes.model_dump(),
                    " ".join(outputs.method(wanted, text)),
                ),
                ".xlsx": lambda: outputs.workbook(lines, outputs.method(wanted, text), text),
                ".csv": lambda: outputs.as_csv(lines, text),
            }[out.suffix]()
        )
    document = {
        "ok": True,
        "region": {"code": chosen.code, "name": chosen.name},
        "inputs": wanted.told(),
        "figures": {one: holding.figures(codes, one) for one in LEVELS},
        "totals": telling.totals(holding, grids, chosen.code, chosen.level),
        "grids": lines,
    }
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    _tell(document["figures"], wanted, _texts("en"))
    if out is not None:
        click.echo(f"written: {out}")


def _tell(figures: Any, wanted: Inputs, text: Callable[[str], str]) -> None:
    for level in LEVELS:
        one = figures[level]
        minutes = getattr(wanted.assumptions.minutes, level)
        click.echo(
            f"{level:>8} {minutes:g} min: of {one['grids']} grids {one['inside']} inside, {one['partly']} partly, "
            f"{one['outside']} outside ({one['reached_by_another']} of these reached from another center)"
        )
    for sentence in outputs.method(wanted, text):
        click.echo(f"  {sentence}")


def _change(changes: Sequence[str], note: str) -> None:
    """Store the next edition of the assumptions. Raises: AssumptionsWrong, AssumptionsStale, BadParameter."""
    wired = center()
    with wired.sessions.begin() as session:
        newest = assumptions.newest(session, wired.settings.data)
        document = newest.assumptions.model_dump()
        for change in changes:
            name, _, value = change.partition("=")
            part: Any = document
            *above, last = name.split(".")
            for step in above:
                part = part.get(step) if isinstance(part, dict) else None
            if not isinstance(part, dict) or last not in part:
                raise click.BadParameter(f"there is no assumption {name}", param_hint="--set")
            part[last] = value
        assumptions.store(
            session,
            wired.settings.data,
            document,
            note=note,
            by=BY,
            based_on=newest.version,
            now=datetime.now(UTC),
        )


def _texts(lang: str) -> Callable[[str], str]:
    texts = current_app.extensions["texts"]
    return lambda key: str(texts.get(key, lang))


def _refuse(refused: GisError, as_json: bool) -> NoReturn:
    """End with why a file cannot be used at all."""
    if isinstance(refused, Unreadable):
        kind, zh, en = refused.reason, refused.text, refused.text_en
    else:
        kind = refused.reason if isinstance(refused, BadRoads) else type(refused).__name__
        zh = en = f"the file cannot be used: {REASONS.get(kind, str(refused))}"
    if not as_json:
        raise click.ClickException(en)
    _report(False, {}, [Fault(0, None, kind, zh, en, True)], True, [])
    raise SystemExit(1)


def _report(ok: bool, counts: dict[str, Any], faults: Sequence[Fault], as_json: bool, more: Sequence[str]) -> None:
    if as_json:
        told = [
            {"row": f.row or None, "code": f.code, "kind": f.kind, "text": f.text, "text_en": f.text_en}
            | {"level": "fault" if f.stands else "note"}
            for f in faults
        ]
        click.echo(json.dumps({"ok": ok, "counts": counts, "faults": told}, ensure_ascii=False))
        return
    for name, count in counts.items():
        click.echo(f"{count:>8} {name}")
    for line in more:
        click.echo(line)
    shown: Counter[str] = Counter()
    for fault in faults:
        shown[fault.kind] += 1
        if shown[fault.kind] <= MOST_SHOWN:
            click.echo(f"row {fault.row}{f' {fault.code}' if fault.code else ''}: {fault.text_en}")
    for kind, n in shown.items():
        if n > MOST_SHOWN:
            click.echo(f"… and {n - MOST_SHOWN} more of {kind}; all of them with --json")
    if not ok:
        click.echo("nothing was changed")


CIRCLE_COMMANDS = (import_roads, import_centers, service_circles)
