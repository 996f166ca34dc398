"""What became of outlines is told from the areas they share, always the same way."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.lineage import HALF, LINK, Descent, Outlines, descents, heirs

# About a hundred metres, near the middle of the demo county.
STEP = 0.001
LON, LAT = 122.5, 40.6


@dataclass(frozen=True)
class Plot:
    code: str
    level: str = "grid"
    kind: str | None = "urban_rural"


def box(west: float, east: float, south: float = 0.0, north: float = 1.0) -> shapely.Polygon:
    return shapely.box(LON + west * STEP, LAT + south * STEP, LON + east * STEP, LAT + north * STEP)


def told(old: Mapping[str, shapely.Geometry], new: Mapping[str, shapely.Geometry]) -> list[tuple[object, ...]]:
    return [(line.old, line.new, line.how) for line in lines(old, new)]


def lines(old: Mapping[str, shapely.Geometry], new: Mapping[str, shapely.Geometry]) -> list[Descent]:
    def outlines(shapes: Mapping[str, shapely.Geometry]) -> Outlines:
        return Outlines.of([Plot(code) for code in shapes], shapes.values())

    return descents(outlines(old), outlines(new))


def test_what_stays_as_it_was_is_kept_wherever_its_ring_begins() -> None:
    old = {"a": box(0, 1)}
    turned = shapely.Polygon([*old["a"].exterior.coords[2:], *old["a"].exterior.coords[1:3]])
    assert lines(old, {"a": turned}) == [Descent("a", "a", "kept", 1.0, 1.0)]


def test_a_line_drawn_a_thousandth_differently_is_still_kept() -> None:
    assert told({"a": box(0, 1)}, {"a": box(0, 1.0005)}) == [("a", "a", "kept")]
    assert told({"a": box(0, 1)}, {"a": box(0, 1.005)}) == [("a", "a", "changed")]


def test_another_code_for_the_same_land_is_a_recoding() -> None:
    assert told({"a": box(0, 1)}, {"b": box(0, 1)}) == [("a", "b", "recoded")]


def test_a_split_tells_which_share_each_part_has() -> None:
    found = lines({"a": box(0, 1)}, {"b": box(0, 0.3), "c": box(0.3, 1)})
    assert [(line.new, line.how, line.share_of_new) for line in found] == [("b", "split", 1.0), ("c", "split", 1.0)]
    assert [line.share_of_old for line in found] == pytest.approx([0.3, 0.7], abs=1e-4)


def test_a_part_that_keeps_the_old_code_is_split_off_all_the_same() -> None:
    assert told({"a": box(0, 1)}, {"a": box(0, 0.9), "b": box(0.9, 1)}) == [("a", "a", "split"), ("a", "b", "split")]


def test_two_that_become_one_are_merged() -> None:
    assert told({"a": box(0, 1), "b": box(1, 2)}, {"c": box(0, 2)}) == [("a", "c", "merged"), ("b", "c", "merged")]
    assert told({"a": box(0, 1), "b": box(1, 2)}, {"a": box(0, 2)}) == [("a", "a", "merged"), ("b", "a", "merged")]


def test_a_strip_that_goes_to_the_neighbour_changes_both() -> None:
    old, new = {"a": box(0, 1), "b": box(1, 2)}, {"a": box(0, 0.8), "b": box(0.8, 2)}
    assert told(old, new) == [("a", "a", "changed"), ("a", "b", "changed"), ("b", "b", "changed")]


def test_less_than_a_twentieth_is_no_link() -> None:
    old, new = {"a": box(0, 1), "b": box(1, 2)}, {"a": box(0, 0.97), "b": box(0.97, 2)}
    assert told(old, new) == [("a", "a", "changed"), ("b", "b", "changed")]


def test_land_that_comes_or_goes_is_new_or_retired() -> None:
    assert told({"a": box(0, 1)}, {"b": box(5, 6)}) == [("a", None, "retired"), (None, "b", "new")]


def test_a_code_that_is_given_to_other_land_keeps_a_line_with_itself() -> None:
    assert lines({"a": box(0, 1)}, {"a": box(5, 6)}) == [Descent("a", "a", "changed", 0.0, 0.0)]


def test_special_grids_are_not_compared_with_the_ordinary_ones_beneath() -> None:
    before = Outlines.of([Plot("a"), Plot("s", kind="school")], [box(0, 1), box(0, 1)])
    after = Outlines.of([Plot("a"), Plot("t", kind="enterprise")], [box(0, 1), box(0, 1)])
    assert [(line.old, line.new, line.how) for line in descents(before, after)] == [
        ("a", "a", "kept"),
        ("s", "t", "recoded"),
    ]


def test_the_main_heir_has_the_greatest_part_and_the_lowest_code_of_equals() -> None:
    found = lines(
        {"a": box(0, 1), "b": box(1, 2)}, {"d": box(0, 0.5), "c": box(0.5, 1), "e": box(1, 1.7), "f": box(1.7, 2)}
    )
    assert {code: [line.new for line in own] for code, own in heirs(found, ["a", "b"]).items()} == {
        "a": ["c", "d"],
        "b": ["e", "f"],
    }


@st.composite
def partitions(draw: st.DrawFn) -> dict[str, shapely.Geometry]:
    """A strip of land cut anywhere, its pieces under codes from a small stock."""
    cuts = sorted(draw(st.sets(st.integers(1, 39), max_size=6)))
    ends = list(zip([0, *cuts], [*cuts, 40], strict=True))
    codes = draw(st.permutations("abcdefgh"))
    return {code: box(west / 10, east / 10) for code, (west, east) in zip(codes, ends, strict=False)}


@given(partitions(), partitions())
@settings(max_examples=60, deadline=None)
def test_however_a_strip_is_cut_every_region_is_told_of_and_no_land_is_told_twice(
    old: dict[str, shapely.Geometry], new: dict[str, shapely.Geometry]
) -> None:
    found = lines(old, new)
    assert lines(dict(reversed(old.items())), dict(reversed(new.items()))) == found
    assert {line.old for line in found} - {None} == set(old)
    assert {line.new for line in found} - {None} == set(new)
    assert len({(line.old, line.new) for line in found}) == len(found)
    given_away, taken = defaultdict[str, float](float), defaultdict[str, float](float)
    for line in found:
        if line.old is not None and line.new is not None:
            given_away[line.old] += line.share_of_old or 0.0
            taken[line.new] += line.share_of_new or 0.0
        if line.how == "split":
            assert (line.share_of_new or 0) >= HALF
        if line.how == "merged":
            assert (line.share_of_old or 0) >= HALF
        if line.how == "recoded":
            assert line.old not in new or line.new not in old or line.old != line.new
    # What is not linked is less than LINK of either side, for each of at most seven neighbours.
    assert all(1 - 7 * LINK <= share <= 1.0001 for share in [*given_away.values()] if share)
    assert all(share <= 1.0001 for share in taken.values())
