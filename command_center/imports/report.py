"""The parts of a report that both sides of an import use: shapes for the preview, and faults counted by kind."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import shapely

SIMPLER_DEG = 0.00003
"""About three metres: enough for a preview of the whole county; a fault has a picture of its own."""
GRAIN_DEG = 0.00001


def feature(shape: Any, said: dict[str, Any]) -> dict[str, Any]:
    """A shape as GeoJSON feature for the preview, simplified and rounded."""
    simpler = shapely.simplify(shape, SIMPLER_DEG, preserve_topology=True)
    rounded = shapely.set_precision(shape if simpler.is_empty else simpler, GRAIN_DEG, mode="pointwise")
    return {"type": "Feature", "properties": said, "geometry": json.loads(shapely.to_geojson(rounded))}


def kinds(faults: list[dict[str, Any]], names: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Faults by kind with its short name, the most frequent first, real ones before mended ones and notes."""
    counted = Counter((fault["kind"], fault["level"], fault["repaired"], fault["repairable"]) for fault in faults)
    ordered = sorted(counted.items(), key=lambda one: (one[0][1] == "note", one[0][2], -one[1], one[0][0]))
    return [
        {"kind": key[0], "level": key[1], "repaired": key[2], "repairable": key[3], "count": count}
        | dict(zip(("name", "name_en"), names[key[0]], strict=True))
        for key, count in ordered
    ]
