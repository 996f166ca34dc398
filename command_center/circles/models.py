"""Tables of the centers, of the editions of the road network, of what is assumed, and of computed circles."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson


class Center(Base):
    """Where a region's service center stands. A region without a row has an assumed one."""

    __tablename__ = "centers"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(200), doc="the file it came from")
    synthetic: Mapped[bool] = mapped_column(Boolean)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[str] = mapped_column(String(64))


class RoadEdition(Base):
    """One imported road network. Never changed: the next import is the next version, and the newest counts."""

    __tablename__ = "road_editions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200), doc="the file it came from")
    sha256: Mapped[str] = mapped_column(String(64), doc="of that file")
    synthetic: Mapped[bool] = mapped_column(Boolean)
    counts: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    lines: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, doc="as gis.roads packs them")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))


class CircleAssumptions(Base):
    """One stored edition of minutes, speeds and detour. Never changed: an edit is the next version."""

    __tablename__ = "circle_assumptions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    note: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))


class CircleResult(Base):
    """Circles computed once for the inputs that `key` is made of."""

    __tablename__ = "circle_results"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    inputs: Mapped[dict[str, Any]] = mapped_column(CanonicalJson)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, doc="JSON, compressed")
