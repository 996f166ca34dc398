"""The survey of a file, step by step: read, placed, judged by field, by shape and beside the neighbours, numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.boundaries import LEVELS, Boundary
from gis.importing.edition import assembled, named, remaining, repair_width
from gis.importing.fields import OURS, described
from gis.importing.neighbours import Neighbours
from gis.importing.numbering import number, recognise
from gis.importing.places import Places
from gis.importing.reading import read_tables, require_columns
from gis.importing.records import Choices, Fault, Guess, LayerFound, Outline, Present, Survey, Tell
from gis.importing.references import (
    ENOUGH_SHARE,
    Ground,
    Reference,
    guesses,
    hidden_shift,
    reference,
    share_inside,
)
from gis.importing.refusals import unreadable
from gis.importing.rows import (
    Row,
    counted,
    judge_codes,
    judge_kinds,
    rows_of,
)
from gis.importing.shaping import Way, placed, repeated, rounded, sizes
from gis.importing.tables import Shapes, Table
from gis.importing.villages import Located, find_villages, name_regions
from gis.importing.words import KIND_NAMES, fault
from gis.metres import local_projection

_SURE_SHARE = 0.9


def survey(path: Path, choices: Choices, present: Present, tell: Tell) -> Survey:
    """Look through a file as a whole edition, or as a part to be added to the present one.

    All faults of all rows in one run; nothing is mended unless `choices.repair`. Raises: Unreadable, when it is no
    file of outlines, or the choices name what it does not have.
    """
    if choices.crs is not None:
        reference(choices.crs)
    form, tables = read_tables(path, choices, tell)
    require_columns(tables, choices.fields, OURS)
    if choices.crs is None:
        _bring_together(tables)
    try:
        return _surveyed(form, tables, choices, present, tell)
    except shapely.errors.GEOSException as error:
        raise unreadable("damaged", detail=error) from error


def _surveyed(form: str, tables: list[Table], choices: Choices, present: Present, tell: Tell) -> Survey:
    tell("fields", 0, 1)
    places = Places(present.boundaries)
    rows, faults, fields = rows_of(tables, choices, places)
    faults += judge_codes(rows)
    faults += name_regions(rows, places)
    faults += judge_kinds(rows)
    if not choices.add and not any(row.level == "grid" for row in rows):
        faults.append(fault("no-grids"))
    faults += _said_of_columns(tables, fields, rows)
    tell("fields", 1, 1)
    found = Survey(
        faults=tuple(faults),
        counts=counted(rows),
        encoding=next((table.encoding for table in tables if table.encoding), None),
        fields=fields,
        columns=described(tables),
        layers=_layers(tables, rows),
        format=form,
        choices=choices,
    )
    way = _way(tables, rows, choices, _ground(present))
    found = replace(found, crs=way.crs, crs_found=way.found, guesses=way.guesses)
    if way.way is None:
        # Where the grids lie is not known: what their columns say is judged, and nothing else.
        faults += [*way.faults, *find_villages(rows, places, present, Located({}))]
        return replace(found, faults=_in_order(faults))
    faults += way.faults
    return _on_the_ground(found, rows, faults, way.way, places, present, choices, tell)


def _on_the_ground(
    found: Survey,
    rows: list[Row],
    faults: list[Fault],
    way: Way,
    places: Places,
    present: Present,
    choices: Choices,
    tell: Tell,
) -> Survey:
    tell("shapes", 0, 2)
    shapes, wrong = placed(rows, way, _ground(present), choices)
    faults += wrong
    tell("shapes", 1, 2)
    for row, shape in zip(rows, shapes, strict=True):
        row.shape = shape
    faults += find_villages(rows, places, present, Located(_believed(rows, present, choices)))
    recognise(rows, present)
    there = [shape for shape in shapes if shape is not None]
    outlines = tuple(_outlines(rows, shapes))
    if not there:
        return replace(found, faults=_in_order(faults))
    metric = local_projection(np.array(there, dtype=object))
    faults += sizes(rows, shapes, metric, choices)
    same, pairs = repeated(rows, shapes)
    faults += same
    tell("shapes", 2, 2)
    kept = _kept(rows, present) if choices.add else []
    neighbours = Neighbours(rows, shapes, kept, metric, present, places, choices)
    faults += neighbours.faults(pairs, tell)
    faults += _said_of_counts(rows, kept, present)
    tell("numbering", 0, 1)
    done = replace(found, outlines=outlines)
    if any(one.stands for one in faults):
        return replace(done, faults=_in_order(faults))
    faults += number(rows, shapes, present, places)
    named(rows, present, places)
    if any(one.stands for one in faults):
        return replace(done, faults=_in_order(faults))
    shapes = neighbours.settled(repair_width(choices))
    boundaries = assembled(rows, shapes, neighbours.kept_settled(), places, present)
    faults += remaining(boundaries)
    tell("numbering", 1, 1)
    ok = not any(one.stands for one in faults)
    ours = {b.code for b in present.boundaries if b.level == "grid"}
    grids = [row for row in rows if row.level == "grid"]
    return replace(
        done,
        boundaries=tuple(boundaries) if ok else (),
        faults=_in_order(faults),
        ok=ok,
        kept=sum(row.new_code in ours for row in grids),
        new=sum(row.new_code not in ours for row in grids),
    )


def _in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """By row, those of the whole file first; what must be mended before what is only told."""
    if any(one.stands for one in faults):
        # Nothing was set on one line in a file that is not taken.
        faults = [one for one in faults if one.kind != "settled"]
    return tuple(
        sorted(
            faults, key=lambda one: (one.row is not None, one.level == "note", one.layer or "", one.row or 0, one.kind)
        )
    )


def _layers(tables: Sequence[Table], rows: Sequence[Row]) -> tuple[LayerFound, ...]:
    several = len(tables) > 1
    found = []
    for table in tables:
        own = [row.level for row in rows if not several or row.layer == table.layer]
        found.append(LayerFound(table.layer, len(table), max(set(own), key=own.count) if own else None))
    return tuple(found)


def _outlines(rows: Sequence[Row], shapes: Shapes) -> list[Outline]:
    return [
        Outline(row.number, row.layer or "", row.code, row.name, row.level, row.kind, shape)
        for row, shape in zip(rows, shapes, strict=True)
        if shape is not None
    ]


def _said_of_columns(tables: Sequence[Table], fields: dict[str, str | None], rows: Sequence[Row]) -> list[Fault]:
    faults = []
    cut = sum(table.cut_texts for table in tables)
    if cut:
        faults.append(fault("text-cut", count=cut))
    if any(row.level == "grid" for row in rows):
        if fields["code"] is None:
            faults.append(fault("no-codes"))
        if fields["name"] is None:
            faults.append(fault("no-names"))
    return faults


def _said_of_counts(rows: Sequence[Row], kept: Sequence[Boundary], present: Present) -> list[Fault]:
    def count(kinds: Sequence[str | None]) -> dict[str, Any]:
        return {kind: sum(own == kind for own in kinds) for kind in KIND_NAMES}

    now = count([*(row.kind for row in rows if row.level == "grid"), *(b.kind for b in kept)])
    was = count([b.kind for b in present.boundaries if b.level == "grid"])
    before: dict[str, Any] = {f"was_{kind}": n for kind, n in was.items()}
    return [fault("counts", grids=sum(now.values()), **now, **before)]


def _kept(rows: Sequence[Row], present: Present) -> list[Boundary]:
    """Present grids that the file does not replace."""
    replaced = {row.new_code for row in rows if row.level == "grid"}
    return [b for b in present.boundaries if b.level == "grid" and b.code not in replaced]


def _believed(rows: Sequence[Row], present: Present, choices: Choices) -> dict[str, shapely.Geometry]:
    """Outlines of villages that tell where a grid belongs: the file's own, else the present ones unless made up."""
    own = {row.new_code: row.shape for row in rows if row.level == "village" and row.new_code and row.shape is not None}
    if own:
        return own
    return {b.code: b.geometry for b in present.boundaries if b.level == "village" and (choices.add or not b.synthetic)}


# The coordinate reference


def _bring_together(tables: Sequence[Table]) -> None:
    """Layers of one file in different references all become degrees."""
    told = [table for table in tables if table.crs is not None]
    if len({reference(table.crs or "").code for table in told}) < 2:
        return
    for table in told:
        way = Way(reference(table.crs or ""))
        shapes = shapely.transform(shapely.force_2d(table.shapes), way, interleaved=False)
        table.shapes = np.asarray(shapely.transform(shapes, rounded), dtype=object)
        table.crs = "EPSG:4326"


@dataclass
class _Found:
    """The way to WGS 84, None when it must be asked for."""

    way: Way | None
    crs: str | None
    found: bool
    guesses: tuple[Guess, ...]
    faults: list[Fault]


def _ground(present: Present) -> Ground:
    return Ground(next((b.geometry for b in present.boundaries if b.level == LEVELS[0]), None))


def _way(tables: Sequence[Table], rows: Sequence[Row], choices: Choices, ground: Ground) -> _Found:
    shapes = np.array([row.shape for row in rows], dtype=object)
    told = choices.crs or next((table.crs for table in tables if table.crs), None)
    # A format may only ever be in degrees; numbers that are none were written by a program that did not care.
    if choices.crs is None and all(table.crs_by_format for table in tables) and not _degrees(shapes):
        told = None
    if told is None:
        return _asked_for(guesses(shapes, ground))
    chosen = reference(told)
    faults: list[Fault] = []
    if chosen.degrees and not _degrees(shapes):
        zones = [guess for guess in guesses(shapes, ground) if guess.share >= _SURE_SHARE]
        if chosen.code in ("wgs84", "cgcs2000") and len(zones) == 1:
            chosen = reference(zones[0].crs)
            faults.append(fault("zone-taken", crs=zones[0].name))
    straight, swapped = (share_inside(shapes, chosen, ground, turned) for turned in (False, True))
    found = choices.crs is None
    if max(straight, swapped) < ENOUGH_SHARE and shapely.get_num_coordinates(shapes).any():
        fitting = tuple(guesses(shapes, ground))
        wrong = fault("crs-misfit", crs=chosen.name, share=f"{straight:.0%}", **_named(fitting))
        if fitting:
            return _Found(None, chosen.code, found, fitting, [wrong])
        # Nothing fits: the rows are told one by one how far away they lie.
        return _Found(Way(chosen), chosen.code, found, (), [wrong])
    if not chosen.exact:
        faults.append(fault("crs-inexact", crs=chosen.name))
    if straight >= swapped:
        faults += _shift(
            np.array([row.shape for row in rows if row.kind == "urban_rural"], dtype=object), chosen, ground
        )
        return _Found(Way(chosen), chosen.code, found, (), faults)
    faults.append(fault("axes-swapped", repairable=True, repaired=choices.repair))
    return _Found(Way(chosen, True), chosen.code, found, (), faults)


def _asked_for(fitting: Sequence[Guess]) -> _Found:
    return _Found(None, None, False, tuple(fitting), [fault("crs-unknown", **_named(fitting))])


def _named(fitting: Sequence[Guess]) -> dict[str, Any]:
    chinese = "、".join(f"{one.crs}（{one.name}）" if one.name != one.crs else one.crs for one in fitting[:4])
    english = ", ".join(f"{one.crs} ({one.name_en})" for one in fitting[:4])
    return {"guesses": chinese or "看不出", "guesses_en": english or "none that we know"}


def _degrees(shapes: Shapes) -> bool:
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        fits = np.abs(bounds).max(axis=1) <= 360
    there = np.isfinite(bounds).all(axis=1)
    return not there.any() or bool(fits[there].mean() > ENOUGH_SHARE)


def _shift(shapes: Shapes, chosen: Reference, ground: Ground) -> list[Fault]:
    shifted = hidden_shift(shapes, chosen, ground)
    if shifted is None:
        return []
    datum, metres = shifted
    return [fault("crs-shifted", crs=chosen.name, datum=datum, metres=f"{metres:.0f}")]
