"""What a PMTiles archive says about itself: whether its tiles are pictures or vectors, where, and of whom.

Source: the PMTiles specification, version 3. Only the header and the metadata are read; browsers fetch the tiles
by ranges of bytes.
"""

import json
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis.errors import BadBaseMap

HEADER = struct.Struct("<7sB11Q6B4iB2i")
VECTOR, PICTURES = 1, (2, 3, 4, 5)
NOT_COMPRESSED, GZIPPED = 1, 2
LARGEST_METADATA = 4 * 1024 * 1024
# Layers that every archive of the Protomaps basemap has; any other one is drawn by the names of its layers.
PROTOMAPS = {"earth", "water", "roads", "places"}
LONGEST_ATTRIBUTION = 200


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that browsers can draw. `bounds`: west, south, east, north, degrees; `layers`: of vector tiles."""

    vector: bool
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    attribution: str
    layers: tuple[str, ...]

    @property
    def is_protomaps(self) -> bool:
        return set(self.layers) >= PROTOMAPS


def read(path: Path) -> Archive:
    """Read an archive's header and metadata.

    Raises: BadBaseMap when it is not there, is no PMTiles of version 3, or holds tiles that browsers cannot draw.
    """
    try:
        with path.open("rb") as file:
            start = file.read(HEADER.size)
            if len(start) < HEADER.size or start[:7] != b"PMTiles":
                raise BadBaseMap("not-pmtiles")
            header = HEADER.unpack(start)
            size = path.stat().st_size
            if header[1] != 3:
                raise BadBaseMap("other-version")
            root, metadata = (header[2], header[3]), (header[4], header[5])
            if root[0] + root[1] > size or metadata[0] + metadata[1] > size or header[8] + header[9] > size:
                raise BadBaseMap("cut-off")
            file.seek(metadata[0])
            told = _metadata(file.read(min(metadata[1], LARGEST_METADATA)), header[14])
    except OSError as away:
        raise BadBaseMap("not-readable") from away
    tile_type, min_zoom, max_zoom = header[16], header[17], header[18]
    if header[14] > GZIPPED or header[15] > GZIPPED:
        raise BadBaseMap("unknown-compression")
    if tile_type != VECTOR and tile_type not in PICTURES:
        raise BadBaseMap("unknown-tiles")
    west, south, east, north = (value / 1e7 for value in header[19:23])
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90) or min_zoom > max_zoom:
        raise BadBaseMap("no-area")
    return Archive(
        vector=tile_type == VECTOR,
        min_zoom=min_zoom,
        max_zoom=max_zoom,
        bounds=(west, south, east, north),
        attribution=_plain(told.get("attribution")),
        layers=_layers(told.get("vector_layers")),
    )


def _metadata(content: bytes, compression: int) -> dict[str, Any]:
    """Read the JSON beside the tiles; an archive without any is still drawn."""
    try:
        if compression == GZIPPED:
            # A metadata bomb must not fill the memory: more than this is nobody's description.
            content = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content, LARGEST_METADATA)
        elif compression != NOT_COMPRESSED:
            return {}
        told = json.loads(content)
    except (ValueError, zlib.error, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _plain(text: Any) -> str:
    """The attribution without its links: it is shown as text."""
    if not isinstance(text, str):
        return ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)).strip()[:LONGEST_ATTRIBUTION]


def _layers(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list):
        return ()
    names = (layer.get("id") for layer in told[:200] if isinstance(layer, dict))
    return tuple(name[:100] for name in names if isinstance(name, str))
