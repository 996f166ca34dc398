"""All tables in one place, so that Alembic and the tests see every one of them."""

from command_center.attachments.models import Attachment
from command_center.categories.models import Category, Condition, Department
from command_center.database import Base
from command_center.deadlines.models import CalendarDay
from command_center.events.models import ChainHead, Heartbeat, Published, StreamHead, TicketEvent, Unpublished
from command_center.people.models import User
from command_center.regions.models import Outline, Region
from command_center.statistics.models import Rollup, StatisticsCursor, TicketFact
from command_center.tickets.models import DueStep, RepeatableWrite, Ticket, TicketCounter

__all__ = [
    "Attachment",
    "Base",
    "CalendarDay",
    "Category",
    "ChainHead",
    "Condition",
    "Department",
    "DueStep",
    "Heartbeat",
    "Outline",
    "Published",
    "Region",
    "RepeatableWrite",
    "Rollup",
    "StatisticsCursor",
    "StreamHead",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TicketFact",
    "Unpublished",
    "User",
]
