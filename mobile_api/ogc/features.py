"""A feature, a page of them, and how both are written as GeoJSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from mobile_api.ogc.crs import CRS84, Crs

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """`geometry`: WGS 84 degrees, longitude first."""

    id: str
    geometry: shapely.Geometry
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the collection's order. `matched`: how many there are on all pages; None when too many to count.

    `next` and `prev`: where the page after this one, and the page before it, begin; None when there is none.
    """

    features: Sequence[Feature]
    matched: int | None
    next: str | None = None
    prev: str | None = None


def written(features: Sequence[Feature], crs: Crs = CRS84, links: Sequence[Any] = ()) -> list[str]:
    """Write features, outer rings counter-clockwise as RFC 7946 wants."""
    shapes = shapely.orient_polygons(np.array([feature.geometry for feature in features], dtype=object))
    if crs.lat_first:
        shapes = shapely.transform(shapes, lambda lonlat: lonlat[:, ::-1])
    more = "," + json.dumps({"links": links}, ensure_ascii=False)[1:-1] if links else ""
    return [
        f'{{"type":"Feature","id":{json.dumps(feature.id)},"geometry":{shape},'
        f'"properties":{json.dumps(feature.properties, ensure_ascii=False)}{more}}}'
        for feature, shape in zip(features, shapely.to_geojson(shapes), strict=True)
    ]


def collection(page: Page, crs: Crs, head: dict[str, Any]) -> Iterator[str]:
    """Write a page bit by bit. `head`: the members that stand before the features."""
    counted = {} if page.matched is None else {"numberMatched": page.matched}
    said = {"type": "FeatureCollection", **head, **counted, "numberReturned": len(page.features)}
    yield json.dumps(said, ensure_ascii=False)[:-1] + ', "features": ['
    for start in range(0, len(page.features), AT_ONCE):
        batch = written(page.features[start : start + AT_ONCE], crs)
        yield (",\n" if start else "\n") + ",\n".join(batch)
    yield "\n]}\n"
