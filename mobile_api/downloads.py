"""Layers of the map as files for other programs."""

from flask import Response, request, send_file

from command_center import layer_files
from command_center.errors import EditionNotFound, Invalid, NothingHere
from command_center.layer_files import LAYERS, Wanted
from command_center.regions import editions
from command_center.web import center, signed_in
from gis.export import CRSS, ENCODINGS, FORMS, Form
from mobile_api import answers
from mobile_api.blueprint import api

MEDIA = {"gpkg": "application/geopackage+sqlite3", "shp.zip": "application/zip", "geojson": "application/geo+json"}


@api.get("/downloads/<file>")
@signed_in
def download(file: str) -> Response:
    """Download a layer as GeoPackage, Shapefile or GeoJSON: `grids.gpkg`, `towns.shp.zip`, `county.geojson`.

    `edition`: of the map, the one in force when not given. `crs`: 4326 or 4490. `encoding`: of a Shapefile's table.
    """
    layer, _, ending = file.partition(".")
    form = form_of(ending)
    if layer not in LAYERS or form is None:
        raise NothingHere
    wanted = Wanted(
        layer,
        form,
        answers.choice("crs", tuple(CRSS)) or "4326",
        answers.choice("encoding", tuple(ENCODINGS)) or "utf-8",
    )
    wired = center()
    path = layer_files.file_of(wired.sessions, wired.settings.home, wanted, edition())
    answer = send_file(path.resolve(), mimetype=MEDIA[form], as_attachment=True, download_name=path.name, max_age=300)
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def form_of(ending: str) -> Form | None:
    return next((form for form in FORMS if form == ending), None)


def edition() -> int | None:
    """Read `edition`: one that is in force or was. Raises: Invalid, EditionNotFound."""
    if not request.args.get("edition"):
        return None
    version = answers.integer("edition", 0)
    if version < 1:
        raise Invalid(
            field="edition", reason_zh="edition 应为从 1 起的版本号", reason_en="edition must be a number from 1 on"
        )
    with center().sessions.read() as session:
        # A map that is not in force yet is shown to those who prepare it; of one withdrawn nothing is kept.
        if editions.edition(session, version).entered_at is None:
            raise EditionNotFound(version=version, field="edition")
    return version
