"""The grids and circles as files: a workbook, a CSV, a GeoPackage."""

import csv
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import pyogrio
import shapely
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from command_center.circles.centers import Place
from command_center.circles.inputs import Inputs
from command_center.circles.work import Answer
from command_center.spreadsheets import csv_cell
from gis.reach import NOTHING, WHOLE

Text = Callable[[str], str]
COLUMNS = (
    *("town", "village", "code", "name", "kind", "center", "assumed"),
    *("state", "share", "point", "reached_by_another", "distance_m", "workers"),
)


def cells(line: Mapping[str, Any], text: Text) -> list[Any]:
    """One line of the table in words."""
    yes = {True: text("circles.yes"), False: text("circles.no")}
    return [
        line["town"]["name"],
        line["village"]["name"],
        line["code"],
        line["name"],
        text(f"kind.{line['kind']}"),
        line["center"]["name"],
        yes[line["center"]["assumed"]],
        text(f"circles.state_{line['state']}"),
        line["share"],
        yes[line["point"]],
        yes[line["reached_by_another"]],
        line["distance_m"],
        "、".join(line["workers"]),
    ]


def workbook(lines: Sequence[Mapping[str, Any]], method: Sequence[str], text: Text) -> bytes:
    """The table on one sheet, how it was computed on the other."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(text("circles.sheet_grids"))
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, text(f"circles.column_{name}")) for name in COLUMNS]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for line in lines:
        sheet.append([_cell(sheet, value) for value in cells(line, text)])
    told = book.create_sheet(text("circles.sheet_method"))
    for sentence in method:
        told.append([_cell(told, sentence)])
    spelt = io.BytesIO()
    book.save(spelt)
    return spelt.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("�", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, float):
        cell.number_format = "0.0%"
    return cell


def as_csv(lines: Sequence[Mapping[str, Any]], text: Text) -> bytes:
    """The table for a spreadsheet; the mark at the beginning tells it that this is UTF-8."""
    spelt = io.StringIO()
    writer = csv.writer(spelt)
    writer.writerow([text(f"circles.column_{name}") for name in COLUMNS])
    writer.writerows([[csv_cell(value) for value in cells(line, text)] for line in lines])
    return spelt.getvalue().encode("utf-8-sig")


def geopackage(answer: Answer, places: Sequence[Place], minutes: Mapping[str, float], method: str) -> bytes:
    """Layers `circles` and `centers`, WGS 84; each row says by which way it was computed and what is assumed."""
    known = {place.code: place for place in places}
    circles = [circle for circle in answer.circles if circle.code in known]
    rows = [
        {
            "code": circle.code,
            "level": circle.level,
            "name": known[circle.code].name,
            "minutes": minutes[circle.level],
            "center_assumed": known[circle.code].assumed,
            "synthetic": known[circle.code].synthetic,
            "off_road_m": circle.off_road_m,
            "method": method,
        }
        for circle in circles
    ]
    outlines = geopandas.GeoDataFrame(
        rows, geometry=[shapely.multipolygons([_parts(circle.geometry)])[0] for circle in circles], crs=4326
    )
    points = geopandas.GeoDataFrame(
        rows, geometry=[shapely.Point(known[circle.code].lon, known[circle.code].lat) for circle in circles], crs=4326
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "circles.gpkg"
        pyogrio.write_dataframe(outlines, path, layer="circles", driver="GPKG")
        pyogrio.write_dataframe(points, path, layer="centers", driver="GPKG", append=True)
        return path.read_bytes()


def _parts(geometry: Mapping[str, Any]) -> list[shapely.Polygon]:
    return list(shapely.get_parts(shapely.geometry.shape(geometry)))


def method(wanted: Inputs, text: Text) -> list[str]:
    """How the circles were computed and what is assumed, a sentence each."""
    assumed = wanted.assumptions
    minutes = assumed.minutes
    told = [
        text("circles.method_minutes").format(county=minutes.county, town=minutes.town, village=minutes.village),
        text("circles.method_circle").format(kmh=assumed.kmh, detour=assumed.detour),
    ]
    if wanted.roads is not None:
        counts = wanted.roads.counts
        told[1] = text("circles.method_roads").format(
            name=wanted.roads.name, version=wanted.roads.version, roads=counts["roads"], km=counts["km"]
        )
        told.append(
            text("circles.method_beside").format(
                off=assumed.off_road_kmh, beside=assumed.beside_m, fill=assumed.fill_km2
            )
        )
    guessed = sum(place.assumed for place in wanted.places)
    told.append(text("circles.method_centers").format(n=len(wanted.places), assumed=guessed))
    told.append(text("circles.method_states").format(whole=f"{WHOLE:.0%}", nothing=f"{NOTHING:.0%}"))
    told.append(text("circles.method_map").format(edition=wanted.map_edition, version=wanted.assumptions_version))
    if any(place.synthetic for place in wanted.places) or (wanted.roads and wanted.roads.synthetic):
        told.append(text("circles.method_synthetic"))
    return told
