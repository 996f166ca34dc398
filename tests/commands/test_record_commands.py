"""`flask verify-log` for the whole log and for one ticket."""

from click.testing import Result

from tests.builders import a_ticket
from tests.casefile.archive import number_of
from tests.county import County
from tests.events.stories import a_log
from tests.events.tampering import tamper


def verify(county: County, *arguments: str) -> Result:
    return county.app.test_cli_runner().invoke(args=["verify-log", *arguments])


def test_a_sound_log_is_counted_and_ends_well(county: County) -> None:
    a_log(county, tickets=3, events=4)
    done = verify(county)
    assert (done.exit_code, done.stdout.strip()) == (0, "12 events, 0 broken chains")


def test_the_faults_stand_at_the_end_one_a_line(county: County) -> None:
    first, second, _ = a_log(county, tickets=3, events=4)
    tamper(county, "UPDATE ticket_events SET note = 'forged' WHERE ticket_id IN (:a, :b) AND n = 2", a=first, b=second)
    done = verify(county)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{number_of(county, first)} (ticket {first}), event 2: its content was changed",
        f"{number_of(county, second)} (ticket {second}), event 2: its content was changed",
        "12 events, 2 broken chains",
    ]


def test_one_ticket_is_verified_for_itself(county: County) -> None:
    first, second = a_log(county, tickets=2, events=4)
    tamper(county, "UPDATE ticket_events SET note = 'forged' WHERE ticket_id = :t AND n = 2", t=first)
    good, bad = (
        verify(county, "--ticket", number_of(county, second)),
        verify(county, "--ticket", number_of(county, first)),
    )
    assert (good.exit_code, good.stdout.strip()) == (0, "4 events, 0 broken chains")
    assert bad.exit_code == 1
    assert "content was changed" in bad.stdout


def test_a_ticket_that_is_not_there_is_told(county: County) -> None:
    a_ticket(county)
    done = verify(county, "--ticket", "210882-20261120-99999-0")
    assert done.exit_code == 1
    assert "broken" not in done.stdout


def test_a_log_of_nothing_is_sound(county: County) -> None:
    assert verify(county).stdout.strip() == "0 events, 0 broken chains"
