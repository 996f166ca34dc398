"""Reads a file of outlines for an import, and writes what it found into the report; see `reading`."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import shapely

from command_center.imports.folder import Folder, read_map, write_lines, write_map
from command_center.imports.reading import begin, tell
from command_center.imports.report import feature, kinds
from gis import importing
from gis.boundaries import Boundary

MOST_PICTURES = 300
MOST_PLACES = 2000
MOST_OUTLINES = 6000


def read(folder: Folder) -> dict[str, Any]:
    """Survey the file by the task. Raises: Unreadable."""
    task = json.loads((folder.path / "task.json").read_text(encoding="utf-8"))
    present = importing.Present(read_map(folder.path / "present.jsonl"), frozenset(task["used_codes"]))
    survey = importing.survey(folder.source, importing.Choices(**task["choices"]), present, tell)
    tell("reporting", 0, 1)
    if survey.ok:
        write_map(folder.report / "edition.jsonl", survey.boundaries)
    faults = list(_report(folder, survey))
    write_lines(folder.report / "faults.jsonl", faults)
    write_lines(folder.report / "places.jsonl", _places(survey.faults))
    write_lines(folder.report / "outlines.jsonl", _outlines(survey))
    (folder.report / "faults.xlsx").write_bytes(importing.faults_workbook(survey))
    return {
        "ok": survey.ok,
        "counts": survey.counts,
        "faults": kinds(faults, importing.SHORT),
        "crs": survey.crs,
        "crs_found": survey.crs_found,
        "guesses": [asdict(guess) for guess in survey.guesses],
        "encoding": survey.encoding,
        "fields": survey.fields,
        "columns": [asdict(column) for column in survey.columns],
        "layers": [asdict(layer) for layer in survey.layers],
        "format": survey.format,
        "new": survey.new,
        "kept": survey.kept,
    }


def _report(folder: Folder, survey: importing.Survey) -> Iterator[dict[str, Any]]:
    """Every fault as a line; the first ones get a picture of their place."""
    pictured, wanted = 0, min(MOST_PICTURES, len(survey.faults))
    for n, fault in enumerate(survey.faults):
        drawn = ""
        if fault.geometry is not None and pictured < MOST_PICTURES:
            drawn = importing.picture(fault, survey)
        if drawn:
            (folder.report / "pictures" / f"{n}.svg").write_text(drawn, encoding="utf-8")
            pictured += 1
            tell("picturing", pictured, wanted)
        place = _point(fault.geometry)
        yield {
            "n": n,
            "row": fault.row,
            "layer": fault.layer,
            "code": fault.code,
            "kind": fault.kind,
            "level": fault.level,
            "text": fault.text,
            "text_en": fault.text_en,
            "repairable": fault.repairable,
            "repaired": fault.repaired,
            "lon": place[0] if place else None,
            "lat": place[1] if place else None,
            "picture": bool(drawn),
        }


def _point(shape: shapely.Geometry | None) -> tuple[float, float] | None:
    if shape is None or shape.is_empty:
        return None
    point = shape.representative_point() if shape.is_valid else shape.envelope.centroid
    return round(point.x, 6), round(point.y, 6)


def _places(faults: Sequence[importing.Fault]) -> Iterator[dict[str, Any]]:
    """Where the first faults are, for the map."""
    drawn = [(n, fault) for n, fault in enumerate(faults) if fault.geometry is not None and not fault.geometry.is_empty]
    for n, fault in drawn[:MOST_PLACES]:
        said = {"what": "fault", "n": n, "kind": fault.kind, "level": fault.level, "row": fault.row}
        yield feature(fault.geometry, said | {"repaired": fault.repaired})


def _outlines(survey: importing.Survey) -> Iterator[dict[str, Any]]:
    """The file's own outlines, simplified: the map that would be, or as far as it could be read."""
    shown: Iterable[Boundary | importing.Outline] = survey.boundaries if survey.ok else survey.outlines
    for one in list(shown)[-MOST_OUTLINES:]:
        if one.geometry is None or one.geometry.is_empty:
            continue
        said: dict[str, Any] = {"what": "file", "code": one.code, "name": one.name, "level": one.level}
        said |= {"kind": one.kind} | ({"row": one.row} if isinstance(one, importing.Outline) else {})
        yield feature(one.geometry, said)


if __name__ == "__main__":
    begin(read, sys.argv[1])
