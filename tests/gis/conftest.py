"""The county's outlines and index, loaded once: they never change."""

from pathlib import Path

import pytest

from gis.boundaries import Boundary, load
from gis.grid_index import GridIndex

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def county_boundaries() -> list[Boundary]:
    return load(DATA)


@pytest.fixture(scope="session")
def county_grids(county_boundaries: list[Boundary]) -> GridIndex:
    return GridIndex.of(county_boundaries)
