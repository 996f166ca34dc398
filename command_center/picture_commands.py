"""The `flask` command that draws pictures of the county, for the wall, the file or the meeting."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.pictures.compose import compose
from command_center.pictures.order import KINDS, MEASURES, ordered
from command_center.pictures.render import render
from command_center.pictures.sheet import FORMS, LIES, PAPERS, sheet_of
from command_center.web import center
from gis.classes import RULES
from gis.picture import Language


@click.command("draw-map")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.html, .png or .pdf.")
@click.option("--region", default="", help="Code of a county, town, village or grid; the county when not given.")
@click.option("--from", "first", default="", help="First day of the reports, such as 2026-11-01; 30 days by default.")
@click.option("--to", "last", default="", help="Last day; today when not given.")
@click.option("--category", default="", help="Code of a major or minor class.")
@click.option("--by", default="", help="overdue, edition: colour each town, village or grid.")
@click.option("--measure", default="", type=click.Choice(["", *MEASURES]), help="overdue: share, or number now.")
@click.option("--classes", default="", type=click.Choice(["", *RULES]), help="How amounts are put into classes.")
@click.option("--cell", default="", help="density: the hexagons' width in metres.")
@click.option("--edition", default="", help="edition: which one to compare with the one before it; the newest.")
@click.option("--paper", default="A4", show_default=True, type=click.Choice(PAPERS, case_sensitive=False))
@click.option("--lie", default="landscape", show_default=True, type=click.Choice(LIES), help="How the paper lies.")
@click.option("--lang", default="zh", show_default=True, type=click.Choice(["zh", "en"]), help="Its language.")
@with_appcontext
def draw_map(kind: str, out: Path, first: str, last: str, lang: Language, **given: str) -> None:
    """Draw a map of KIND: a page that opens without network, a PNG of 300 dpi, or a PDF of vectors.

    situation: open tickets. density: reports per km². overdue: which part ran late. coverage: where grid workers'
    work left a sign. edition: what changed on the map. The operator sees everything; on the page /maps each
    account sees its own region.
    """
    wired, at = center(), datetime.now(UTC)
    texts = current_app.extensions["texts"]
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise click.ClickException(f"--out: the name must end in {', '.join('.' + one for one in FORMS)}")
    try:
        sheet = sheet_of(form, given)
        with wired.sessions.read() as session:
            today = at.astimezone(wired.settings.zone).date()
            order = ordered(session, kind, {"from": first, "to": last, **given}, None, today)
            picture = compose(
                session,
                order,
                None,
                zone=wired.settings.zone,
                now=at,
                language=lang,
                text=lambda key: texts.get(key, lang),
            )
        drawn = render(picture, sheet, wired.settings.home)
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_zh if lang == "zh" else refused.text_en) from refused
    try:
        out.write_bytes(drawn)
    except OSError as fault:
        raise click.ClickException(f"{out}: {fault.strerror}") from fault
    click.echo(f"{out}: {picture.title}, {len(drawn) // 1024} kB")
