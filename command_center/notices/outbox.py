"""The queue of messages that leave the house: what is put in, and what could not be delivered.

A recipient has at most one message that nobody has tried to send yet. What comes meanwhile joins it: so a storm is
one message at once and one digest two minutes later (`leases` keeps the two minutes).
"""

import ipaddress
import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from command_center.errors import UnknownRegion
from command_center.notices.errors import (
    BadPhone,
    BadWebhookAddress,
    MessageNotFound,
    NotDead,
    UnknownKind,
    WebhookNotFound,
)
from command_center.notices.models import Outgoing, OutgoingGate, Webhook
from command_center.notices.rules import Kind
from command_center.regions.models import Region

WEBHOOK, SMS = "webhook", "sms"
PENDING, SENT, DEAD = STATES = ("pending", "sent", "dead")
MOST_MATTERS = 1000
LONGEST_TEXT = 500
KEPT_SENT = timedelta(days=30)
KEPT_DEAD = timedelta(days=180)
LATE = timedelta(minutes=10)
KEPT_GATES = timedelta(days=1)
PHONE = re.compile(r"\+?[0-9]{6,20}")
Matter = tuple[int, str]


def enqueue(session: Session, channel: str, recipient: str, matters: Sequence[Matter], now: datetime) -> None:
    """Let these matters join the recipient's message that waits, or begin a new one."""
    rest = [list(matter) for matter in matters]
    waiting = session.scalar(
        select(Outgoing)
        .where(
            Outgoing.channel == channel,
            Outgoing.recipient == recipient,
            Outgoing.state == PENDING,
            Outgoing.leased_by.is_(None),
            Outgoing.words.is_(None),
        )
        .order_by(Outgoing.id.desc())
        .limit(1)
        .with_for_update(of=Outgoing)
        .execution_options(populate_existing=True)
    )
    if waiting is not None:
        room = max(0, MOST_MATTERS - len(waiting.matters))
        waiting.matters, rest = [*waiting.matters, *rest[:room]], rest[room:]
    for start in range(0, len(rest), MOST_MATTERS):
        session.add(_message(channel, recipient, now, matters=rest[start : start + MOST_MATTERS]))
    session.flush()


def to_citizen(session: Session, phone: str, text: str, ticket_id: int | None, now: datetime) -> bool:
    """Queue an SMS to somebody without an account. False: this number cannot be one, nothing was queued.

    Call it only where `settings.sms` says that there is a gateway. The text goes out as it is, never in a digest.
    """
    try:
        number = clean_phone(phone)
    except BadPhone:
        return False
    session.add(_message(SMS, f"phone:{number}", now, words=text[:LONGEST_TEXT], ticket_id=ticket_id))
    session.flush()
    return True


def _message(channel: str, recipient: str, now: datetime, **what: Any) -> Outgoing:
    return Outgoing(
        delivery_id=uuid.uuid4().hex,
        channel=channel,
        recipient=recipient,
        state=PENDING,
        attempts=0,
        next_at=now,
        created_at=now,
        **({"matters": []} | what),
    )


def clean_phone(spelt: str) -> str:
    """Take the spaces and dashes out of a telephone number. Raises: BadPhone."""
    number = re.sub(r"[\s()\-]", "", spelt)
    if not PHONE.fullmatch(number):
        raise BadPhone(field="phone")
    return number


def masked(recipient: str) -> str:
    """A recipient for logs and lists: of a telephone number only its beginning and end."""
    kind, _, code = recipient.partition(":")
    return recipient if kind != "phone" else f"phone:{code[:3]}****{code[-2:]}"


# Dead letters.


def messages(session: Session, state: str | None, before: int | None, limit: int) -> list[Outgoing]:
    """List messages, newest first, below an id."""
    rows = select(Outgoing).order_by(Outgoing.id.desc()).limit(limit)
    if state is not None:
        rows = rows.where(Outgoing.state == state)
    if before is not None:
        rows = rows.where(Outgoing.id < before)
    return list(session.scalars(rows))


def described(row: Outgoing) -> dict[str, Any]:
    """A message as plain JSON, without its words: they may hold what is for the recipient alone."""
    return {
        "id": row.id,
        "delivery_id": row.delivery_id,
        "channel": row.channel,
        "recipient": masked(row.recipient),
        "matters": len(row.matters) or 1,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": row.next_at.isoformat() if row.state == PENDING else None,
        "last_error": row.last_error,
        "created_at": row.created_at.isoformat(),
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }


def count(session: Session, state: str) -> int:
    return session.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.state == state)) or 0


def late(session: Session, now: datetime) -> int:
    """Count what is due for ten minutes and nobody sends."""
    rows = select(func.count()).select_from(Outgoing)
    return session.scalar(rows.where(Outgoing.state == PENDING, Outgoing.next_at < now - LATE)) or 0


def retry(session: Session, message_id: int, now: datetime) -> Outgoing:
    """Put a dead letter back into the queue, as it was and under the same delivery id.

    Raises: MessageNotFound, NotDead.
    """
    row = session.scalar(select(Outgoing).where(Outgoing.id == message_id).with_for_update(of=Outgoing))
    if row is None:
        raise MessageNotFound(id=message_id)
    if row.state != DEAD:
        raise NotDead
    row.state, row.attempts, row.next_at, row.leased_until = PENDING, 0, now, None
    row.leased_by = row.leased_by or "retried"  # tried before: nothing more may join it
    return row


def prune(session: Session, now: datetime, limit: int) -> int:
    """Delete one batch of what is long done: sent after 30 days, dead after 180. Returns how many."""
    old = [
        *_old(session, (Outgoing.state == SENT) & (Outgoing.sent_at < now - KEPT_SENT), limit),
        *_old(session, (Outgoing.state == DEAD) & (Outgoing.created_at < now - KEPT_DEAD), limit),
    ][:limit]
    session.execute(delete(Outgoing).where(Outgoing.id.in_(old)).execution_options(synchronize_session=False))
    shut = OutgoingGate.free_at < now - KEPT_GATES
    session.execute(delete(OutgoingGate).where(shut).execution_options(synchronize_session=False))
    return len(old)


def _old(session: Session, which: Any, limit: int) -> Iterable[int]:
    return session.scalars(select(Outgoing.id).where(which).order_by(Outgoing.id).limit(limit)).all()


# Webhooks.


def add_webhook(session: Session, url: str, region_code: str, kinds: Sequence[str], now: datetime) -> Webhook:
    """Subscribe another system; its secret is made here. Raises: BadWebhookAddress, UnknownRegion, UnknownKind."""
    if not may_call(url):
        raise BadWebhookAddress(field="url")
    region = session.get(Region, region_code)
    if region is None or region.retired_at is not None:
        raise UnknownRegion(region=region_code[:32], field="region")
    for kind in kinds:
        if kind not in set(Kind):
            raise UnknownKind(kind=kind[:32], field="kinds")
    hook = Webhook(
        url=url,
        secret=secrets.token_urlsafe(32),
        region_code=region_code,
        kinds=sorted(set(kinds)),
        active=True,
        created_at=now,
    )
    session.add(hook)
    session.flush()
    return hook


def close_webhook(session: Session, webhook_id: int) -> Webhook:
    """End a subscription; what waits for it becomes a dead letter. Raises: WebhookNotFound."""
    hook = session.get(Webhook, webhook_id)
    if hook is None:
        raise WebhookNotFound(id=webhook_id)
    hook.active = False
    return hook


def webhooks(session: Session) -> list[Webhook]:
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def may_call(url: str) -> bool:
    """https anywhere, http on this machine; nothing that would put a password into logs."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    fits = len(url) <= 500 and url.isascii() and url.isprintable() and " " not in url
    if not fits or not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
