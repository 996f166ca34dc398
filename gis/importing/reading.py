"""A file's layers, whatever kind of file it is."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from gis.importing.records import Choices, Tell
from gis.importing.refusals import unreadable
from gis.importing.sheets import read_sheets
from gis.importing.tables import MOST_VERTICES, Table, known_encoding, read_layers
from gis.importing.unpacking import Part, lay_out

# While a file is read: it must not make GDAL look for anything elsewhere. GDAL keeps options for the whole process.
READING = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "LIBKML_EXTERNAL_STYLE": "NO",
    "SHAPE_RESTORE_SHX": "YES",
}


@contextmanager
def _shut_in() -> Iterator[None]:
    """Read with the options above, and leave GDAL as it was: restoring .shx breaks reading out of zip files."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in READING}
    pyogrio.set_gdal_config_options(READING)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def read_tables(path: Path, choices: Choices, tell: Tell) -> tuple[str, list[Table]]:
    """The file's format, and its layers of areas; with a layer chosen, that one. Raises: Unreadable."""
    if choices.encoding is not None and not known_encoding(choices.encoding):
        raise unreadable("unknown-encoding", detail=choices.encoding)
    with tempfile.TemporaryDirectory(prefix="import-") as room, _shut_in():
        parts = lay_out(path, Path(room))
        tables: list[Table] = []
        for n, part in enumerate(parts):
            tell("reading", n, len(parts))
            tables += _read(part, choices)
        tell("reading", len(parts), len(parts))
    _require_few_vertices(tables)
    tables = [table for table in tables if len(table)]
    if choices.layer is not None:
        chosen = [table for table in tables if table.layer == choices.layer]
        if not chosen:
            names = ", ".join(dict.fromkeys(table.layer for table in tables))
            raise unreadable("no-such-layer", detail=choices.layer, choice=names)
        return parts[0].format, chosen
    # Layers of points, lines or bare attributes are told of only where the file has nothing else.
    areas = [table for table in tables if _has_areas(table)] or tables
    if not areas:
        raise unreadable("no-layer")
    return parts[0].format, areas


def _read(part: Part, choices: Choices) -> list[Table]:
    if part.format in ("xlsx", "csv"):
        return list(read_sheets(part, choices.encoding, choices.fields))
    return list(read_layers(part, choices.encoding))


def _require_few_vertices(tables: list[Table]) -> None:
    if sum(int(np.sum(shapely.get_num_coordinates(table.shapes))) for table in tables) > MOST_VERTICES:
        raise unreadable("too-many-vertices", limit=f"{MOST_VERTICES:,}")


def _has_areas(table: Table) -> bool:
    return bool(np.isin(shapely.get_type_id(table.shapes), (3, 6, 7)).any() or table.unread.any())


def require_columns(tables: list[Table], fields: Mapping[str, str] | None, known: tuple[str, ...]) -> None:
    """Refuse a mapping of fields or columns that are not there. Raises: Unreadable."""
    names = {name for table in tables for name in table.columns}
    for ours, theirs in (fields or {}).items():
        if ours not in known:
            raise unreadable("unknown-field", detail=ours, choice=", ".join(known))
        if theirs and ours != "wkt" and theirs not in names:
            raise unreadable("no-such-column", detail=theirs, choice=", ".join(sorted(names)))
