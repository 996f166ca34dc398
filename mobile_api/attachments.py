"""Photos: taken in, checked, and shown to whoever may see their ticket."""

import secrets
from typing import Any

from flask import Response, jsonify, request, send_file
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.aside import beside_the_loop
from command_center.attachments import storage
from command_center.attachments.errors import DecompressionBomb, NotAPhoto, PhotoTooLarge
from command_center.attachments.models import Attachment
from command_center.attachments.photos import MAX_BYTES, Photo, read_photo
from command_center.errors import AttachmentNotFound
from command_center.people.models import Role, User
from command_center.problems import drain
from command_center.tickets.models import Ticket
from command_center.tickets.sight import once_held, visible_tickets
from command_center.web import caller, center, let_in, now, signed_in
from mobile_api.blueprint import api

# Multipart boundaries and headers around the photo itself.
ENVELOPE = 64 * 1024


@api.post("/attachments")
def create_attachment() -> tuple[Response, int]:
    """Take one photo in (multipart, field `file`): 201 and `{id, url}`."""
    caller()
    if (request.content_length or 0) > MAX_BYTES + ENVELOPE:
        drain()
        raise PhotoTooLarge(limit=MAX_BYTES, limit_mb=MAX_BYTES // 1024**2, field="file")
    let_in(MAX_BYTES + ENVELOPE)
    file = request.files.get("file")
    if file is None:
        raise NotAPhoto(field="file")
    data = file.read(MAX_BYTES + 1)
    try:
        photo = beside_the_loop(read_photo, data)
    except (NotAPhoto, PhotoTooLarge, DecompressionBomb) as refused:
        refused.field = "file"
        raise
    wired = center()
    beside_the_loop(storage.save, wired.settings.home / "attachments", photo)
    attachment = _row(photo, caller())
    with wired.sessions.begin() as session:
        session.add(attachment)
    url = f"/api/v1/attachments/{attachment.id}"
    return jsonify({"id": attachment.id, "url": url, "thumbnail_url": f"{url}?size=thumbnail"}), 201


def _row(photo: Photo, user: User) -> Attachment:
    exif: Any = photo.exif
    return Attachment(
        id=secrets.token_urlsafe(16),
        sha256=photo.sha256,
        width=photo.width,
        height=photo.height,
        byte_size=len(photo.jpeg),
        uploaded_by_id=user.id,
        created_at=now(),
        exif_lon=exif.lon if exif else None,
        exif_lat=exif.lat if exif else None,
        exif_taken_at=exif.taken_at if exif else None,
        exif_datum=exif.datum if exif else None,
        exif_accuracy_m=exif.accuracy_m if exif else None,
        exif_fixed_at=exif.fixed_at if exif else None,
    )


@api.get("/attachments/<id>")
@signed_in
def read_attachment(id: str) -> Response:
    """Show a photo, or with `?size=thumbnail` its small copy."""
    with center().sessions.read() as session:
        photo = _visible(session, id, caller())
    thumbnail = request.args.get("size") == "thumbnail"
    path = storage.path(center().settings.home / "attachments", photo.sha256, thumbnail=thumbnail)
    if not path.exists():
        raise AttachmentNotFound
    answer = send_file(path.resolve(), mimetype="image/jpeg", max_age=86400, etag=photo.sha256 + str(thumbnail))
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def _visible(session: Session, id: str, user: User) -> Attachment:
    photo = session.get(Attachment, id) if id.isprintable() else None
    if photo is None:
        raise AttachmentNotFound
    if photo.uploaded_by_id == user.id:
        return photo
    allowed = visible_tickets(user)
    if user.role == Role.DEPARTMENT_OFFICER:
        allowed = or_(allowed, once_held(user))
    if photo.ticket_id is None or not session.scalar(select(Ticket.id).where(Ticket.id == photo.ticket_id, allowed)):
        raise AttachmentNotFound
    return photo
