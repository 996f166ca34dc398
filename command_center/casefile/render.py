"""Drawing a case file beside the web process: it takes a second or two."""

from command_center.aside import Ended, NoSeat, Room, draw_aside
from command_center.casefile.contents import AS_JSON, CaseFile
from command_center.casefile.errors import CaseFileBusy, CaseFileFailed

AT_ONCE = 2
MOST_WAITING = 12
PATIENCE = 30.0
LIMIT = 90.0
_room = Room(AT_ONCE, MOST_WAITING)


def render(file: CaseFile) -> bytes:
    """Draw a case file in a process of its own; a few at once. Raises: CaseFileBusy, CaseFileFailed."""
    try:
        with _room.seat(file.number, PATIENCE):
            drawn = draw_aside("command_center.casefile", given=AS_JSON.dump_json(file), limit=LIMIT)
    except NoSeat as busy:
        raise CaseFileBusy from busy
    except Ended as failed:
        raise CaseFileFailed from failed
    if not drawn.startswith(b"%PDF-"):
        raise CaseFileFailed
    return drawn
