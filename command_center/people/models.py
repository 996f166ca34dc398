"""Who works here: users with a role, a region and, for department officers, a department."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from command_center.database import Base, UtcDateTime
from command_center.regions.models import Region


class Role(StrEnum):
    """What a person is here for. Citizens have no account."""

    GRID_WORKER = "grid_worker"
    VILLAGE_OFFICER = "village_officer"
    TOWN_OFFICER = "town_officer"
    COUNTY_OFFICER = "county_officer"
    DEPARTMENT_OFFICER = "department_officer"
    HOTLINE_OPERATOR = "hotline_operator"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"


class User(Base):
    """An account. Without a password hash nobody can sign in with it."""

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_region_role", "region_code", "role"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(24))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    phone: Mapped[str | None] = mapped_column(String(21), doc="for text messages about what must not wait")
    password_hash: Mapped[str | None] = mapped_column(String(256))
    # Raised by one to end every session and token of this account at once.
    token_generation: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Read along with the account. What was closed before their region had this code is theirs as well.
    predecessors: Mapped[list[str] | None] = column_property(
        select(Region.predecessors).where(Region.code == region_code).scalar_subquery()
    )

    @property
    def region_codes(self) -> tuple[str, ...]:
        """The code of their region, and those of the regions whose place it took on the map."""
        return (self.region_code, *(self.predecessors or ()))
