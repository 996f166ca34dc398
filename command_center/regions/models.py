"""Tables of the places: county, towns, villages, grids, and their outlines."""

from sqlalchemy import Boolean, Float, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base


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


class Outline(Base):
    """The outline of a region: WKB, lon/lat degrees, WGS 84."""

    __tablename__ = "outlines"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    wkb: Mapped[bytes] = mapped_column(LargeBinary)
