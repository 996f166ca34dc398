"""The grids beside each other, in their villages and in the county."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyproj
import shapely

from gis.boundaries import Boundary
from gis.importing.edition import as_before, tight
from gis.importing.places import Places
from gis.importing.records import Choices, Fault, Present, Tell
from gis.importing.rows import Row
from gis.importing.shaping import areas_of, rounded
from gis.importing.tables import Shapes
from gis.importing.tiling import (
    SETTLE_M,
    Gap,
    Plane,
    filled,
    follows,
    gaps,
    is_tight,
    overlaps,
    protruding,
    union,
    wider,
    widest,
    widths,
)
from gis.importing.words import area_text, fault

OWN_LINE_M = 1_000.0
"""A file whose outer line is not the county's present one may leave it by this much: public outlines are rough."""
_MOST = 0.5
_MADE_ON = 0.9
"""A file of which so many grids lie in their present village was made on these villages."""
_NOTABLE_M2 = 10_000.0
_LEAST_M2 = 1.0


class Neighbours:
    """Urban-rural grids as a mosaic, special grids over it, and the outlines that they are held against.

    rows, shapes: of the file, WGS 84, None where there is nothing to go on with; kept: present grids beside them.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        shapes: Shapes,
        kept: Sequence[Boundary],
        metric: pyproj.Transformer,
        present: Present,
        places: Places,
        choices: Choices,
    ) -> None:
        self._rows, self._shapes, self._kept = rows, shapes, kept
        self._metric, self._present, self._places, self._choices = metric, present, places, choices
        there = [n for n, shape in enumerate(shapes) if shape is not None and rows[n].level == "grid"]
        # The mosaic's members: rows by their number, kept grids by -1 - number.
        self._base = [n for n in there if rows[n].kind == "urban_rural"]
        self._base += [-1 - n for n, b in enumerate(kept) if b.kind == "urban_rural"]
        self._special = [n for n in there if rows[n].kind != "urban_rural"]
        degrees = [shapes[n] if n >= 0 else kept[-1 - n].geometry for n in self._base]
        self._degrees = np.array(degrees, dtype=object)
        self._plane = Plane(np.array([shape for shape in shapes if shape is not None], dtype=object))
        self._flat = self._in_metres(self._degrees)
        self._tight = is_tight(self._degrees) if degrees else True
        self._covered = union(self._flat, self._tight) if degrees else shapely.MultiPolygon()
        self._tree = shapely.STRtree(self._flat)
        self._settled_pieces = 0
        self._on_the_countys_line = False
        self._clipped: dict[int, shapely.Geometry] = {}
        self._kept_shapes: dict[int, shapely.Geometry] = {}

    def faults(self, same: set[tuple[int, int]], tell: Tell) -> list[Fault]:
        """Everything wrong among neighbours. same: pairs of rows whose outlines are one and the same, told already."""
        steps = (
            lambda: self._overlaps(same),
            self._gaps,
            self._beyond_the_county,
            self._beyond_their_village,
            self._special_grids,
            self._villages,
        )
        found: list[Fault] = []
        for n, step in enumerate(steps):
            tell("tiling", n, len(steps))
            found += step()
        tell("tiling", len(steps), len(steps))
        return found

    # The mosaic

    def _overlaps(self, same: set[tuple[int, int]]) -> list[Fault]:
        if not len(self._base) or self._tight:
            return []
        number = {n: place for place, n in enumerate(self._base)}
        skip = {(number[a], number[b]) for a, b in same if a in number and b in number}
        found, narrow = overlaps(self._flat, skip)
        self._settled_pieces = narrow
        faults = []
        for one in found:
            a, b = self._base[one.first], self._base[one.second]
            # The later row is the one at fault; a grid that stays as it is never is.
            at, other = (b, a) if b >= 0 else (a, b)
            if at >= 0:
                chinese, english = self._named(other)
                faults.append(
                    self._fault(at, "overlap", one.shape, one.width_m, {"other": chinese, "other_en": english})
                )
        return faults

    def _gaps(self) -> list[Fault]:
        if not len(self._base):
            return []
        inner, narrow = gaps(self._flat, self._covered, self._outer())
        self._settled_pieces += narrow
        faults = [self._gap(one) for one in inner]
        if self._settled_pieces:
            faults.append(fault("settled", count=self._settled_pieces, width=f"{SETTLE_M * 100:g}"))
        county = self._county()
        if county is None or county.synthetic or self._on_the_countys_line:
            return faults
        # The file has an outer line of its own: what it leaves out is told as a whole, unless it is a piece of country.
        flat = self._in_metres(np.array([county.geometry], dtype=object))
        missing, _ = gaps(self._flat, self._covered, flat[0], OWN_LINE_M)
        inside = shapely.area(shapely.difference(flat[0], self._covered))
        beyond = shapely.area(shapely.difference(self._covered, flat[0]))
        faults += [self._gap(one) for one in missing]
        share = 1 - inside / shapely.area(flat[0])
        if share < _MOST and not self._choices.add:
            faults.append(fault("covers-part", share=f"{share:.0%}"))
        faults.append(fault("county-differs", missing=area_text(float(inside)), beyond=area_text(float(beyond))))
        return faults

    def _gap(self, one: Gap) -> Fault:
        beside = [self._base[n] for n in one.beside]
        at = next((n for n in beside if n >= 0), None)
        chinese = "、".join(self._named(n)[0] for n in beside[:3]) or "县界"
        english = ", ".join(self._named(n)[1] for n in beside[:3]) or "the county's line"
        told: dict[str, Any] = {"other": chinese, "other_en": english}
        if at is not None:
            return self._fault(at, "gap", one.shape, one.width_m, told)
        shape = self._in_degrees(one.shape)
        return fault("gap", geometry=shape, area=area_text(self._area(shape)), width=f"{one.width_m:.2f}", **told)

    def _outer(self) -> shapely.Geometry:
        """What the grids together ought to cover, as far as that is known: no holes, the file's own villages and
        county, and the present county where the file was made on its line."""
        frames = [filled(self._covered)]
        own = [row.shape for row in self._rows if row.level != "grid" and row.shape is not None]
        frames += list(self._in_metres(np.array(own, dtype=object))) if own else []
        county = self._county()
        if county is not None:
            flat = self._in_metres(np.array([county.geometry], dtype=object))[0]
            self._on_the_countys_line = follows(flat, frames[0])
            if self._on_the_countys_line:
                frames.append(flat)
                # A hole in the county is none of its grids'.
                holes = shapely.difference(filled(flat), flat)
                return shapely.difference(shapely.union_all(frames), holes)
        return shapely.union_all(frames)

    # Villages and the county

    def _county(self) -> Boundary | None:
        return next((b for b in self._present.boundaries if b.level == "county"), None)

    def _beyond_the_county(self) -> list[Fault]:
        own = [row.shape for row in self._rows if row.level == "county" and row.shape is not None]
        county = self._county()
        if own:
            outline, strict = own[0], True
        elif county is not None and (self._on_the_countys_line or not county.synthetic):
            outline, strict = county.geometry, self._on_the_countys_line
        else:
            return []
        members = [n for n in [*self._base, *self._special] if n >= 0]
        if not members:
            return []
        flat = self._in_metres(self._shapes[members])
        frame = self._in_metres(np.array([outline], dtype=object))[0]
        shapely.prepare(frame)
        beyond = protruding(flat, np.full(len(flat), frame, dtype=object))
        faults = []
        for n, whole, piece in zip(members, flat, beyond, strict=True):
            if piece is None:
                continue
            wide = _wide(piece)
            if wide is not None and (strict or shapely.area(wide) > _MOST * shapely.area(whole)):
                faults.append(self._fault(n, "outside-county", wide))
        return faults

    def _beyond_their_village(self) -> list[Fault]:
        """Urban-rural grids against the file's own villages, strictly; else against the present ones, by their most."""
        own = {row.new_code: row.shape for row in self._rows if row.level == "village" and row.shape is not None}
        before = {b.code: b for b in self._present.boundaries if b.level == "village"}
        frames = {**{code: b.geometry for code, b in before.items()}, **own}
        members = [n for n in self._base if n >= 0 and self._rows[n].village in frames]
        if not members or (self._choices.add and not own):
            return []
        villages = [self._rows[n].village or "" for n in members]
        flat = self._in_metres(self._shapes[members])
        frame = self._in_metres(np.array([frames[code] for code in villages], dtype=object))
        beyond = protruding(flat, frame)
        most = np.array(
            [
                piece is not None and shapely.area(piece) > _MOST * shapely.area(g)
                for g, piece in zip(flat, beyond, strict=True)
            ]
        )
        held = {code: not before[code].synthetic for code in before}
        made_on = 1 - most.mean() >= _MADE_ON
        faults = []
        if not own and not made_on and not all(held.get(code, True) for code in set(villages)):
            faults.append(fault("not-held"))
        for n, code, piece, out in zip(members, villages, beyond, most, strict=True):
            if piece is None or not (code in own or (out and (held[code] or made_on))):
                continue
            wide = _wide(piece)
            if wide is not None:
                faults.append(self._outside(n, code, wide))
        return faults

    def _outside(self, n: int, village: str, piece: shapely.Geometry) -> Fault:
        told = {"village": self._places.described(village), **self._lies_in(n, village)}
        return self._fault(n, "outside-village", piece, None, told)

    def _lies_in(self, n: int, village: str) -> dict[str, str]:
        """Which village it lies in instead, by the grids around it."""
        inner = shapely.point_on_surface(self._in_metres(self._shapes[[n]])[0])
        near = self._tree.query(inner, predicate="intersects")
        others = {self._village_of(self._base[m]) for m in near} - {village, None}
        if not others:
            point = shapely.point_on_surface(self._shapes[n])
            others = {
                b.code
                for b in self._present.boundaries
                if b.level == "village" and b.code != village and shapely.intersects(b.geometry, point)
            }
        if len(others) != 1:
            return {"lies_in": "", "lies_in_en": ""}
        name = self._places.described(others.pop() or "")
        return {"lies_in": f"，看来在“{name}”", "lies_in_en": f"; it seems to lie in {name}"}

    def _special_grids(self) -> list[Fault]:
        """Schools and enterprises lie in one village, which is what its urban-rural grids cover."""
        faults: list[Fault] = []
        by_village: dict[str, list[int]] = defaultdict(list)
        for place, n in enumerate(self._base):
            if (village := self._village_of(n)) is not None:
                by_village[village].append(place)
        members = [n for n in self._special if self._rows[n].village]
        if members:
            flat = self._in_metres(self._shapes[members])
            cache: dict[str, shapely.Geometry] = {}
            frames = np.array(
                [self._cover(self._rows[n].village or "", by_village, cache) for n in members], dtype=object
            )
            for n, whole, piece in zip(members, flat, protruding(flat, frames), strict=True):
                wide = _wide(piece) if piece is not None else None
                if wide is None:
                    if piece is not None:
                        self._clip(n, whole, piece)
                    continue
                one = self._outside(n, self._rows[n].village or "", wide)
                if one.repaired:
                    self._clip(n, whole, piece)
                faults.append(one)
            faults += self._special_overlaps(members, flat)
        return faults

    def _cover(
        self, village: str, by_village: dict[str, list[int]], cache: dict[str, shapely.Geometry]
    ) -> shapely.Geometry:
        if village not in cache:
            cache[village] = shapely.union_all(self._flat[by_village[village]])
            shapely.prepare(cache[village])
        return cache[village]

    def _clip(self, n: int, whole: shapely.Geometry, piece: shapely.Geometry) -> None:
        # A little more than the piece, so that nothing of it is left by rounding.
        inside = areas_of(shapely.difference(whole, shapely.buffer(piece, SETTLE_M, join_style="mitre")))
        if inside is not None:
            degrees = areas_of(shapely.make_valid(shapely.transform(self._in_degrees(inside), rounded)))
            if degrees is not None:
                self._clipped[n] = degrees

    def _special_overlaps(self, members: Sequence[int], flat: Shapes) -> list[Fault]:
        first, second = shapely.STRtree(flat).query(flat, predicate="intersects")
        once = first < second
        first, second = first[once], second[once]
        shared = shapely.area(shapely.intersection(flat[first], flat[second]))
        faults = []
        for a, b, area in zip(first, second, shared, strict=True):
            if area > _LEAST_M2:
                chinese, english = self._named(members[a])
                row = self._rows[members[b]]
                faults.append(
                    row.found(
                        "special-overlap", row.shape, other=chinese, other_en=english, area=area_text(float(area))
                    )
                )
        return faults

    def _villages(self) -> list[Fault]:
        """What becomes of each village: without grids, in pieces, or elsewhere than before."""
        parts: dict[str, list[int]] = defaultdict(list)
        for place, n in enumerate(self._base):
            if (village := self._village_of(n)) is not None:
                parts[village].append(place)
        faults = []
        before = {b.code: b for b in self._present.boundaries if b.level == "village"}
        for code, old in before.items():
            if code not in parts:
                faults.append(
                    fault("village-empty", code=code, geometry=old.geometry, village=self._places.described(code))
                )
        for code, members in parts.items():
            shape = union(self._flat[members], self._tight)
            name = self._places.described(code)
            count = shapely.get_num_geometries(shape)
            if count > 1:
                faults.append(
                    fault(
                        "village-scattered", code=code, geometry=self._in_degrees(shape), village=name, count=int(count)
                    )
                )
            if code in before and not before[code].synthetic:
                old_shape = self._in_metres(np.array([before[code].geometry], dtype=object))[0]
                moved = float(shapely.area(shapely.symmetric_difference(shape, old_shape)))
                if moved > _NOTABLE_M2:
                    faults.append(fault("village-moved", code=code, village=name, area=area_text(moved)))
        return faults

    # What comes of it

    def settled(self, gap_m: float) -> Shapes:
        """The rows' shapes once more, urban-rural grids sharing their vertices, special ones inside their village."""
        done = self._shapes.copy()
        tiled = tight(self._degrees, self._plane, gap_m) if len(self._base) else self._degrees
        for n, shape in zip(self._base, tiled, strict=True):
            if n >= 0:
                done[n] = shape
            else:
                self._kept_shapes[-1 - n] = shape
        for n, shape in self._clipped.items():
            done[n] = shape
        return done

    def kept_settled(self) -> list[Boundary]:
        """The present grids that stay; a vertex may have been added where a new neighbour has one."""
        return [
            replace(b, geometry=as_before(self._kept_shapes.get(n, b.geometry), b)) for n, b in enumerate(self._kept)
        ]

    # Saying it

    def _fault(
        self,
        n: int,
        kind: str,
        piece: shapely.Geometry,
        width_m: float | None = None,
        told: dict[str, Any] | None = None,
    ) -> Fault:
        """A finding in a row. piece: in the plane; width_m: its greatest width, where that is known."""
        parts = shapely.get_parts(piece)
        wide = float(widths(np.array([widest(parts)]))[0]) if width_m is None else width_m
        able = not wider(parts, self._choices.gap_m).any()
        shape = self._in_degrees(piece)
        return self._rows[n].found(
            kind,
            shape,
            repairable=able,
            repaired=able and self._choices.repair,
            area=area_text(self._area(shape)),
            width=f"{wide:.2f}",
            **(told or {}),
        )

    def _village_of(self, n: int) -> str | None:
        return self._rows[n].village if n >= 0 else self._kept[-1 - n].parent_code

    def _named(self, n: int) -> tuple[str, str]:
        if n < 0:
            b = self._kept[-1 - n]
            return f"现有网格 {b.code}（{b.name}）", f"the present grid {b.code} ({b.name})"
        row = self._rows[n]
        layer = f"“{row.layer}”" if row.layer else ""
        told = row.code or row.name
        return f"{layer}第 {row.number} 行（{told}）", f"row {row.number} ({told})"

    def _in_metres(self, shapes: Shapes) -> Shapes:
        return self._plane.flat(shapes)

    def _in_degrees(self, shape: shapely.Geometry) -> shapely.Geometry:
        return self._plane.back(np.array([shape], dtype=object))[0]

    def _area(self, degrees: shapely.Geometry) -> float:
        """Square metres in the local projection."""
        return float(shapely.area(shapely.transform(degrees, self._metric.transform, interleaved=False)))


def _wide(piece: shapely.Geometry) -> shapely.Geometry | None:
    """What of a piece is wider than numbers' last digits."""
    area = areas_of(piece)
    if area is None:
        return None
    parts = shapely.get_parts(area)
    parts = parts[wider(parts, SETTLE_M)]
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
