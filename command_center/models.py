"""All tables in one place, so that Alembic and the tests see every one of them."""

from command_center.attachments.models import Attachment
from command_center.categories.models import Category, Condition, Department
from command_center.database import Base
from command_center.deadlines.models import CalendarDay, CalendarEdition, PolicyVersion
from command_center.escalation.models import ClockGuardState, StepFailure
from command_center.events.models import ChainHead, Heartbeat, Published, StreamHead, TicketEvent, Unpublished
from command_center.notices.models import Notice, NoticesCursor, Outgoing, OutgoingGate, Webhook
from command_center.people.models import User
from command_center.regions.models import Outline, Region
from command_center.statistics.models import Rollup, StatisticsCursor, TicketFact
from command_center.tickets.models import DueStep, RepeatableWrite, Ticket, TicketCounter

__all__ = [
    "Attachment",
    "Base",
    "CalendarDay",
    "CalendarEdition",
    "Category",
    "ChainHead",
    "ClockGuardState",
    "Condition",
    "Department",
    "DueStep",
    "Heartbeat",
    "Notice",
    "NoticesCursor",
    "Outgoing",
    "OutgoingGate",
    "Outline",
    "PolicyVersion",
    "Published",
    "Region",
    "RepeatableWrite",
    "Rollup",
    "StatisticsCursor",
    "StepFailure",
    "StreamHead",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TicketFact",
    "Unpublished",
    "User",
    "Webhook",
]
