"""Tiny PMTiles archives for tests: pictures of one colour, and vector tiles with a water, two roads and a name."""

import gzip
import io
import json
import math
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import shapely
from PIL import Image

WEST, SOUTH, EAST, NORTH = 122.0, 40.2, 123.2, 41.0
COLOUR = (200, 60, 120)
VECTOR, PNG = 1, 2
Tiles = dict[tuple[int, int, int], bytes]


def pictures(path: Path, deepest: int = 9, **metadata: Any) -> Path:
    """An archive of PNG tiles, each of one colour, over the county and its neighbours."""
    content = picture()
    tiles = {at: content for zoom in range(deepest + 1) for at in _around(zoom)}
    return write(path, tiles, PNG, deepest, metadata)


def picture() -> bytes:
    spelt = io.BytesIO()
    Image.new("RGB", (256, 256), COLOUR).save(spelt, "PNG")
    return spelt.getvalue()


def vectors(path: Path, deepest: int = 10, names: tuple[str, ...] = ("earth", "water", "roads", "places")) -> Path:
    """An archive of vector tiles; `names`: of its four layers, as Protomaps calls them unless told otherwise."""
    shapes = (
        {"kind": "earth", "geometry": shapely.box(WEST, SOUTH, EAST, NORTH)},
        {"kind": "water", "geometry": shapely.Point(122.5, 40.63).buffer(0.06)},
        {"kind": "highway", "geometry": shapely.LineString([(WEST, 40.6), (EAST, 40.66)])},
        {"kind": "locality", "name": "Dashiqiao", "name:zh": "大石桥", "geometry": shapely.Point(122.51, 40.64)},
    )
    tiles: Tiles = {}
    for name, shape in zip(names, shapes, strict=True):
        for at, layer in _mvt(name, shape, deepest).items():
            # Layers of a vector tile simply follow each other.
            tiles[at] = tiles.get(at, b"") + layer
    zipped = {at: gzip.compress(tile, mtime=0) for at, tile in tiles.items()}
    layers = [{"id": name, "fields": {}} for name in names]
    return write(path, zipped, VECTOR, deepest, {"vector_layers": layers, "attribution": "<a href='x'>© 测绘院</a>"})


def write(path: Path, tiles: Tiles, kind: int, deepest: int, metadata: dict[str, Any]) -> Path:
    """Write an archive of version 3 with one directory. Source: the PMTiles specification."""
    ordered = sorted((tile_id(*at), content) for at, content in tiles.items())
    told = gzip.compress(json.dumps(metadata).encode(), mtime=0)
    directory = gzip.compress(_directory(ordered), mtime=0)
    data = b"".join(content for _, content in ordered)
    root, at = 127, 127 + len(directory)
    header = struct.pack(
        "<7sB11Q6B4iB2i",
        b"PMTiles",
        3,
        *(root, len(directory), at, len(told), at + len(told), 0, at + len(told), len(data)),
        *(len(ordered), len(ordered), len(ordered)),
        *(1, 2, 2 if kind == VECTOR else 1, kind, 0, deepest),
        *(round(degrees * 1e7) for degrees in (WEST, SOUTH, EAST, NORTH)),
        8,
        *(round(degrees * 1e7) for degrees in (122.5, 40.63)),
    )
    path.write_bytes(header + directory + told + data)
    return path


def tile_id(zoom: int, x: int, y: int) -> int:
    """Number a tile along the Hilbert curves of the zooms."""
    found = (4**zoom - 1) // 3
    step = 1 << zoom >> 1
    while step:
        right, down = (1 if x & step else 0), (1 if y & step else 0)
        found += step * step * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = step - 1 - (x & (step - 1)), step - 1 - (y & (step - 1))
            x, y = y, x
        x, y = x & (step - 1), y & (step - 1)
        step >>= 1
    return found


def _directory(ordered: Iterable[tuple[int, bytes]]) -> bytes:
    numbers = [number for number, _ in ordered]
    sizes = [len(content) for _, content in ordered]
    gaps = [after - before for before, after in zip([0, *numbers], numbers, strict=False)]
    # Runs of one tile; each content lies behind the one before, which is spelt as 0.
    columns = [gaps, [1] * len(numbers), sizes, [1] + [0] * (len(numbers) - 1)]
    return b"".join(map(_varint, [len(numbers), *(value for column in columns for value in column)]))


def _varint(value: int) -> bytes:
    spelt = bytearray()
    while value > 127:
        spelt.append(value & 127 | 128)
        value >>= 7
    return bytes([*spelt, value])


def _around(zoom: int) -> list[tuple[int, int, int]]:
    """The tiles of a zoom that the archive's area touches, in the Web Mercator scheme."""

    def tile(lon: float, lat: float) -> tuple[int, int]:
        up = math.asinh(math.tan(math.radians(lat)))
        return int((lon + 180) / 360 * 2**zoom), int((1 - up / math.pi) / 2 * 2**zoom)

    (left, top), (right, bottom) = tile(WEST, NORTH), tile(EAST, SOUTH)
    return [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _mvt(name: str, shape: dict[str, Any], deepest: int) -> Tiles:
    """One layer's vector tiles, made by GDAL."""
    frame = geopandas.GeoDataFrame([shape], geometry="geometry", crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "tiles"
        pyogrio.write_dataframe(
            frame, made, driver="MVT", layer=name, FORMAT="DIRECTORY", COMPRESS="NO", MINZOOM="0", MAXZOOM=str(deepest)
        )
        return {
            (int(tile.parent.parent.name), int(tile.parent.name), int(tile.stem)): tile.read_bytes()
            for tile in made.rglob("*.pbf")
        }
