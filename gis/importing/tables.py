"""Layers as tables: columns of values and a column of shapes, whatever file they came from."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from gis.importing.refusals import unreadable
from gis.importing.unpacking import Part

Shapes = NDArray[np.object_]
MOST_ROWS = 200_000
MOST_COLUMNS = 300
MOST_VERTICES = 30_000_000
_BYTES = "ISO-8859-1"
"""Every byte is a letter in it: what was decoded with it can be taken back to bytes."""
_CODE_PAGES = {"936": "GB18030", "GBK": "GB18030", "GB2312": "GB18030", "CP936": "GB18030", "65001": "UTF-8"}
_OF_KML_ITSELF = {
    "id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon",
}  # fmt: skip


@dataclass
class Table:
    """One layer. columns: by name, one value a row, None where there is none. shapes: as read, None where missing.

    rows: the numbers that people see. unread: a shape was there and is none. opened: a ring that did not close.
    crs: as the file declares it, for pyproj. flat: no shape had a third coordinate.
    """

    layer: str
    columns: dict[str, list[Any]]
    shapes: Shapes
    rows: list[int]
    unread: NDArray[np.bool_]
    opened: NDArray[np.bool_]
    crs: str | None = None
    crs_by_format: bool = False
    encoding: str | None = None
    flat: bool = True
    cut_texts: int = 0
    numbers_cut: set[tuple[str, int]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.rows)


def shapes_of_wkb(wkb: Sequence[bytes | None]) -> tuple[Shapes, NDArray[np.bool_], NDArray[np.bool_]]:
    """Shapes, and which could not be read, and which had a ring that did not close (closed now)."""
    raw = np.asarray(wkb, dtype=object)
    return _forgiving(raw, shapely.from_wkb)


def shapes_of_wkt(wkt: Sequence[str | None]) -> tuple[Shapes, NDArray[np.bool_], NDArray[np.bool_]]:
    """The same of well-known text."""
    return _forgiving(np.asarray(wkt, dtype=object), shapely.from_wkt)


def _forgiving(raw: NDArray[np.object_], read: Any) -> tuple[Shapes, NDArray[np.bool_], NDArray[np.bool_]]:
    there = np.array([value is not None for value in raw], dtype=bool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shapes = np.asarray(read(raw, on_invalid="ignore"), dtype=object).reshape(len(raw))
        lost = there & np.array([shape is None for shape in shapes], dtype=bool)
        if lost.any():
            shapes[lost] = read(raw[lost], on_invalid="fix")
    unread = there & np.array([shape is None for shape in shapes], dtype=bool)
    return shapes, unread, lost & ~unread


def read_layers(part: Part, encoding: str | None) -> Iterator[Table]:
    """All layers with shapes in a file that GDAL reads. Raises: Unreadable."""
    for name, kind in _layers(part):
        if kind is not None:
            yield _layer(part, name, encoding)


def _layers(part: Part) -> list[tuple[str, str | None]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if part.format == "shapefile":
                return [("0", "Polygon")]
            return [(str(name), kind) for name, kind in pyogrio.list_layers(part.path)]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, RuntimeError) as error:
        raise unreadable("damaged", detail=_plain(error)) from error


def _layer(part: Part, name: str, encoding: str | None) -> Table:
    by_bytes = part.format == "shapefile"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = pyogrio.read_info(
                part.path, layer=name, encoding=_BYTES if by_bytes else None, force_feature_count=True
            )
            _require_driver(told["driver"])
            if told["features"] > MOST_ROWS:
                raise unreadable("too-many-rows", limit=MOST_ROWS)
            if len(told["fields"]) > MOST_COLUMNS:
                raise unreadable("too-many-columns", limit=MOST_COLUMNS)
            meta, fids, wkb, values = pyogrio.raw.read(
                part.path,
                layer=name,
                encoding=_BYTES if by_bytes else None,
                return_fids=True,
                datetime_as_string=True,
            )
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.FieldError,
        UnicodeDecodeError,
        ValueError,
        RuntimeError,
        MemoryError,
    ) as error:
        raise unreadable("damaged", detail=_plain(error)) from error
    names = [str(field) for field in meta["fields"]]
    columns = {field: [_value(value) for value in column] for field, column in zip(names, values, strict=True)}
    used = str(meta.get("encoding") or "UTF-8")
    cut = 0
    if by_bytes:
        columns, used, cut = _decoded(columns, part, encoding)
    if part.format == "kml":
        columns = {
            field: column
            for field, column in columns.items()
            if field not in _OF_KML_ITSELF and any(value is not None for value in column)
        }
    shapes, unread, opened = shapes_of_wkb(wkb if wkb is not None else [None] * len(fids))
    table = Table(
        layer=part.name if by_bytes else name,
        columns=columns,
        shapes=shapes,
        rows=[int(fid) + (1 if _counts_from_zero(part) else 0) for fid in fids],
        unread=unread,
        opened=opened,
        crs=meta["crs"],
        crs_by_format=part.format in ("kml", "geojson"),
        encoding=used,
        cut_texts=cut,
    )
    if part.format == "geojson":
        table.rows = list(range(1, len(fids) + 1))
        table.layer = part.name
    return table


def _counts_from_zero(part: Part) -> bool:
    return part.format == "shapefile"


def _require_driver(driver: str) -> None:
    if driver not in ("ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML", "OpenFileGDB"):
        raise unreadable("unknown-format")


def _value(value: Any) -> Any:
    """A plain value: texts without space around them, None for what is empty."""
    if isinstance(value, str):
        return value.strip().strip("\x00") or None
    if value is None or isinstance(value, (bytes, bool)):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    return value


def _plain(error: BaseException) -> str:
    """GDAL's words without the place where we keep the file."""
    return str(error).replace("\n", " ").split("/tmp/")[0].strip(" '\"") or type(error).__name__


# Texts of a Shapefile


def _decoded(columns: dict[str, list[Any]], part: Part, chosen: str | None) -> tuple[dict[str, list[Any]], str, int]:
    """Decode names and texts by the choice, else by the .cpg where it fits, else by what they are."""
    raw = {name.encode(_BYTES): [_raw(value) for value in values] for name, values in columns.items()}
    texts = [*raw, *(value for values in raw.values() for value in values if isinstance(value, bytes))]
    used = chosen or fitting_encoding(texts, _told_by_cpg(part))
    cut = 0
    decoded: dict[str, list[Any]] = {}
    for name, values in raw.items():
        own: list[Any] = []
        for value in values:
            if isinstance(value, bytes):
                text, damaged = _decode(value, used)
                cut += damaged
                own.append(text.strip() or None)
            else:
                own.append(value)
        decoded[_decode(name, used)[0]] = own
    return decoded, used, cut


def _raw(value: Any) -> Any:
    return value.encode(_BYTES) if isinstance(value, str) else value


def _decode(raw: bytes, encoding: str) -> tuple[str, bool]:
    """The text, and whether it was cut in the middle of a character, as fields of fixed width do."""
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode(encoding, "ignore"), True


def _told_by_cpg(part: Part) -> str | None:
    cpg = part.path.with_suffix(".cpg")
    if not cpg.exists():
        return None
    told = cpg.read_bytes()[:40].decode("ascii", "ignore").strip().upper().replace("ANSI", "").strip()
    told = _CODE_PAGES.get(told, told)
    return told if known_encoding(told) else None


def known_encoding(name: str) -> bool:
    """Whether texts can be decoded by this name; only those that Chinese files come in."""
    return name.upper().replace("_", "-") in (
        "UTF-8", "UTF8", "UTF-8-SIG", "UTF-16", "GBK", "GB2312", "GB18030", "CP936", "BIG5", "ASCII", "ISO-8859-1",
    )  # fmt: skip


def fitting_encoding(texts: Sequence[bytes], told: str | None = None) -> str:
    """The encoding that these texts are in: the one told, if hardly any text contradicts it, else UTF-8, else GB18030.

    A text cut in the middle of a character contradicts nothing: its last bytes are left out.
    """
    speaking = [text for text in texts if not text.isascii()]
    if not speaking:
        return told or "UTF-8"
    for encoding in (*((told,) if told else ()), "UTF-8", "GB18030"):
        wrong = sum(not _may_be(text, encoding) for text in speaking)
        if wrong * 50 <= len(speaking):
            return encoding
    return told or "GB18030"


def _may_be(text: bytes, encoding: str) -> bool:
    for missing in range(4):
        try:
            text[: len(text) - missing].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
