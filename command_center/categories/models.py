"""What can be reported (major > minor > case condition) and which department it goes to."""

from decimal import Decimal

from sqlalchemy import Boolean, ForeignKey, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from command_center.database import Base


class Department(Base):
    """A county department, utility or institution that handles matters."""

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Category(Base):
    """A major class (大类) or, with a parent, a minor class (小类)."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    parent: Mapped["Category | None"] = relationship(remote_side=[code])


class Condition(Base):
    """A case condition (立案条件): the time limit hangs on it, and so do settling tier and department."""

    __tablename__ = "conditions"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    minor_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    position: Mapped[int] = mapped_column(Integer, doc="the first condition of a minor class is its default")
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(300))
    closing: Mapped[str] = mapped_column(Text)
    closing_en: Mapped[str] = mapped_column(Text)
    limit_value: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    limit_unit: Mapped[str] = mapped_column(String(16))
    settling_tier: Mapped[str] = mapped_column(String(8))
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    minor: Mapped[Category] = relationship()
    department: Mapped[Department] = relationship()
