"""Tables of the places: county, towns, villages, grids, their outlines, and the editions of the map.

`regions` and `outlines` are the map in force now; what it was in each edition stands in `region_versions`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson

BigId = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


class Region(Base):
    """One county, town, village or grid. `code`: 12 digits, 16 for a grid. Source of the codes: data/regions."""

    __tablename__ = "regions"
    __table_args__ = (Index("ix_regions_parent_level", "parent_code", "level", "code"),)

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(16))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    synthetic: Mapped[bool] = mapped_column(Boolean, default=False)
    source_code: Mapped[str | None] = mapped_column(String(64), doc="the county's own code of it, from its files")
    # Tickets and accounts go on naming a region that is no longer on the map; it has no outline then.
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="when it left the map; none: it is on it")
    predecessors: Mapped[list[str] | None] = mapped_column(
        CanonicalJson, doc="codes that left the map and whose main heir it is, directly or through others"
    )


class Outline(Base):
    """The outline of a region in the map in force: WKB, lon/lat degrees, WGS 84."""

    __tablename__ = "outlines"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    wkb: Mapped[bytes] = mapped_column(LargeBinary)


class MapEdition(Base):
    """One edition of the map: stored, then entered at its time or withdrawn before; never changed otherwise."""

    __tablename__ = "map_editions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(300), doc="the file it came from")
    sha256: Mapped[str | None] = mapped_column(String(64), doc="of that file")
    synthetic: Mapped[bool] = mapped_column(Boolean, doc="some outline in it is made up, not surveyed")
    effective_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # No foreign key: accounts stand above the map, and refer to it themselves.
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="since when it is, or was, in force")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="when everything had followed")
    counts: Mapped[dict[str, Any]] = mapped_column(CanonicalJson, doc="regions by level, and what changed")
    people: Mapped[dict[str, Any] | None] = mapped_column(CanonicalJson, doc="accounts whose region ended")


class RegionVersion(Base):
    """A region as it was from edition `since` on, up to the edition before `until`. WKB: lon/lat, WGS 84."""

    __tablename__ = "region_versions"
    __table_args__ = (
        Index("ix_region_versions_since", "since", "code"),
        Index("ix_region_versions_until", "until", "code"),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[int] = mapped_column(ForeignKey("map_editions.version"), primary_key=True, autoincrement=False)
    until: Mapped[int | None] = mapped_column(ForeignKey("map_editions.version"), doc="none: no edition ended it")
    name: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(16))
    parent_code: Mapped[str | None] = mapped_column(String(16))
    source_code: Mapped[str | None] = mapped_column(String(64))
    synthetic: Mapped[bool] = mapped_column(Boolean)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    wkb: Mapped[bytes] = mapped_column(LargeBinary)


class Lineage(Base):
    """What became of a region in an edition: which new one has how much of it. None: it was new, or went."""

    __tablename__ = "lineage"
    __table_args__ = (
        Index("ix_lineage_edition", "edition", "id"),
        Index("ix_lineage_old", "old_code", "edition"),
        Index("ix_lineage_new", "new_code", "edition"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    edition: Mapped[int] = mapped_column(ForeignKey("map_editions.version"))
    old_code: Mapped[str | None] = mapped_column(String(16))
    new_code: Mapped[str | None] = mapped_column(String(16))
    how: Mapped[str] = mapped_column(String(8), doc="kept, changed, recoded, split, merged, new, retired")
    share_of_old: Mapped[float | None] = mapped_column(Float)
    share_of_new: Mapped[float | None] = mapped_column(Float)
