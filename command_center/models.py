"""All tables in one place, so that Alembic and the tests see every one of them."""

from command_center.attachments.models import Attachment
from command_center.categories.models import Category, Condition, Department
from command_center.circles.models import Center, CircleAssumptions, CircleResult, RoadEdition
from command_center.database import Base
from command_center.deadlines.models import CalendarDay, CalendarEdition, PolicyVersion
from command_center.escalation.models import ClockGuardState, StepFailure
from command_center.events.models import ChainHead, Heartbeat, Published, StreamHead, TicketEvent, Unpublished
from command_center.imports.models import ImportJob
from command_center.notices.models import Notice, NoticesCursor, Outgoing, OutgoingGate, Webhook
from command_center.people.models import User
from command_center.regions.models import Lineage, MapEdition, Outline, Region, RegionVersion
from command_center.statistics.models import MapPlacing, Rollup, StatisticsCursor, TicketFact, TicketPlace
from command_center.tickets.models import DueStep, RepeatableWrite, Ticket, TicketCounter
from command_center.zones.models import ZoneVersion

__all__ = [
    "Attachment",
    "Base",
    "CalendarDay",
    "CalendarEdition",
    "Category",
    "Center",
    "ChainHead",
    "CircleAssumptions",
    "CircleResult",
    "ClockGuardState",
    "Condition",
    "Department",
    "DueStep",
    "Heartbeat",
    "ImportJob",
    "Lineage",
    "MapEdition",
    "MapPlacing",
    "Notice",
    "NoticesCursor",
    "Outgoing",
    "OutgoingGate",
    "Outline",
    "PolicyVersion",
    "Published",
    "Region",
    "RegionVersion",
    "RepeatableWrite",
    "RoadEdition",
    "Rollup",
    "StatisticsCursor",
    "StepFailure",
    "StreamHead",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TicketFact",
    "TicketPlace",
    "Unpublished",
    "User",
    "Webhook",
    "ZoneVersion",
]
