"""Twenty officers of one desk press the same button on the same version, at real servers: one has done it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from command_center.events.models import TicketEvent
from command_center.people.actions import create_user
from command_center.people.models import Role
from command_center.tickets.models import Ticket
from tests.builders import COUNTY, RECORD, VILLAGE, a_body, a_key
from tests.crashes.at_once import Burst, burst_of
from tests.crashes.conftest import Served

OFFICERS = 20
TICKETS = 3
# The main line in one village, each step by everybody at the desk that has the matter then.
STEPS = (
    ("accept", "village", "claim"),
    ("claim", "village", "dispatch"),
    ("dispatch", "village", "handle"),
    ("start", "police", "handle"),
    ("resolve", "police", "close"),
    ("close", "village", "closed"),
)


@pytest.fixture(scope="module")
def desks(served: Served) -> dict[str, list[dict[str, str]]]:
    """Twenty officers of the village and twenty of the police, as the headers of their requests."""
    names: dict[str, list[str]] = {"village": [], "police": []}
    with served.county.sessions.begin() as session:
        for n in range(OFFICERS):
            for desk, role, region, department in (
                ("village", Role.VILLAGE_OFFICER, VILLAGE, None),
                ("police", Role.DEPARTMENT_OFFICER, COUNTY, "police"),
            ):
                user = create_user(
                    session,
                    username=f"{desk}{n}",
                    name=f"{desk}{n}",
                    role=role,
                    region_code=region,
                    department_code=department,
                    password=None,
                    now=datetime.now(UTC),
                )
                names[desk].append(user.username)
    return {desk: [served.county.phone(name).headers for name in own] for desk, own in names.items()}


@pytest.fixture(scope="module")
def burst(served: Served) -> Iterator[Burst]:
    with burst_of(OFFICERS, served.urls) as clients:
        yield clients


@pytest.mark.parametrize("keys", [False, True], ids=["without keys", "each with a key of its own"])
def test_of_twenty_one_acts_at_each_step_of_the_life(
    served: Served, desks: dict[str, list[dict[str, str]]], burst: Burst, keys: bool
) -> None:
    for _ in range(TICKETS):
        reported = served.servers[0].report(served.county, a_body(served.county, category=RECORD))
        number, version = reported.json()["number"], reported.json()["version"]
        for action, desk, node in STEPS:
            requests = [
                {
                    "path": f"tickets/{number}/actions/{action}",
                    "json": {"note": f"{n}"},
                    "headers": {
                        **desks[desk][n],
                        "If-Match": f'"{version}"',
                        **({"Idempotency-Key": a_key()} if keys else {}),
                    },
                }
                for n in range(OFFICERS)
            ]
            answers = burst.send(requests)
            statuses = Counter(answer.status_code for answer in answers)
            assert statuses[200] == 1 and statuses[409] + statuses[412] == OFFICERS - 1, (action, statuses)
            (winner,) = (n for n, answer in enumerate(answers) if answer.status_code == 200)
            with served.county.sessions.read() as session:
                ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
                assert (ticket.node, ticket.version) == (node, version + 1)
                told = session.scalars(
                    select(TicketEvent.actor_username).where(
                        TicketEvent.ticket_id == ticket.id, TicketEvent.action == action
                    )
                ).all()
                assert told == [f"{desk}{winner}"]
            assert answers[winner].json()["version"] == version + 1
            version += 1
    answer = served.county.app.test_cli_runner().invoke(args=["verify-log"])
    assert answer.exit_code == 0, answer.output
