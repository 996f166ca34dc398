"""The page on which a citizen rates how a matter was settled: no account, no script needed, any phone.

The token in the address is the secret. It says which closing of which ticket is meant, so neither a cookie nor a CSRF
token is asked: another site could send nothing that it does not know. What the page tells is for its reporter alone
and still says no name and no telephone number, because people pass links on.
"""

import hashlib
import re
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, NamedTuple

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Department
from command_center.events.models import TicketEvent
from command_center.regions.models import Region
from command_center.texts import language
from command_center.tickets import rating_links
from command_center.tickets.actions import act, locked
from command_center.tickets.actor import CITIZEN
from command_center.tickets.aftercare import SATISFIED_FROM
from command_center.tickets.deed import Form
from command_center.tickets.models import Ticket
from command_center.tickets.rating_links import Link
from command_center.tickets.standing import RATING_DAYS, Node
from command_center.tickets.workflow import Action
from command_center.web import center, limiter, now
from dashboards.blueprint import screens

SCORES = (5, 4, 3, 2, 1)
LONGEST_WORDS = 500
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# Mobile and fixed-line numbers, as people write them.
TELEPHONE = re.compile(
    r"(?<![\d-])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|\d{7,8})(?![\d-])"
)


class State(StrEnum):
    """What the page has to say."""

    FORM = auto()
    RATED = auto()
    LATE = auto()
    OPEN = auto()
    ENDED = auto()
    WRONG = auto()


class Answer(NamedTuple):
    """What a department said it did."""

    department: str
    words: str


class Said(NamedTuple):
    """What came in with the form, and which part of it is wrong."""

    score: int | None
    words: str
    fault: str | None


# Guessing is hopeless; the limits keep a broken or malicious phone from being a nuisance. Many people share one
# address (a village behind one carrier's gateway), so the address counts for wrong links only.
few_wrong_links = limiter.shared_limit(
    "100 per 10 minutes", scope="wrong-rating-link", deduct_when=lambda answer: answer.status_code == 404
)
few_tries = limiter.limit("20 per 10 minutes", key_func=lambda: _fingerprint(request.path))


def _fingerprint(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:32]


@screens.get("/rate/<token>")
@few_wrong_links
def rating_page(token: str) -> ResponseReturnValue:
    """Show what was done about the matter and ask for a score, or say why there is nothing to ask."""
    return show(token, rating_links.read(center().settings.signing_key, token), now())


@screens.post("/rate/<token>")
@few_wrong_links
@few_tries
def take_rating(token: str) -> ResponseReturnValue:
    """Take the score. A second one of the same closing changes nothing."""
    wired, at = center(), now()
    link = rating_links.read(wired.settings.signing_key, token)
    said = read_form()
    if link is None or said.fault is not None:
        return show(token, link, at, said)
    with wired.sessions.begin() as session:
        ticket = found(session, link)
        taken = ticket is not None and state_of(ticket := locked(session, ticket.id), link, at) is State.FORM
        if ticket is not None and taken:
            form = Form(note=said.words, score=said.score)
            act(session, wired.office, ticket, Action.RATE, form, CITIZEN, at)
    if not taken:
        return show(token, link, at, said)
    wired.committed()
    return redirect(url_for("screens.rating_page", token=token, thanks=1, lang=language()), code=303)


def read_form() -> Said:
    """Read the score and the words as they come from a plain HTML form."""
    score = request.form.get("score", "")
    # A text area sends its line ends in two characters, and its limit counts one.
    words = UNSTORABLE.sub("", request.form.get("words", "").replace("\r\n", "\n")).strip()
    chosen = int(score) if score in {str(one) for one in SCORES} else None
    fault = "score" if chosen is None else "words" if len(words) > LONGEST_WORDS else None
    return Said(chosen, words, fault)


def show(token: str, link: Link | None, at: datetime, said: Said | None = None) -> ResponseReturnValue:
    """Build the page for whatever the link leads to."""
    with center().sessions.read() as session:
        ticket = found(session, link) if link is not None else None
        if ticket is None or link is None:
            return page(404, state=State.WRONG)
        state = state_of(ticket, link, at)
        status = 200
        if said is not None:
            status = 422 if state is State.FORM else 409
        facts = about(session, ticket, state)
    return page(status, token=token, state=state, said=said, **facts)


def page(status: int, **facts: Any) -> ResponseReturnValue:
    """Answer with the page; its address is a secret, so it is kept nowhere and told to nobody."""
    answer = make_response(
        render_template(
            "rating.html", scores=SCORES, days=RATING_DAYS, longest=LONGEST_WORDS, **({"token": None} | facts)
        ),
        status,
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def found(session: Session, link: Link) -> Ticket | None:
    return session.scalar(select(Ticket).where(Ticket.number == link.number))


def state_of(ticket: Ticket, link: Link, at: datetime) -> State:
    """Say what the page must tell about this closing of the ticket."""
    node = Node(ticket.node)
    if node in (Node.REJECTED, Node.MERGED):
        return State.ENDED
    if node is not Node.CLOSED or link.generation != ticket.reopened_count:
        return State.OPEN
    if ticket.rating is not None:
        return State.RATED
    return State.FORM if rating_links.is_open(ticket, at) else State.LATE


def about(session: Session, ticket: Ticket, state: State) -> dict[str, Any]:
    """What the reporter may know: what it was, when it came and ended, what the departments say they did."""
    minor = ticket.condition.minor
    score = (ticket.rating or {}).get("score")
    return {
        "number": ticket.number,
        "category": minor.name_en if language() == "en" and minor.name_en else minor.name,
        "place": session.get_one(Region, ticket.village_code).name,
        "reported_at": local(ticket.created_at),
        "closed_at": local(ticket.closed_at) if ticket.closed_at and state is not State.OPEN else None,
        "answers": [] if state is State.OPEN else answers(session, ticket),
        "score": score,
        "follow_up": score is not None and score < SATISFIED_FROM,
    }


def answers(session: Session, ticket: Ticket) -> list[Answer]:
    """Collect the answer to the citizen: what the lead wrote when it was done, then what each assistant answered."""
    event = session.scalar(
        select(TicketEvent)
        .where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.action == Action.RESOLVE,
            TicketEvent.from_node == Node.HANDLE,
            TicketEvent.to_node == Node.CLOSE,
        )
        .order_by(TicketEvent.n.desc())
        .limit(1)
    )
    if event is None:
        return []
    # A matter that the village settled itself was in the hands of a person: that is the center's answer.
    lead = Answer(_department(session, event.from_department_code), without_telephones(event.note))
    helped = [
        Answer(_department(session, one.get("department")), without_telephones(one.get("answer") or ""))
        for one in event.details.get("answers", [])
    ]
    return [answer for answer in (lead, *helped) if answer.words]


def _department(session: Session, code: str | None) -> str:
    row = session.get(Department, code) if code else None
    if row is None:
        return ""
    return row.name_en if language() == "en" and row.name_en else row.name


def without_telephones(words: str) -> str:
    """Officers write telephone numbers into what they did; a link that is passed on must not pass those on."""
    return TELEPHONE.sub("***", words)


def local(at: datetime) -> str:
    return f"{at.astimezone(center().settings.zone):%Y-%m-%d %H:%M}"
