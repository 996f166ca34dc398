"""Roads out of a file of lines: its reference, its columns of speed, class and direction, and what is wrong with it."""

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pyogrio.errors
import pyproj
import shapely
from numpy.typing import NDArray

from gis.datum import CHINA_LAT, CHINA_LON, DATUMS, to_wgs84
from gis.errors import BadCoordinates, BadRoads
from gis.importing.refusals import unreadable
from gis.importing.unpacking import Part, lay_out
from gis.roads import BACKWARD, BOTH, FASTEST_KMH, FORWARD, SLOWEST_KMH, Road

UNKNOWN_KMH = 30.0
SHORTEST_M = 0.5
MOST_LINES = 500_000
MOST_VERTICES = 20_000_000
SPEED_WORDS = ("maxspeed", "speed", "kmh", "限速", "设计时速", "设计速度", "车速")
CLASS_WORDS = ("fclass", "highway", "class", "type", "道路等级", "技术等级", "行政等级", "等级", "类型")
ONEWAY_WORDS = ("oneway", "one_way", "单行", "单向", "通行方向")
# Geofabrik writes F, T and B: along the line, against it, both ways.
WAYS = {
    **dict.fromkeys(("yes", "true", "1", "f", "ft", "forward", "是", "单向", "单行", "正向"), FORWARD),
    **dict.fromkeys(("-1", "t", "tf", "reverse", "backward", "反向", "逆向"), BACKWARD),
    **dict.fromkeys(("", "no", "false", "0", "b", "both", "否", "双向"), BOTH),
}
FAULTS = {
    "no-line": ("没有线几何", "has no line"),
    "too-short": (f"短于 {SHORTEST_M} 米", f"is shorter than {SHORTEST_M} m"),
    "bad-coordinates": ("坐标不是有限数值或不在中国境内", "has coordinates that are not finite or far from China"),
    "bad-speed": ("车速读不懂，按等级取值", "has a speed that cannot be read; its class decides"),
    "unknown-class": (f"等级不在表中，按 {UNKNOWN_KMH:g} km/h", f"has an unknown class: {UNKNOWN_KMH:g} km/h"),
    "unknown-direction": ("通行方向读不懂，按双向", "has a direction that cannot be read: both ways"),
}
_CHINA = np.array([CHINA_LON, CHINA_LAT]).T
LEFT_OUT = {"no-line", "too-short", "bad-coordinates"}
Tell = Callable[[int, int], object]


@dataclass(frozen=True)
class RoadChoices:
    """What a person said of the file; None is left to the file or to a guess by the columns' names.

    crs: `wgs84 cgcs2000 gcj02 bd09` or `EPSG:n`; speed, road_class, oneway: names of its columns, "" for none.
    """

    crs: str | None = None
    layer: str | None = None
    speed: str | None = None
    road_class: str | None = None
    oneway: str | None = None


@dataclass(frozen=True, slots=True)
class RoadFault:
    """Something about one line of the file. `left_out`: it is not part of the network."""

    row: int
    kind: str
    text: str
    text_en: str
    left_out: bool


@dataclass(frozen=True)
class RoadSurvey:
    """What a file of roads holds. counts: lines, roads, left_out, elsewhere, km; roads by where the speed is from."""

    roads: tuple[Road, ...] = ()
    faults: tuple[RoadFault, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    crs: str = ""
    columns: dict[str, str | None] = field(default_factory=dict)


def read_classes(path: Path) -> dict[str, float]:
    """Read the table of speeds by road class: word to km/h."""
    with path.open(encoding="utf-8", newline="") as file:
        return {word: float(row["kmh"]) for row in csv.DictReader(file) for word in row["words"].split(";")}


def survey_roads(
    path: Path,
    choices: RoadChoices,
    classes: Mapping[str, float],
    around: tuple[float, float, float, float] | None = None,
    tell: Tell = lambda done, total: None,
) -> RoadSurvey:
    """Read a GeoJSON, a GeoPackage, a Shapefile (zipped) or a FileGDB of lines.

    around: west, south, east, north; lines that do not touch it are left out and counted as `elsewhere`.
    Raises: Unreadable, BadRoads for a file that cannot be used at all. All else is a fault of its line.
    """
    with tempfile.TemporaryDirectory() as room:
        frame = _read(lay_out(path, Path(room)), choices.layer)
    if len(frame) == 0:
        raise BadRoads("no-lines")
    shapes, crs = _in_degrees(frame, choices.crs)
    columns = {
        "speed": _column(frame, choices.speed, SPEED_WORDS),
        "road_class": _column(frame, choices.road_class, CLASS_WORDS),
        "oneway": _column(frame, choices.oneway, ONEWAY_WORDS),
    }
    values = {name: list(frame[column]) if column else None for name, column in columns.items()}
    roads: list[Road] = []
    faults: list[RoadFault] = []
    counts: Counter[str] = Counter(lines=len(frame))
    box = shapely.box(*around) if around else None
    for index, shape in enumerate(shapes):
        if index % 1000 == 0:
            tell(index, len(shapes))
        kinds: set[str] = set()
        kept, elsewhere = _lines(shape, box, kinds)
        counts["elsewhere"] += elsewhere
        if kept:
            kmh, source = _kmh(_at(values["speed"], index), _at(values["road_class"], index), classes, kinds)
            way = _way(_at(values["oneway"], index), kinds)
            roads += [Road(line, kmh, way) for line in kept]
            counts[f"speed_by_{source}"] += len(kept)
        faults += [RoadFault(index + 1, kind, *FAULTS[kind], kind in LEFT_OUT) for kind in sorted(kinds)]
        counts["left_out"] += bool(kinds & LEFT_OUT)
    tell(len(shapes), len(shapes))
    if not roads:
        raise BadRoads("no-lines")
    counts["roads"] = len(roads)
    counts["km"] = round(sum(_length(road.geometry) for road in roads) / 1000)
    return RoadSurvey(tuple(roads), tuple(faults), dict(counts), crs, columns)


def _read(parts: list[Part], layer: str | None) -> geopandas.GeoDataFrame:
    """Read the first layer of lines, or the named one."""
    for part in parts:
        if part.format in ("xlsx", "csv"):
            continue
        try:
            for name, kind in pyogrio.list_layers(part.path):
                if layer is None and not (kind and ("Line" in kind or kind == "Unknown")):
                    continue
                # A Shapefile has one layer, which bears the name that it was laid out under.
                if layer is None or layer in (name, part.name):
                    return _frame(part, name)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as broken:
            raise unreadable("damaged", detail=str(broken)[:80]) from broken
    raise BadRoads("no-lines")


def _frame(part: Part, name: str) -> geopandas.GeoDataFrame:
    told = pyogrio.read_info(part.path, layer=name)
    if told["features"] > MOST_LINES:
        raise unreadable("too-many-rows", limit=MOST_LINES)
    try:
        frame = pyogrio.read_dataframe(part.path, layer=name, on_invalid="ignore")
    except UnicodeDecodeError:
        frame = pyogrio.read_dataframe(part.path, layer=name, on_invalid="ignore", encoding="GB18030")
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise BadRoads("no-lines")
    if int(shapely.get_num_coordinates(frame.geometry.values).sum()) > MOST_VERTICES:
        raise unreadable("too-many-vertices", limit=MOST_VERTICES)
    return frame


def _in_degrees(frame: geopandas.GeoDataFrame, asked: str | None) -> tuple[NDArray[np.object_], str]:
    """The shapes in WGS 84 and the reference they came in. Raises: BadRoads."""
    shapes = shapely.force_2d(frame.geometry.values)
    if asked in DATUMS:
        return _shifted(shapes, str(asked)), str(asked)
    try:
        crs = pyproj.CRS.from_user_input(asked) if asked else frame.crs
    except pyproj.exceptions.CRSError as unknown:
        raise BadRoads("unknown-crs") from unknown
    if crs is None:
        raise BadRoads("crs-missing")
    name = f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else str(crs.name)
    if crs.to_epsg() in (4326, 4490):
        return shapes, name
    way = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return np.asarray(shapely.transform(shapes, way.transform, interleaved=False), dtype=object), name


def _shifted(shapes: NDArray[np.object_], datum: str) -> NDArray[np.object_]:
    try:
        return np.asarray(
            shapely.transform(shapes, lambda x, y: to_wgs84(x, y, datum), interleaved=False), dtype=object
        )
    except BadCoordinates as bad:
        raise BadRoads("bad-coordinates") from bad


def _column(frame: geopandas.GeoDataFrame, asked: str | None, words: tuple[str, ...]) -> str | None:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if asked == "":
        return None
    if asked is not None:
        if asked not in names:
            raise BadRoads("no-such-column")
        return asked
    return next((name for word in words for name in names if name.lower() == word), None)


def _at(values: list[Any] | None, index: int) -> str:
    """A cell as text; an empty one, or no column at all, is an empty text."""
    value = values[index] if values is not None else None
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().lower()


def _lines(shape: Any, box: shapely.Polygon | None, kinds: set[str]) -> tuple[list[shapely.LineString], bool]:
    """The sound lines of a feature that touch the area, and whether it lies elsewhere."""
    parts = shapely.get_parts(shape) if shape is not None else []
    lines = [part for part in parts if part.geom_type == "LineString" and not part.is_empty]
    if not lines:
        kinds.add("no-line")
        return [], False
    kept = []
    elsewhere = False
    for line in lines:
        xy = shapely.get_coordinates(line)
        if not (np.isfinite(xy).all() and (xy >= _CHINA[0]).all() and (xy <= _CHINA[1]).all()):
            kinds.add("bad-coordinates")
        elif _length(line) < SHORTEST_M:
            kinds.add("too-short")
        elif box is not None and not shapely.intersects(box, line):
            elsewhere = True
        else:
            kept.append(shapely.remove_repeated_points(line))
    return kept, elsewhere


def _length(line: shapely.LineString) -> float:
    """Metres, near enough to tell a road from a slip of the pen."""
    xy = shapely.get_coordinates(line)
    steps = np.diff(xy, axis=0) * [111_320 * np.cos(np.deg2rad(xy[:, 1].mean())), 111_050]
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def _kmh(speed: str, road_class: str, classes: Mapping[str, float], kinds: set[str]) -> tuple[float, str]:
    """km/h, and whether it is the file's own, the class table's or the assumed one."""
    if speed and speed != "0":
        try:
            kmh = float(speed.removesuffix("km/h").strip())
        except ValueError:
            kmh = np.nan
        if SLOWEST_KMH <= kmh <= FASTEST_KMH:
            return kmh, "column"
        kinds.add("bad-speed")
    if road_class in classes:
        return classes[road_class], "class"
    if road_class:
        kinds.add("unknown-class")
    return UNKNOWN_KMH, "assumption"


def _way(text: str, kinds: set[str]) -> int:
    if text not in WAYS:
        kinds.add("unknown-direction")
    return WAYS.get(text, BOTH)
