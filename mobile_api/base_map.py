"""The optional base map: what there is, and the operator's PMTiles file by ranges of bytes, for screens and phones.

Only for people who are signed in: the file may be one that the operator must not publish, and the key is theirs.
"""

import hashlib
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from command_center.errors import NothingHere
from command_center.settings import Settings
from command_center.web import TIANDITU_HOSTS, center, signed_in
from gis import pmtiles
from gis.errors import BadBaseMap

base_map = Blueprint("base_map", __name__, url_prefix="/base-map")
FILE = "/base-map/file.pmtiles"
# Layers of Tianditu, WMTS in the Web Mercator matrix `w`: the map itself, then its names over it.
TIANDITU = {"tianditu_vector": ("vec", "cva"), "tianditu_imagery": ("img", "cia")}
TIANDITU_DEEPEST = 18
TIANDITU_SOURCE = "© 国家地理信息公共服务平台 天地图"


@base_map.get("/layers.json")
@signed_in
def list_layers() -> Response:
    """List the base maps that the operator set, the file first."""
    settings = center().settings
    answer = jsonify(items=[*_file(settings), *_tianditu(settings)])
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


@base_map.get("/file.pmtiles")
@signed_in
def read_file() -> ResponseReturnValue:
    """Serve the file, whole or by one range of bytes. Raises: NothingHere."""
    path = center().settings.base_map
    if path is None or not path.is_file():
        raise NothingHere
    answer = send_file(path.resolve(), mimetype="application/vnd.pmtiles", conditional=True, max_age=3600)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["Vary"] = "Cookie, Authorization"
    return answer


def _file(settings: Settings) -> list[dict[str, Any]]:
    """Describe the operator's file; a missing or broken one is left out, `flask doctor` tells why."""
    if settings.base_map is None:
        return []
    try:
        archive = pmtiles.read(settings.base_map)
        changed = settings.base_map.stat()
    except (BadBaseMap, OSError):
        return []
    # The address changes with the file, so that no browser puts the tiles of two files together.
    edition = hashlib.sha256(f"{changed.st_mtime_ns} {changed.st_size}".encode()).hexdigest()[:12]
    described = {
        "id": "file",
        "kind": "vector" if archive.vector else "raster",
        "url": f"{request.script_root}{FILE}?edition={edition}",
        "min_zoom": archive.min_zoom,
        "max_zoom": archive.max_zoom,
        "bounds": archive.bounds,
        "attribution": archive.attribution,
        "schema": "protomaps" if archive.is_protomaps else "other",
        "layers": archive.layers,
    }
    return [described]


def _tianditu(settings: Settings) -> list[dict[str, Any]]:
    if settings.tianditu_key is None:
        return []
    key = settings.tianditu_key.get_secret_value()
    return [
        {
            "id": name,
            "kind": "tiles",
            "tiles": [_wmts(layer, key) for layer in layers],
            "subdomains": "".join(str(n) for n in range(len(TIANDITU_HOSTS))),
            "max_zoom": TIANDITU_DEEPEST,
            "attribution": TIANDITU_SOURCE,
        }
        for name, layers in TIANDITU.items()
    ]


def _wmts(layer: str, key: str) -> str:
    """The address of a tile, with Leaflet's placeholders."""
    host = TIANDITU_HOSTS[0].replace("//t0", "//t{s}")
    return (
        f"{host}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
        f"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
    )
