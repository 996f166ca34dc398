"""The table of imports. The file itself and the long parts of the report lie in the job's folder, see `folder`."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime


class Kind(StrEnum):
    """What is brought in."""

    GRIDS = "grids"
    WORKERS = "workers"


class State(StrEnum):
    """Where an import stands. `ready`: the report is there; `failed`: nothing was changed, it may be run again."""

    RUNNING = "running"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"


class ImportJob(Base):
    """One file that somebody brings in.

    `turn` counts its dry runs, so that a picture or a page of faults belongs to one of them. `parameters`: the
    choices of the dry run; `result`: its report in short; `about`: name, date and note with which it is applied.
    """

    __tablename__ = "import_jobs"
    __table_args__ = (Index("ix_import_jobs_created", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    turn: Mapped[int] = mapped_column(Integer)
    step: Mapped[str | None] = mapped_column(String(32))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    apply_key: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
