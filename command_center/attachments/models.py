"""The table of photos. The picture itself is a file named by its content."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from command_center.database import Base, UtcDateTime


class Attachment(Base):
    """A photo as it was uploaded by one person; it belongs to no ticket until a report or an action names it."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    byte_size: Mapped[int] = mapped_column(Integer)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # What the camera claims, kept apart from the picture. Degrees, WGS 84; none where the datum is one we cannot tell.
    exif_lon: Mapped[float | None] = mapped_column(Float)
    exif_lat: Mapped[float | None] = mapped_column(Float)
    exif_taken_at: Mapped[str | None] = mapped_column(String(40), doc="ISO 8601, the camera's clock")
    exif_datum: Mapped[str | None] = mapped_column(String(32), doc="as the camera names it; none: not named")
    exif_accuracy_m: Mapped[float | None] = mapped_column(Float)
    exif_fixed_at: Mapped[str | None] = mapped_column(String(40), doc="ISO 8601, UTC, the satellites' clock")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    event_n: Mapped[int | None] = mapped_column(Integer)
