"""The page of downloads: every layer of the map as a file, and the address where other programs read them live."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from command_center import layer_files
from command_center.layer_files import LAYERS, Wanted
from command_center.regions import editions
from command_center.web import center, signed_in_page
from dashboards.blueprint import screens
from gis.export import CRSS, ENCODINGS, FORMS


@screens.get("/downloads")
@signed_in_page
def downloads() -> ResponseReturnValue:
    """Show the layers of an edition with their files; sizes of those that were made already."""
    crs = _choice("crs", tuple(CRSS))
    encoding = _choice("encoding", tuple(ENCODINGS))
    home = center().settings.home
    with center().sessions.read() as session:
        present = editions.version_in_force(session)
        # What was withdrawn, or waits, is no map to work with.
        known = [row for row in editions.editions(session) if row.entered_at is not None]
        version = _edition([row.version for row in known], present)
        held = layer_files.held(session, version)
        rows = []
        for layer in (layer for layer in LAYERS if layer in held):
            files = []
            for form in FORMS:
                path = layer_files.place_of(session, home, Wanted(layer, form, crs, encoding), version)
                query = f"edition={version}&crs={crs}" + (f"&encoding={encoding}" if form == "shp.zip" else "")
                files.append((form, f"{layer}.{form}?{query}", path.stat().st_size if path.exists() else None))
            rows.append((layer, held[layer], files))
    return render_template(
        "downloads.html",
        rows=rows,
        editions=[(row.version, editions.own_name(row)) for row in known],
        version=version,
        crs=crs,
        encoding=encoding,
        crss=CRSS,
        encodings=ENCODINGS,
        synthetic=any(one.synthetic for one in held.values()),
        ogc=f"{request.root_url}ogc",
    )


def _choice(name: str, known: tuple[str, ...]) -> str:
    """What was chosen; the first when nothing sensible was."""
    asked = request.args.get(name, "")
    return asked if asked in known else known[0]


def _edition(known: list[int], present: int) -> int:
    asked = request.args.get("edition", "")
    return next((version for version in known if str(version) == asked), present)
