"""Over the network: a message becomes one HTTP call, signed for a webhook, in the gateway's own form for an SMS.

No transaction is open meanwhile. What has no chance (no phone, a webhook that was closed) is `Undeliverable`; what
may go well another time is `NotSent`. Neither tells more than a reason that may stand in a log.
"""

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy.orm import Session

from command_center.events.models import TicketEvent
from command_center.notices.leases import Leased
from command_center.notices.models import Webhook
from command_center.notices.outbox import WEBHOOK
from command_center.notices.wording import digest, subjects, texts, words
from command_center.people.models import User
from command_center.settings import SmsGateway

DELIVERY = "X-Delivery-Id"
SIGNATURE = "X-Signature"
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LONGEST_CALL_S = 30.0


class NotSent(Exception):
    """It did not arrive, or nobody knows; worth another try."""


class Undeliverable(Exception):
    """It can never arrive."""


@dataclass(frozen=True)
class Call:
    """One HTTP call to make."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def sign(secret: str, at: datetime, body: bytes) -> str:
    """Sign a body: `t=<Unix seconds>,v1=<hex HMAC-SHA256 over "<t>." and the body>`."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def prepare(session: Session, leased: Leased, sms: SmsGateway | None, zone: ZoneInfo, now: datetime) -> Call:
    """Write the message. Raises: Undeliverable."""
    if leased.channel == WEBHOOK:
        return _to_webhook(session, leased, zone, now)
    return _to_phone(session, leased, sms, zone)


def _to_webhook(session: Session, leased: Leased, zone: ZoneInfo, now: datetime) -> Call:
    hook = session.get(Webhook, int(leased.recipient.partition(":")[2]))
    if hook is None or not hook.active:
        raise Undeliverable("the webhook was closed")
    about = subjects(session, [int(seq) for seq, _ in leased.matters])
    events = []
    for seq, kind in leased.matters:
        if (subject := about.get(int(seq))) is not None:
            said = words(str(kind), subject, zone)
            events.append({"seq": seq, "kind": kind, "text_zh": said.zh, "text_en": said.en, **_facts(subject.event)})
    # The same at every attempt, as long as nothing is renamed: only the signature tells the time.
    body = json.dumps(
        {"delivery": leased.delivery_id, "count": len(events), "events": events}, ensure_ascii=False
    ).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", SIGNATURE: sign(hook.secret, now, body)}
    return Call(hook.url, body, headers | {DELIVERY: leased.delivery_id})


def _facts(event: TicketEvent) -> dict[str, Any]:
    """What another system is told of an event: no citizen's name or phone is in it."""
    return {
        "number": event.number,
        "n": event.n,
        "action": event.action,
        "at": event.at.isoformat(),
        "from": {"node": event.from_node, "tier": event.from_tier} if event.from_node else None,
        "to": {"node": event.to_node, "tier": event.to_tier},
        "holder": event.details.get("to_holder"),
        "due_at": event.details.get("due_at"),
        "grid": event.grid_code,
        "village": event.village_code,
        "town": event.town_code,
        "county": event.county_code,
        "department": event.department_code,
    }


def _to_phone(session: Session, leased: Leased, sms: SmsGateway | None, zone: ZoneInfo) -> Call:
    if sms is None:
        raise Undeliverable("there is no SMS gateway")
    kind, _, code = leased.recipient.partition(":")
    phone: str | None = code
    if kind == "user":
        user = session.get(User, int(code))
        phone = user.phone if user is not None and user.active else None
    if not phone:
        raise Undeliverable("the account is closed or has no phone any more")
    text = leased.words
    if text is None:
        about = subjects(session, [int(seq) for seq, _ in leased.matters])
        said = [words(str(kind), about[int(seq)], zone).zh for seq, kind in leased.matters if int(seq) in about]
        text = texts("zh")["sms"].format(text=digest(said, "zh"))
    headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {sms.token}"}
    return Call(sms.url, sms.body(phone, text), headers | {DELIVERY: leased.delivery_id})


def send(call: Call) -> None:
    """Make the call; an answer of 2xx is a delivery. Raises: NotSent.

    TLS is verified against the system's authorities, redirects are not followed, no proxy is used, nothing of the
    answer beyond its status is read, and the whole call is cut off after half a minute however slowly it drips.
    """
    client = httpx.Client(verify=_authorities(), follow_redirects=False, timeout=TIMEOUT, trust_env=False)
    too_long = threading.Timer(LONGEST_CALL_S, client.close)
    too_long.daemon = True
    too_long.start()
    try:
        with client.stream("POST", call.url, content=call.body, headers=dict(call.headers)) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as fault:
        # The class alone: its text may hold the address, and an address may hold a key.
        raise NotSent(type(fault).__name__) from fault
    finally:
        too_long.cancel()
        client.close()
    if not 200 <= status < 300:
        raise NotSent(f"HTTP {status}")


@cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context()
