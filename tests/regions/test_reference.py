"""The county in the database: whole, and the same however often it is loaded."""

from collections import Counter

import pytest
from sqlalchemy import select, update

from command_center.errors import UnknownRegion
from command_center.regions import reference
from command_center.regions.models import Region
from gis import boundaries
from tests.builders import COUNTY, NOW, TOWN, VILLAGE
from tests.county import County


def test_the_county_is_there_whole(county: County) -> None:
    with county.sessions.read() as session:
        regions = session.scalars(select(Region)).all()
    assert Counter(region.level for region in regions) == {"county": 1, "town": 17, "village": 283, "grid": 1798}
    kinds = Counter(region.kind for region in regions if region.level == "grid")
    assert kinds == {"urban_rural": 1480, "school": 69, "enterprise": 249}
    assert all(region.synthetic for region in regions if region.level != "county")


def test_every_region_lies_below_the_one_its_code_names(county: County) -> None:
    with county.sessions.read() as session:
        regions = {region.code: region for region in session.scalars(select(Region))}
    for region in regions.values():
        if region.parent_code is None:
            assert region.code == COUNTY
        else:
            above = {"town": COUNTY, "village": region.code[:9] + "000", "grid": region.code[:12]}[region.level]
            assert region.parent_code == above


def test_every_region_has_an_outline(county: County) -> None:
    with county.sessions.read() as session:
        rows = reference.outlines(session)
    assert len(rows) == 2099
    assert [row.code for row in rows] == sorted(row.code for row in rows)


def test_loading_again_changes_nothing(county: County) -> None:
    before = regions(county)
    with county.sessions.begin() as session:
        counts = reference.load(session, boundaries.load(county.settings.data), NOW)
    assert counts == {"county": 1, "town": 17, "village": 283, "grid": 1798}
    assert regions(county) == before


def regions(county: County) -> list[tuple[object, ...]]:
    with county.sessions.read() as session:
        return [tuple(row) for row in session.execute(select(Region.__table__).order_by(Region.code))]


def test_the_path_of_a_region_begins_at_the_county(county: County) -> None:
    with county.sessions.read() as session:
        grid = session.get_one(Region, county.user("grid").region_code)
        assert [region.code for region in reference.path(session, grid)] == [COUNTY, TOWN, VILLAGE, grid.code]
        assert reference.children(session, COUNTY) == 17


def test_a_path_that_leads_in_circles_is_refused(county: County) -> None:
    with county.sessions.begin() as session:
        session.execute(update(Region).where(Region.code == COUNTY).values(parent_code=VILLAGE))
        grid = session.get_one(Region, county.user("grid").region_code)
        with pytest.raises(UnknownRegion):
            reference.path(session, grid)
