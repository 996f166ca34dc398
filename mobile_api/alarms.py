"""What is wrong with escalation, for the screens; and an operator's word on the system clock."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from pydantic import AwareDatetime

from command_center.errors import NotAllowed
from command_center.escalation.alarms import Alarm, alarms
from command_center.escalation.clocks import Reading, read_clocks
from command_center.escalation.guard import Standing, agree, standing
from command_center.people.models import Role, User
from command_center.web import caller, center, signed_in
from mobile_api import answers
from mobile_api.blueprint import api
from mobile_api.schemas import Body, parse

WATCHING = {Role.COUNTY_OFFICER, Role.LEADER, Role.ADMINISTRATOR, Role.TOWN_OFFICER}
SEEING_ALL = WATCHING - {Role.TOWN_OFFICER}
AGREEING = {Role.COUNTY_OFFICER, Role.ADMINISTRATOR}


class Agreement(Body):
    """An operator's word: frozen_at is the freeze they looked at, as GET told it."""

    frozen_at: AwareDatetime | None = None


@api.get("/alarms")
@signed_in
def list_alarms() -> Response:
    """List what is wrong with escalation now, in words, the gravest first."""
    user, reading = _one_of(WATCHING), read_clocks()
    with center().sessions.read() as session:
        found = alarms(session, reading, naming=Role(user.role) in SEEING_ALL)
    may_agree = Role(user.role) in AGREEING
    return answers.page([describe(alarm) for alarm in found], as_of=moment(reading.wall), may_agree=may_agree)


@api.get("/alarms/clock")
@signed_in
def read_clock() -> Response:
    """Tell how the clock guard stands, and how many steps an agreement would let fall due at once."""
    _one_of(WATCHING)
    reading = read_clocks()
    with center().sessions.read() as session:
        return jsonify(_standing(standing(session, reading), reading))


@api.post("/alarms/clock/agree")
@signed_in
def agree_to_clock() -> Response:
    """Agree to the system clock as it stands: escalation goes on, and what is due by it is done at once."""
    user = _one_of(AGREEING)
    form = parse(Agreement, request.get_data() or b"{}")
    with center().sessions.begin() as session:
        reading = read_clocks()
        agree(session, user.username, reading, seen=form.frozen_at)
        session.flush()
        return jsonify(_standing(standing(session, reading), reading))


def describe(alarm: Alarm) -> dict[str, Any]:
    """Spell an alarm for a screen."""
    return {
        "alarm": alarm.name,
        "text": alarm.what_zh,
        "text_en": alarm.what_en,
        "todo": alarm.todo_zh,
        "todo_en": alarm.todo_en,
        **facts(alarm),
    }


def facts(alarm: Alarm) -> dict[str, Any]:
    """An alarm's facts as JSON."""
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in alarm.facts.items()}


def moment(at: datetime | None) -> str | None:
    """Spell a moment to the microsecond: it comes back as the name of a freeze."""
    return at.isoformat() if at else None


def _standing(stands: Standing, reading: Reading) -> dict[str, Any]:
    told = stands._asdict() | {"as_of": reading.wall}
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in told.items()}


def _one_of(roles: set[Role]) -> User:
    user = caller()
    if Role(user.role) not in roles:
        raise NotAllowed
    return user
