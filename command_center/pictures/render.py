"""Drawing beside the web process, a few at once; what was just drawn for somebody is not drawn again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from time import monotonic

from command_center.aside import Ended, NoSeat, Room, draw_aside
from command_center.pictures.errors import PictureBusy, PictureFailed
from command_center.pictures.sheet import Sheet
from gis.picture import AS_JSON, Picture

AT_ONCE = 2
MOST_WAITING = 4
PATIENCE = 30.0
LIMIT = 90.0
KEPT_S = 60.0
MOST_KEPT = 64 * 1024 * 1024


def render(picture: Picture, sheet: Sheet, room: Path) -> bytes:
    """Draw a picture in a process of its own. room: a folder for what matplotlib keeps from one time to the next.

    Raises: PictureFailed.
    """
    try:
        return draw_aside(
            "command_center.pictures",
            *(sheet.form, sheet.paper, sheet.lie, str(sheet.dpi)),
            given=AS_JSON.dump_json(picture),
            limit=LIMIT,
            environment={"MPLCONFIGDIR": str(room.resolve() / "matplotlib")},
        )
    except Ended as failed:
        raise PictureFailed from failed


class Drawer:
    """What was drawn in the last minute, by who asked for what; the oldest leaves when it gets too much.

    `room`: where what is not there is drawn.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.room = Room(AT_ONCE, MOST_WAITING)
        self._kept: OrderedDict[Hashable, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, whose: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The same again within KEPT_S seconds, else drawn anew, one for a caller at a time.

        whose: a part of the key. `draw` reads and draws once there is a seat. Raises: PictureBusy.
        """
        if drawn := self._known(key):
            return drawn
        try:
            with self.room.seat(whose, PATIENCE):
                return self._known(key) or self._keep(key, draw())
        except NoSeat as busy:
            raise PictureBusy from busy

    def _known(self, key: Hashable) -> bytes:
        with self._lock:
            made, drawn = self._kept.get(key, (0.0, b""))
            return drawn if self._clock() - made < KEPT_S else b""

    def _keep(self, key: Hashable, drawn: bytes) -> bytes:
        with self._lock:
            self._kept[key] = self._clock(), drawn
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and (
                sum(len(one) for _, one in self._kept.values()) > MOST_KEPT or self._oldest_is_stale()
            ):
                self._kept.popitem(last=False)
        return drawn

    def _oldest_is_stale(self) -> bool:
        made, _ = next(iter(self._kept.values()))
        return self._clock() - made >= KEPT_S
