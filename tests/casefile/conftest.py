"""How the tests get a ticket's file."""

from collections.abc import Callable

import pytest

from app import TEXTS
from command_center.casefile.collect import Reader, collect
from command_center.casefile.contents import CaseFile
from command_center.texts import Texts
from command_center.tickets.models import Ticket
from tests.builders import NOW
from tests.county import County

Collect = Callable[..., CaseFile]


@pytest.fixture
def collected(county: County) -> Collect:
    """Put a ticket's file together as the door does."""
    texts = Texts(TEXTS)

    def collect_one(ticket_id: int, language: str = "zh", sees_reporter: bool = True) -> CaseFile:
        with county.sessions.read() as session:
            return collect(
                session,
                session.get_one(Ticket, ticket_id),
                Reader("县指挥席（county）", sees_reporter),
                key=county.office.chain_key,
                photos=county.settings.home / "attachments",
                zone=county.settings.zone,
                now=NOW,
                language=language,
                text=lambda key: texts.get(key, language),
            )

    return collect_one
