"""Outlines as files for other programs: GeoPackage, Shapefile, GeoJSON. Whatever is made up says so: *synthetic*, 合成.

`python -m gis.export` reads a request from stdin (`Request.spelt`) and writes the file to stdout: GDAL holds the
interpreter's lock while it writes, so a server asks a process of its own.
"""

import json
import os
import resource
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

Form = Literal["gpkg", "shp.zip", "geojson"]
FORMS: tuple[Form, ...] = ("gpkg", "shp.zip", "geojson")
CRSS = {"4326": "EPSG:4326", "4490": "EPSG:4490"}
"""WGS 84, and CGCS2000, which is equal to it for our purposes: the same numbers under either name."""
ENCODINGS = {"utf-8": "UTF-8", "gbk": "GBK"}
"""Of a Shapefile's attribute table."""
SYNTHETIC = "合成数据，非实测 · synthetic, not surveyed"
FIELDS = ("code", "name", "level", "kind", "parent_code", "source_code", "synthetic", "note", "edition")
SHORT = {"parent_code": "parent", "source_code": "src_code"}
"""A Shapefile's names of fields have ten characters at most."""
CPU_SECONDS = 240
MEMORY = 4 * 1024**3
"""What a process of its own may take."""
_DRIVERS = {"gpkg": "GPKG", "shp.zip": "ESRI Shapefile", "geojson": "GeoJSON"}


@dataclass(frozen=True, slots=True)
class Row:
    """One region. `wkb`: hexadecimal; degrees, longitude first."""

    code: str
    name: str
    level: str
    kind: str | None
    parent_code: str | None
    source_code: str | None
    synthetic: bool
    wkb: str


@dataclass(frozen=True, slots=True)
class Request:
    """What file is wanted. `name`: of the layer, ASCII; `title`: for people; `edition`: of the map."""

    form: Form
    crs: str
    encoding: str
    name: str
    title: str
    edition: int
    rows: Sequence[Row]

    @property
    def synthetic(self) -> bool:
        return any(row.synthetic for row in self.rows)

    def spelt(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def read(cls, spelt: bytes) -> "Request":
        said = json.loads(spelt)
        return cls(**said | {"rows": [Row(**row) for row in said["rows"]]})


def export(wanted: Request) -> bytes:
    """Write the file. A Shapefile comes zipped, with a note that says what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{wanted.name}.{wanted.form.split('.')[0]}"
        _write(wanted, path)
        if wanted.form != "shp.zip":
            return path.read_bytes()
        (path.parent / "readme.txt").write_text(_readme(wanted), encoding="utf-8-sig")
        packed = path.parent / "packed"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(path.parent.iterdir()):
                if part != packed:
                    archive.write(part, part.name)
        return packed.read_bytes()


def described(wanted: Request) -> str:
    """Say in a line what the layer is."""
    marked = f" · {SYNTHETIC}" if wanted.synthetic else ""
    return f"{wanted.title} · 第 {wanted.edition} 版 edition {wanted.edition} · {CRSS[wanted.crs]}{marked}"


def _write(wanted: Request, path: Path) -> None:
    shapes = shapely.from_wkb([bytes.fromhex(row.wkb) for row in wanted.rows])
    columns = [_column(wanted, name) for name in FIELDS]
    is_shape, is_package = wanted.form == "shp.zip", wanted.form == "gpkg"
    options: dict[str, Any] = {}
    if is_shape:
        options["layer_options"] = {"RESIZE": "YES"}
    elif is_package:
        options["layer_options"] = {"IDENTIFIER": wanted.title, "DESCRIPTION": described(wanted)}
        options["layer_metadata"] = {"SYNTHETIC": str(wanted.synthetic).lower(), "DESCRIPTION": described(wanted)}
    else:
        rfc = {"RFC7946": "YES"} if wanted.crs == "4326" else {}
        options["layer_options"] = {"DESCRIPTION": described(wanted), "COORDINATE_PRECISION": "7", **rfc}
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.orient_polygons(shapes)),
        [values for values, _ in columns],
        [SHORT.get(name, name) if is_shape else name for name in FIELDS],
        field_mask=[mask for _, mask in columns],
        layer=wanted.name,
        driver=_DRIVERS[wanted.form],
        geometry_type={"gpkg": "MultiPolygon", "shp.zip": "Polygon", "geojson": "Unknown"}[wanted.form],
        promote_to_multi=is_package,
        crs=CRSS[wanted.crs],
        encoding=ENCODINGS[wanted.encoding] if is_shape else "UTF-8",
        **options,
    )


def _column(wanted: Request, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A field's values, and where it has none."""
    if name == "edition":
        return np.full(len(wanted.rows), wanted.edition, dtype=np.int32), np.zeros(len(wanted.rows), dtype=bool)
    if name == "synthetic":
        return np.array([row.synthetic for row in wanted.rows]), np.zeros(len(wanted.rows), dtype=bool)
    if name == "note":
        values = [SYNTHETIC if row.synthetic else None for row in wanted.rows]
    else:
        values = [getattr(row, name) for row in wanted.rows]
    return np.array(values, dtype=object), np.array([value is None for value in values])


def _readme(wanted: Request) -> str:
    fields = "\n".join(f"{SHORT.get(name, name):<12}{name}" for name in FIELDS)
    return (
        f"{described(wanted)}\n\n属性表编码 encoding of the attribute table: {ENCODINGS[wanted.encoding]}\n\n"
        f"字段 fields（≤ 10 characters）\n{fields}\n"
    )


if __name__ == "__main__":
    # Give way to the server, and end for certain.
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.buffer.write(export(Request.read(sys.stdin.buffer.read())))
