"""How photos come to belong to a ticket."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from command_center.attachments.models import Attachment
from command_center.errors import UnknownAttachment
from command_center.tickets.actor import Actor
from command_center.tickets.models import Ticket


def take_photos(session: Session, ticket: Ticket, ids: Sequence[str], by: Actor) -> list[Attachment]:
    """Give the actor's own unused photos to the ticket. Raises: UnknownAttachment."""
    photos = {}
    # Locked in one order for everybody, so that two who name the same photos never wait for each other in a ring.
    for wanted in sorted(set(ids)):
        photo = session.get(Attachment, wanted, with_for_update=True)
        if photo is None or photo.uploaded_by_id != by.id or photo.ticket_id is not None:
            raise UnknownAttachment(attachment=wanted[:64], field="photos")
        photo.ticket_id = ticket.id
        photos[wanted] = photo
    return [photos[wanted] for wanted in dict.fromkeys(ids)]
