"""The versions of rule zones, as they were drawn or imported."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.events.canonical import CanonicalJson


class ZoneVersion(Base):
    """One version of a zone. Never changed once stored: an edit is the next version, and so is the end of a zone."""

    __tablename__ = "zone_versions"
    __table_args__ = (Index("uq_zone_versions_once", "zone_code", "version", unique=True),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    zone_code: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(200))
    wkb: Mapped[bytes] = mapped_column(LargeBinary, doc="as drawn or imported; degrees, WGS 84")
    buffer_m: Mapped[float] = mapped_column(Float, doc="metres around it within which the rule holds as well")
    season_from: Mapped[str | None] = mapped_column(String(5), doc="MM-DD, in the county's own time; none: all year")
    season_to: Mapped[str | None] = mapped_column(String(5))
    categories: Mapped[list[str]] = mapped_column(CanonicalJson, doc="codes of majors, minors and conditions")
    effects: Mapped[dict[str, Any]] = mapped_column(CanonicalJson, doc="limit, urgent, department, recipients")
    note: Mapped[str] = mapped_column(String(500), doc="why")
    source: Mapped[str] = mapped_column(String(200), doc="where the outline comes from")
    synthetic: Mapped[bool] = mapped_column(Boolean)
    retired: Mapped[bool] = mapped_column(Boolean, doc="from then on there is no such zone")
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
