"""Is it alive, is it ready, how is it doing."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from command_center.escalation.sweep import late_steps
from command_center.events.heartbeats import missing
from command_center.events.models import Unpublished
from command_center.statistics.models import StatisticsCursor
from command_center.tickets.models import Ticket
from command_center.web import center, now

health = Blueprint("health", __name__)


@health.get("/health/live")
def live() -> Response:
    """This process answers."""
    return jsonify({"status": "ok"})


@health.get("/health/ready")
def ready() -> tuple[Response, int]:
    """Database, scheduler and relay are well: 200; else 503 with what is not. Alarms are listed and stay 200."""
    wired, at = center(), now()
    try:
        with wired.sessions.read() as session:
            session.execute(text("SELECT 1"))
            late = late_steps(session, at)
        away = missing(wired.sessions, at)
    except SQLAlchemyError:
        return jsonify({"status": "not ready", "missing": ["database"], "alarms": []}), 503
    alarms = [{"alarm": "late-steps", "count": late}] if late else []
    status = "not ready" if away else "ok"
    return jsonify({"status": status, "missing": away, "alarms": alarms}), 503 if away else 200


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
        }
        for name, (meaning, query) in values.items():
            Gauge(f"command_center_{name}", meaning, registry=registry).set(session.scalar(query) or 0)
        late = late_steps(session, at)
        Gauge("command_center_late_steps", "steps late by over a minute", registry=registry).set(late)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
