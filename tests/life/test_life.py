"""A shorter run of the state machine; `python -m tests.life` is the long one."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.county import County
from tests.life.machine import LifeOfTickets


def test_whatever_people_and_time_do_the_tickets_stay_as_the_model_says(county: County) -> None:
    examples = 25 if county.kind == "sqlite" else 8
    machine = type("Life", (LifeOfTickets,), {"county": county, "steps": 0, "accepted": 0, "maps": []})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),  # a failure is told as it came: making it small takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.accepted > examples * 5, "people mostly did what they may"
