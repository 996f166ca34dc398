"""The `flask` command that writes a layer of the map into a file for other programs."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from command_center.errors import CommandCenterError
from command_center.layer_files import LAYERS, Wanted, request_of
from command_center.regions.editions import version_in_force
from command_center.web import center
from gis.export import CRSS, ENCODINGS, FORMS, export


@click.command("export-layer")
@click.argument("layer", type=click.Choice(list(LAYERS)))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--edition", type=click.IntRange(1), help="Which edition of the map; the one in force when not given.")
@click.option("--crs", type=click.Choice(list(CRSS)), default="4326", show_default=True, help="WGS 84, or CGCS2000.")
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), default="utf-8", show_default=True, help="Of a .shp.")
@with_appcontext
def export_layer(layer: str, out: Path, edition: int | None, crs: str, encoding: str) -> None:
    """Write LAYER into a file: the ending of --out says as what (.gpkg, .shp.zip, .geojson)."""
    form = next((form for form in FORMS if out.name.lower().endswith(f".{form}")), None)
    if form is None:
        raise click.ClickException(f"--out: the file's name must end in .{', .'.join(FORMS)}")
    try:
        with center().sessions.read() as session:
            version = edition or version_in_force(session)
            request = request_of(session, Wanted(layer, form, crs, encoding), version)
    except CommandCenterError as refused:
        raise click.ClickException(refused.text_en) from refused
    try:
        out.write_bytes(export(request))
    except OSError as wrong:
        raise click.ClickException(f"{out}: {wrong.strerror}") from wrong
    marked = ", synthetic" if request.synthetic else ""
    click.echo(f"{len(request.rows)} {layer} of edition {version}{marked}: {out}")
