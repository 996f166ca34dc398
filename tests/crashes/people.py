"""People at work while servers die under them: they ask again, with the same key, until they are answered."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select

from command_center.regions.models import Region
from tests.builders import ELSEWHERE, spot
from tests.county import County

# Conditions whose limit runs day and night: 1, 2 and 4 hours, settled by each of the tiers.
CONDITIONS = ("020302", "050701", "090201", "011301", "070602", "070101")
# The main line; what would need days, or somebody else's answer, is left to other tests.
ACTIONS = {"accept", "reject", "claim", "escalate", "dispatch", "start", "resolve", "verify", "close", "supervise"}
RARE = {"reject", "supervise", "escalate"}
ANSWER_WITHIN_S = 30.0
GIVE_UP_AFTER_S = 240.0


@dataclass
class Sent:
    """One write and what became of it. The key is also its text, so it is found again in the database."""

    key: str
    by: str
    action: str
    number: str = ""
    version: int = 0
    status: int = 0
    attempts: int = 0

    @property
    def acknowledged(self) -> bool:
        return self.status in (200, 201)


class Ledger:
    """What everybody sent, and how each was answered."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.faults: list[str] = []
        self._lock = threading.Lock()

    def add(self, sent: Sent) -> None:
        with self._lock:
            self.sent.append(sent)

    def blame(self, fault: str) -> None:
        with self._lock:
            self.faults.append(fault)

    def of(self, action: str | None = None) -> list[Sent]:
        """All reports (`report`), or all other actions."""
        return [sent for sent in self.sent if (sent.action == "report") == (action == "report")]


@dataclass
class Line:
    """One person's connections to the servers; the next one is tried when one does not answer."""

    urls: Sequence[str]
    headers: dict[str, str]
    over: threading.Event  # set when there is nobody left to answer
    at: int = 0
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._client = httpx.Client(headers=self.headers, timeout=ANSWER_WITHIN_S, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, path: str, **request: Any) -> tuple[httpx.Response, int]:
        """Ask until answered. Returns the answer and the number of attempts. Raises: TimeoutError."""
        last = time.monotonic() + GIVE_UP_AFTER_S
        attempts = 0
        while time.monotonic() < last and not self.over.is_set():
            attempts += 1
            url = self.urls[self.at % len(self.urls)]
            try:
                return self._client.request(method, f"{url}/api/v1/{path}", **request), attempts
            except httpx.TransportError:
                self.at += 1
                time.sleep(0.05)
        raise TimeoutError(f"no answer to {method} {path}")


@dataclass(frozen=True)
class Cast:
    """Who takes part: headers by user name, and where reports come from."""

    headers: dict[str, dict[str, str]]
    places: tuple[tuple[str, float, float], ...]
    officers: tuple[str, ...]


def cast_of(county: County) -> Cast:
    """Two villages in two towns, with all who may have a matter of theirs in hand."""
    with county.sessions.read() as session:
        other = session.scalars(
            select(Region.code).where(Region.parent_code == ELSEWHERE, Region.level == "village").order_by(Region.code)
        ).first()
        grid = session.scalars(
            select(Region.code).where(Region.parent_code == other, Region.kind == "urban_rural").order_by(Region.code)
        ).first()
    workers = ("grid", f"w{grid}")
    centers = ("village", f"v{other}", "town", f"t{ELSEWHERE}", "county")
    officers = (*centers, "department", "d.police", "d.fire", "hotline")
    everyone = (*workers, *officers, "leader")
    return Cast(
        headers={name: county.phone(name).headers for name in everyone},
        places=(("grid", *spot(county)), (workers[1], *spot(county, grid))),
        officers=(*workers, *officers, *centers, "leader"),
    )


class Crowd:
    """Threads of people who report and act until they are told to go home."""

    def __init__(self, cast: Cast, urls: Sequence[str], seed: int) -> None:
        self.cast, self.urls, self.ledger = cast, urls, Ledger()
        self._stop, self._over = threading.Event(), threading.Event()
        jobs: Sequence[Callable[[random.Random], None]] = [self._report] * 4 + [self._work] * 6
        self._threads = [
            threading.Thread(target=self._guarded, args=(job, random.Random(f"{seed}-{n}")), daemon=True)
            for n, job in enumerate(jobs)
        ]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        if fault is not None:
            self._over.set()
        self.go_home()

    def go_home(self) -> None:
        """Let everybody finish what they began: afterwards nothing is unanswered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(GIVE_UP_AFTER_S + 10)

    def _guarded(self, job: Callable[[random.Random], None], dice: random.Random) -> None:
        try:
            while not self._stop.is_set():
                job(dice)
        except Exception as fault:
            self.ledger.blame(f"somebody stopped working: {fault!r}")

    @contextmanager
    def _line(self, name: str, dice: random.Random) -> Iterator[Line]:
        line = Line(self.urls, self.cast.headers[name], self._over, at=dice.randrange(len(self.urls)))
        try:
            yield line
        finally:
            line.close()

    def _write(self, line: Line, sent: Sent, path: str, body: Any, **headers: str) -> httpx.Response:
        self.ledger.add(sent)
        headers = {"Idempotency-Key": sent.key} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer, sent.attempts = line.ask("POST", path, json=body, headers=headers)
        sent.status = answer.status_code
        if answer.status_code >= 500:
            self.ledger.blame(f"{sent.action} {sent.key} was answered {answer.status_code}: {answer.text[:300]}")
        return answer

    def _report(self, dice: random.Random) -> None:
        """Send a dozen reports, as a worker on patrol."""
        name, lon, lat = dice.choice(self.cast.places)
        with self._line(name, dice) as line:
            for _ in range(12):
                key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
                body = {"category": dice.choice(CONDITIONS), "description": key, "lon": lon, "lat": lat}
                sent = Sent(key, name, "report")
                answer = self._write(line, sent, "reports", body)
                if sent.acknowledged:
                    sent.number = answer.json()["number"]
                else:
                    self.ledger.blame(f"report {key} was refused: {answer.status_code} {answer.text[:300]}")
                if self._stop.wait(dice.uniform(0.0, 0.06)):
                    return

    def _work(self, dice: random.Random) -> None:
        """Take up to a dozen matters from one's own desk and move each one step along."""
        name = dice.choice(self.cast.officers)
        with self._line(name, dice) as line:
            desk, _ = line.ask("GET", "tickets", params={"mine": "true", "open": "true", "limit": 60})
            if desk.status_code != 200:
                self.ledger.blame(f"{name}'s desk was answered {desk.status_code}: {desk.text[:300]}")
                return
            numbers = [item["number"] for item in desk.json()["items"]]
            for number in dice.sample(numbers, min(12, len(numbers))):
                self._move(line, name, number, dice)
                if self._stop.wait(dice.uniform(0.0, 0.03)):
                    return
        self._stop.wait(0.02)

    def _move(self, line: Line, name: str, number: str, dice: random.Random) -> None:
        looked, _ = line.ask("GET", f"tickets/{number}")
        if looked.status_code != 200:  # somebody else's by now
            return
        ticket = looked.json()
        choice = [action for action in ticket["allowed_actions"] if action in ACTIONS]
        usual = [action for action in choice if action not in RARE]
        if not choice or (not usual and dice.random() < 0.8):
            return
        action = dice.choice(usual if usual and dice.random() < 0.9 else choice)
        sent = Sent(
            str(uuid.UUID(int=dice.getrandbits(128), version=4)), name, action, number, version=ticket["version"]
        )
        body: dict[str, Any] = {"note": sent.key}
        if action == "verify":
            body |= {"passed": dice.random() < 0.8, "lon": ticket["lon"], "lat": ticket["lat"]}
        if action == "supervise":
            body |= {"colour": "yellow"}
        answer = self._write(line, sent, f"tickets/{number}/actions/{action}", body, If_Match=f'"{sent.version}"')
        # Refused because somebody, or a clock, was quicker: nothing else is expected here.
        if answer.status_code not in (200, 403, 404, 409, 412):
            self.ledger.blame(f"{action} on {number} was answered {answer.status_code}: {answer.text[:300]}")
