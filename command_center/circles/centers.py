"""Where the centers stand: imported, or assumed to stand at the point that represents their region."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.circles.models import Center
from command_center.regions.models import Outline, Region
from gis.center_files import CenterRow

LEVELS = ("county", "town", "village")
ROWS = {
    "unknown-region": ("没有这个区域", "there is no such county, town or village"),
    "ambiguous-name": (
        "有多个同名区域，请给出编码或所属乡镇",
        "several regions have this name: give the code or the town",
    ),
    "duplicate": ("同一区域出现多次", "the region appears more than once"),
    "no-place": ("没有可用的经纬度", "it has no longitude and latitude that could be used"),
}


class Place(NamedTuple):
    """A center. lon, lat: WGS 84; `assumed`: nobody said where it stands."""

    code: str
    level: str
    region: str
    name: str
    lon: float
    lat: float
    assumed: bool
    synthetic: bool
    source: str


class CenterFault(NamedTuple):
    """What is wrong with a row of a file of centers."""

    row: int
    code: str
    kind: str
    text: str
    text_en: str


def places(session: Session) -> list[Place]:
    """Every county, town and village on the map with its center, by code."""
    rows = session.execute(
        select(Region, Center)
        .join(Outline, Outline.region_code == Region.code)
        .outerjoin(Center, Center.region_code == Region.code)
        .where(Region.level.in_(LEVELS), Region.lon.is_not(None))
        .order_by(Region.code)
    )
    return [_place(region, center) for region, center in rows]


def _place(region: Region, center: Center | None) -> Place:
    if center is None:
        assert region.lon is not None and region.lat is not None
        lon, lat = region.lon, region.lat
        return Place(region.code, region.level, region.name, region.name, lon, lat, True, region.synthetic, "")
    return Place(
        region.code,
        region.level,
        region.name,
        center.name,
        center.lon,
        center.lat,
        False,
        center.synthetic,
        center.source,
    )


def match(session: Session, rows: Sequence[CenterRow]) -> tuple[dict[str, CenterRow], list[CenterFault]]:
    """Find the region of each row, by our code, the county's own, or the name; every fault of every row."""
    regions = session.execute(
        select(Region.code, Region.name, Region.source_code)
        .join(Outline, Outline.region_code == Region.code)
        .where(Region.level.in_(LEVELS))
    ).all()
    by_code = {key: code for code, _, source in regions for key in (source, code) if key}
    by_name = defaultdict(list)
    names = {code: name for code, name, _ in regions}
    for code, name, _ in regions:
        by_name[name].append(code)
    found: dict[str, CenterRow] = {}
    faults: list[CenterFault] = []
    for row in rows:
        code, kind = _region_of(row, by_code, by_name, names)
        if kind is None and code in found:
            kind = "duplicate"
        if kind is None and (row.lon is None or row.lat is None):
            kind = "no-place"
        if kind is not None:
            faults.append(CenterFault(row.row, row.code or row.name, kind, *ROWS[kind]))
        else:
            found[code] = row
    return found, faults


def _region_of(
    row: CenterRow, by_code: dict[str, str], by_name: dict[str, list[str]], names: dict[str, str]
) -> tuple[str, str | None]:
    """A region's code, or what keeps it from being found."""
    if row.code:
        code = by_code.get(row.code)
        return (code, None) if code else ("", "unknown-region")
    codes = by_name.get(row.name, [])
    if row.town:
        codes = [code for code in codes if names.get(code[:9] + "000") == row.town]
    if len(codes) == 1:
        return codes[0], None
    return "", "ambiguous-name" if codes else "unknown-region"


def store(
    session: Session, found: dict[str, CenterRow], *, source: str, synthetic: bool, by: str, now: datetime
) -> int:
    """Put these centers in place of what their regions had; other regions keep theirs. Returns how many."""
    for code, row in found.items():
        session.merge(
            Center(
                region_code=code,
                name=row.center or session.get_one(Region, code).name,
                lon=row.lon,
                lat=row.lat,
                source=source[:200],
                synthetic=synthetic,
                entered_at=now,
                entered_by=by,
            )
        )
    session.flush()
    return len(found)
