"""Is it alive, is it ready, how is it doing."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from command_center.escalation.alarms import alarms
from command_center.escalation.auditor import audit
from command_center.escalation.clocks import read_clocks
from command_center.escalation.guard import standing
from command_center.events.heartbeats import missing
from command_center.events.models import Unpublished
from command_center.notices.models import NoticesCursor, Outgoing
from command_center.statistics.models import StatisticsCursor
from command_center.tickets.models import Ticket
from command_center.web import center, now
from mobile_api.alarms import facts

health = Blueprint("health", __name__)


@health.get("/health/live")
def live() -> Response:
    """This process answers."""
    return jsonify({"status": "ok"})


@health.get("/health/ready")
def ready() -> tuple[Response, int]:
    """Database, scheduler and relay are well: 200; else 503 with what is not. Alarms are listed and stay 200.

    A part is missing when nobody in the installation was seen doing its work, or when it stalled in this process.
    """
    wired, reading = center(), read_clocks()
    stalled = wired.watchdog.stalled()
    try:
        with wired.sessions.read() as session:
            session.execute(text("SELECT 1"))
            found = alarms(session, reading)
        away = missing(wired.sessions, reading.wall)
    except SQLAlchemyError:
        return jsonify({"status": "not ready", "missing": ["database"], "alarms": []}), 503
    away += [part for part in stalled if part not in away]
    # Anybody may ask: no names of machines or tickets here.
    listed = [{"alarm": alarm.name, "text": alarm.what_en} | facts(alarm) for alarm in found]
    for alarm in listed:
        for name in ("seen_by", "tickets"):
            alarm.pop(name, None)
    status = "not ready" if away else "ok"
    return jsonify({"status": status, "missing": away, "alarms": listed}), 503 if away else 200


@health.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, read from the database at each scrape so that every process tells the same."""
    registry, at = CollectorRegistry(), now()
    with center().sessions.read() as session:
        values = {
            "tickets_open": (
                "open tickets",
                select(func.count()).select_from(Ticket).where(Ticket.closed_at.is_(None)),
            ),
            "tickets_overdue": (
                "open tickets whose time ran out",
                select(func.count()).select_from(Ticket).where(Ticket.closed_at.is_(None), Ticket.due_at <= at),
            ),
            "events_unpublished": (
                "committed events without a number",
                select(func.count()).select_from(Unpublished),
            ),
            "statistics_seq": ("how far the statistics have read", select(func.max(StatisticsCursor.seq))),
            "notices_seq": ("how far the inboxes have read", select(func.max(NoticesCursor.seq))),
            "outgoing_pending": (
                "messages that wait to leave the house",
                select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending"),
            ),
            "outgoing_dead": (
                "messages that could not be delivered",
                select(func.count()).select_from(Outgoing).where(Outgoing.state == "dead"),
            ),
        }
        for name, (meaning, query) in values.items():
            Gauge(f"command_center_{name}", meaning, registry=registry).set(session.scalar(query) or 0)
        found, stands = audit(session, at), standing(session, read_clocks())
    stalled = center().watchdog.stalled()
    for name, (meaning, value) in {
        "late_steps": ("steps late by over a minute", found.count),
        "late_steps_worst_seconds": ("how late the oldest of them is", found.worst_s),
        "failing_steps": ("pending steps that failed when they were last tried", found.failing),
        "clock_frozen": ("1 while escalation waits for an operator's word on the clock", int(stands.frozen)),
        "clock_due_steps": ("steps that are due by the clock as it stands", stands.due),
        "stalled_parts": ("background parts of this process that stopped or hang", len(stalled)),
    }.items():
        Gauge(f"command_center_{name}", meaning, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
