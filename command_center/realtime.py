"""Socket.IO, namespace /live: a screen watches a region and is told of every ticket event in it.

What is sent is a hint. Each message carries the number before it in the region's stream, so a screen that missed
one knows, and fetches /api/v1/events.
"""

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from flask import g, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, SocketIO, join_room, leave_room

from command_center.errors import CommandCenterError, NotSignedIn
from command_center.events.relay import Numbered, last_seq, streams
from command_center.notices.consumer import Live as LiveNotice
from command_center.people.access import check_region
from command_center.people.models import User
from command_center.texts import language
from command_center.tickets.describe import live_event, moment, summaries
from command_center.tickets.queries import stream_of
from command_center.web import center, current_user, now, user_of_token

log = logging.getLogger(__name__)
NAMESPACE = "/live"
MOST_ROOMS = 50


def channel_of(key: bytes) -> str:
    """Name the Redis channel of this installation by its event log's key, which all its processes share.

    Redis does not part channels by database number: two counties on one Redis would hear each other's departments.
    """
    return f"command-center-{hashlib.sha256(key).hexdigest()[:16]}"


def make_socketio(async_mode: str, redis_url: str | None, channel: str) -> SocketIO:
    """Make the server. async_mode is always named: left alone, engineio would pick eventlet if it finds it."""
    return SocketIO(
        async_mode=async_mode,
        message_queue=redis_url,
        channel=channel,
        manage_session=False,
        # A phone or wall that lost its network is noticed within half a minute.
        ping_interval=15,
        ping_timeout=15,
        max_http_buffer_size=64 * 1024,
    )


def emitter(socketio: SocketIO, redis_url: str | None, channel: str) -> SocketIO:
    """What the relay publishes with. With Redis every message goes by way of it, our own screens' too.

    Delivered at once at home and by Redis elsewhere, two processes' events would overtake each other.
    """
    return SocketIO(message_queue=redis_url, channel=channel) if redis_url else socketio


class Live(Namespace):
    """The namespace. A socket belongs to one user; its rooms are the streams it watches."""

    def __init__(self) -> None:
        super().__init__(NAMESPACE)
        self._users: dict[str, User] = {}

    def on_connect(self, auth: Any = None) -> None:
        """Let in who has a session cookie or `auth: {token}`; refuse everybody else."""
        try:
            if isinstance(auth, dict) and isinstance(auth.get("token"), str):
                user: User | None = user_of_token(auth["token"])
            else:
                g.pop("user", None)
                user = current_user()
        except NotSignedIn as refused:
            raise Refused(refused.code) from refused
        if user is None:
            raise Refused("not-signed-in")
        self._users[_sid()] = user
        join_room(room_of(user.id))

    def on_disconnect(self, reason: Any = None) -> None:
        self._users.pop(_sid(), None)

    def on_watch(self, data: Any = None) -> dict[str, Any]:
        """Join a region's stream: `{ok, seq}` with its last number, or `{ok: false, error}`."""
        user = self._users.get(_sid())
        code = data.get("region") if isinstance(data, dict) else None
        if user is None or not isinstance(code, str):
            return {"ok": False, "error": "region"}
        try:
            with center().sessions.read() as session:
                check_region(session, user, code)
                stream = stream_of(user, code)
                join_room(stream)
                # After joining: what comes now is either in this number or will be sent.
                return {"ok": True, "seq": last_seq(session, stream), "region": code}
        except CommandCenterError as refused:
            text = refused.text_zh if language() == "zh" else refused.text_en
            return {"ok": False, "error": refused.code, "text": text}

    def on_unwatch(self, data: Any = None) -> dict[str, Any]:
        """Leave a region's stream."""
        user = self._users.get(_sid())
        code = data.get("region") if isinstance(data, dict) else None
        if user is None or not isinstance(code, str):
            return {"ok": False, "error": "region"}
        leave_room(stream_of(user, code))
        return {"ok": True}


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def room_of(user_id: int) -> str:
    """Name the room of one user: all their sockets are in it, from the moment they connect."""
    return f"user:{user_id}"


def notifier(socketio: SocketIO) -> Any:
    """Make the function that shows notices at once, on every screen of the user each is for."""

    def tell(notices: Sequence[LiveNotice]) -> None:
        for notice in notices:
            socketio.emit("notice", notice.message, namespace=NAMESPACE, to=room_of(notice.user_id))

    return tell


def publisher(socketio: SocketIO, sessions: Any) -> Any:
    """Make the function that the relay publishes with: one message for each stream of each event."""

    def publish(batch: Sequence[Numbered]) -> None:
        with sessions.read() as session:
            tickets = summaries(session, [item.event.ticket_id for item in batch], now())
        for item in batch:
            message = {
                "event": live_event(item.event),
                "ticket": tickets[item.event.ticket_id],
                "sent_at": moment(now()),
            }
            for stream in streams(item.event):
                socketio.emit(
                    "ticket",
                    {"seq": item.seq, "prev": item.previous[stream], "region": stream, **message},
                    namespace=NAMESPACE,
                    to=stream,
                )

    return publish
