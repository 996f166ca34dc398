"""Classes and hexagons: what the legend prints is what is drawn with, and areas are areas."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.classes import AWAY, around, load
from gis.errors import TooFine
from gis.hexagons import LEAST_PART, cell_area_km2, cells
from gis.map_style import LOAD, shades
from gis.metres import local_projection

SQUARE = shapely.box(122.4, 40.5, 122.6, 40.65)


def spread(values: np.ndarray, ends: list[int]) -> float:
    return sum(float(((part - part.mean()) ** 2).sum()) for part in np.split(values, ends) if len(part))


def test_natural_breaks_are_the_best_there_are() -> None:
    values = np.sort(np.array([1, 2, 2, 3, 10, 11, 12, 30, 31, 70, 71, 72, 200.0, 210.0]))
    found = load(values.tolist(), "natural").breaks
    assert found == (10, 30, 70, 200)


def test_quantiles_put_about_as_many_into_each_class() -> None:
    classes = load([float(n) for n in range(100)], "quantile")
    counts = np.bincount([classes.of(n) for n in range(100)])
    assert len(counts) == 5 and max(counts) - min(counts) <= 2


def test_a_rounded_break_stays_between_the_values_it_parts() -> None:
    assert load([0.5774] * 5 + [1.1547] * 4, "natural").breaks == (1.1,)
    assert load([0.2] * 10 + [0.996] * 3, "natural").breaks == (0.99,)
    assert load([0.5774, 0.5779], "natural").breaks == (0.5779,)


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=40), st.sampled_from(["natural", "quantile"]))
@settings(max_examples=60, deadline=None)
def test_a_break_parts_two_values_and_no_class_is_empty(values: list[float], rule: str) -> None:
    classes = load(values, rule)  # type: ignore[arg-type]
    assert {classes.of(value) for value in values} == set(range(len(classes)))


def test_equal_values_share_a_quantile() -> None:
    assert load([1.0] * 50 + [2.0] * 20 + [3.0] * 30, "quantile").breaks == (2.0, 3.0)


def test_the_classes_of_a_share_lie_around_its_mean() -> None:
    classes = around(0.2)
    assert classes.breaks == pytest.approx([0.2 + away for away in AWAY])
    assert [classes.of(value) for value in (0.05, 0.15, 0.2, 0.25, 0.4)] == [0, 1, 2, 3, 4]


def test_a_value_on_a_break_is_in_the_class_above() -> None:
    classes = load([1, 1, 5, 5, 9, 9], "natural", whole=True)
    assert classes.breaks == (5, 9)
    assert [classes.of(value) for value in (4, 5, 8, 9)] == [0, 1, 1, 2]


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0]])
def test_of_one_value_there_is_one_class(values: list[float]) -> None:
    assert len(load(values, "natural")) == 1


@given(st.lists(st.integers(1, 500), min_size=1, max_size=80), st.sampled_from(["natural", "quantile"]))
@settings(max_examples=40, deadline=None)
def test_classes_are_five_at_most_ascending_and_hold_every_value(values: list[int], rule: str) -> None:
    classes = load([float(value) for value in values], rule, whole=True)  # type: ignore[arg-type]
    assert len(classes) <= 5
    assert list(classes.breaks) == sorted(set(classes.breaks))
    assert all(0 <= classes.of(value) < len(classes) for value in values)


def test_fewer_classes_keep_the_palest_and_the_darkest() -> None:
    assert shades(5) == LOAD
    assert (shades(2)[0], shades(2)[-1]) == (LOAD[0], LOAD[-1])
    assert len(shades(1)) == 1


@given(st.lists(st.tuples(st.floats(122.4, 122.6), st.floats(40.5, 40.65)), min_size=1, max_size=60))
@settings(max_examples=25, deadline=None)
def test_every_point_is_counted_in_the_cell_it_lies_in(points: list[tuple[float, float]]) -> None:
    found = cells([lon for lon, _ in points], [lat for _, lat in points], SQUARE, 2000)
    assert sum(cell.count for cell in found) == len(points)
    near = [cell for cell in found if cell.outline.distance(shapely.MultiPoint(points)) < 1e-4]
    assert len(near) == len(found)


def test_cells_are_as_large_as_stated_and_do_not_overlap() -> None:
    rng = np.random.default_rng(1)
    found = cells(rng.uniform(122.42, 122.58, 500), rng.uniform(40.52, 40.63, 500), SQUARE, 1000)
    projection = local_projection(np.array([SQUARE]))
    flat = [
        shapely.transform(c.outline, lambda p: np.column_stack(projection.transform(p[:, 0], p[:, 1]))) for c in found
    ]
    whole = [shape for shape in flat if len(shape.exterior.coords) == 7]
    assert whole
    assert [shape.area for shape in whole] == pytest.approx([cell_area_km2(1000) * 1e6] * len(whole), rel=1e-6)
    assert whole[0].bounds[2] - whole[0].bounds[0] == pytest.approx(1000, rel=1e-6)
    assert shapely.union_all(flat).area == pytest.approx(sum(shape.area for shape in flat), rel=1e-6)


def test_a_sliver_at_the_border_counts_as_half_a_cell_at_least() -> None:
    rng = np.random.default_rng(2)
    found = cells(rng.uniform(122.4, 122.6, 2000), rng.uniform(40.5, 40.65, 2000), SQUARE, 1000)
    assert min(cell.area_km2 for cell in found) == pytest.approx(LEAST_PART * cell_area_km2(1000))


def test_cells_that_would_be_too_many_are_refused() -> None:
    with pytest.raises(TooFine):
        cells([122.5], [40.55], SQUARE, 50)


def test_a_hexagon_s_area_is_that_of_its_width() -> None:
    assert cell_area_km2(1000) == pytest.approx(math.sqrt(3) / 2)
