"""The commands: what they say, what they refuse, and their exit codes."""

import re
import socket
from datetime import UTC, datetime

import pytest
from click.testing import Result
from sqlalchemy import text

from app import create_app
from command_center import commands
from command_center.events.models import Heartbeat
from command_center.settings import Settings
from tests.builders import a_body
from tests.conftest import Counties
from tests.county import County, settings_of
from tests.realtime.processes import free_port

COMMANDS = (
    *("demo", "serve", "migrate", "load-reference", "simulate", "sweep", "verify-log", "rebuild-statistics"),
    *("doctor", "create-user", "set-password", "close-account"),
)


def flask(county: County, *args: str, **more: object) -> Result:
    """Run a command on the county."""
    return county.app.test_cli_runner().invoke(args=list(args), **more)  # type: ignore[arg-type]


@pytest.fixture
def server_starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note that the server would start instead of becoming it."""
    started: list[str] = []
    monkeypatch.setattr(commands, "run_server", lambda: started.append("yes"))
    return started


def test_every_command_explains_itself(county: County) -> None:
    listed = flask(county, "--help").output
    for name in COMMANDS:
        answer = flask(county, name, "--help")
        assert answer.exit_code == 0 and "Usage:" in answer.output and name in listed, name
        assert len(answer.output.splitlines()) > 4, name


@pytest.mark.parametrize("name", ["simulate", "create-user"])
def test_a_wrong_option_is_refused(county: County, name: str) -> None:
    assert flask(county, name, "--no-such-option").exit_code == 2


def test_migrate_again_changes_nothing(county: County) -> None:
    before = county.contents()
    answer = flask(county, "migrate")
    assert answer.exit_code == 0 and re.search(r"schema at revision \w+", answer.output)
    assert county.contents() == before


def test_loading_the_reference_data_again_changes_nothing(county: County) -> None:
    before = county.contents()
    answer = flask(county, "load-reference")
    assert answer.exit_code == 0, answer.output
    assert "  1798 grid\n" in answer.output and re.search(r" 0 new accounts", answer.output)
    assert county.contents() == before


def test_a_sweep_with_nothing_due_says_so(county: County) -> None:
    answer = flask(county, "sweep")
    assert (answer.exit_code, answer.output) == (0, "nothing was due\n")


def test_a_sweep_does_what_fell_due(county: County) -> None:
    county.phone("grid").report(a_body(county))
    with county.sessions.begin() as session:
        session.execute(text("UPDATE due_steps SET due_at = '2026-01-01 00:00:00'"))
    answer = flask(county, "sweep")
    assert answer.exit_code == 0 and re.search(r"\d+ \w+", answer.output), answer.output
    assert "nothing" not in answer.output
    assert flask(county, "verify-log").exit_code == 0


def test_a_sound_log_is_verified(county: County) -> None:
    county.phone("grid").report(a_body(county))
    answer = flask(county, "verify-log")
    assert answer.exit_code == 0 and "1 events, 0 broken chains" in answer.output


def test_a_forged_event_is_named(county: County) -> None:
    numbers = [county.phone("grid").report(a_body(county)).json["number"] for _ in range(3)]  # type: ignore[index]
    county.phone("village").act(numbers[1], "reject", note="不属实")
    with county.sessions.begin() as session:
        for trigger in _protections(county):
            session.execute(text(trigger))
        session.execute(text("UPDATE ticket_events SET note = '属实' WHERE n = 2"))
    answer = flask(county, "verify-log")
    assert answer.exit_code == 1
    assert f"{numbers[1]} (ticket " in answer.output and "event 2" in answer.output
    assert "1 broken chains" in answer.output
    assert numbers[0] not in answer.output and numbers[2] not in answer.output


def _protections(county: County) -> list[str]:
    """What an attacker with the database's password would do first."""
    if county.kind == "postgresql":
        return ["ALTER TABLE ticket_events DISABLE TRIGGER ALL"]
    with county.sessions.read() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    return [f"DROP TRIGGER {name}" for name in names]


def test_the_statistics_recounted_differ_in_nothing(county: County) -> None:
    number = county.phone("grid").report(a_body(county)).json["number"]  # type: ignore[index]
    county.phone("village").act(number, "accept")
    county.relay()
    assert flask(county, "rebuild-statistics").output.endswith("0 rows differ\n")
    with county.sessions.begin() as session:
        session.execute(text("UPDATE rollups SET reported = reported + 1"))
    again = flask(county, "rebuild-statistics")
    assert again.exit_code == 0 and not again.output.endswith("\n0 rows differ\n")
    assert flask(county, "rebuild-statistics").output.endswith("0 rows differ\n")


def test_the_doctor_names_what_is_wrong(open_county: Counties) -> None:
    sick = open_county(secret_key="short", redis_url="redis://127.0.0.1:1/0", host="0.0.0.0")
    answer = flask(sick, "doctor")
    assert answer.exit_code == 1
    lines = dict(re.findall(r"^(?:ok   |FAULT) ([\w ]+)(?:: (.*))?$", answer.output, re.M))
    assert "shorter than 32" in lines["secret key"]
    assert "flask serve" in lines["background parts"]
    assert "no answer" in lines["redis"] and "HTTPS" in lines["https"]
    assert lines["database"] == lines["schema"] == lines["reference data"] == ""


def test_a_new_account_signs_in(county: County) -> None:
    answer = flask(
        county, "create-user", "li.lei", "--name", "李雷", "--role", "town_officer", "--region", "210882004000",
        "--password", "long enough to keep",
    )  # fmt: skip
    assert (answer.exit_code, answer.output) == (0, "li.lei may sign in\n")
    told = county.phone(None).post("session", {"username": "li.lei", "password": "long enough to keep"})
    assert told.json is not None and told.json["user"]["name"] == "李雷"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"--region": "999999999999"}, "no region"),
        ({"--password": "short"}, "at least 10 characters"),
        ({"--department": "power"}, "department"),
        ({"--role": "department_officer"}, "department"),
        ({"--role": "emperor"}, "Invalid value"),
        ({"--name": None}, "Missing option"),
        ({"username": "village"}, "taken"),
    ],
)
def test_an_account_that_will_not_do_is_refused(county: County, changes: dict[str, str | None], reason: str) -> None:
    options = {"--name": "李雷", "--role": "town_officer", "--region": "210882004000", "--password": "long enough 1"}
    given = {**options, **changes}
    username = given.pop("username", None) or "li.lei"
    before = county.contents()
    answer = flask(county, "create-user", username, *(part for pair in given.items() if pair[1] for part in pair))
    assert answer.exit_code != 0 and reason in answer.output, answer.output
    assert county.contents() == before


def test_an_account_without_a_password_gets_one_and_signs_in(county: County) -> None:
    worker = "w2108820040041002"
    sign_in = {"username": worker, "password": "a word for grid two"}
    assert county.phone(None).post("session", sign_in).status_code == 401
    assert flask(county, "set-password", worker, "--password", "a word for grid two").exit_code == 0
    assert county.phone(None).post("session", sign_in).status_code == 200


def test_a_new_password_signs_the_account_out_everywhere(county: County) -> None:
    phone = county.phone("town")
    assert phone.get("me").status_code == 200
    assert flask(county, "set-password", "town", "--password", "another long word").exit_code == 0
    assert phone.get("me").status_code == 401


def test_a_closed_account_is_out_until_it_is_opened_again(county: County) -> None:
    sign_in = {"username": "town", "password": "demo"}
    phone = county.phone("town")
    assert flask(county, "close-account", "town").exit_code == 0
    assert phone.get("me").status_code == 401
    assert county.phone(None).post("session", sign_in).status_code == 401
    assert flask(county, "close-account", "town", "--reopen").exit_code == 0
    assert county.phone(None).post("session", sign_in).status_code == 200


@pytest.mark.parametrize(
    "words", [("set-password", "nobody", "--password", "long enough 1"), ("close-account", "nobody")]
)
def test_an_account_that_is_not_there_is_refused(county: County, words: tuple[str, ...]) -> None:
    answer = flask(county, *words)
    assert answer.exit_code != 0 and "no account nobody" in answer.output


SECRETS = {
    None: "is not set",
    "": "is not set",
    "changeme": "shorter than 32",
    "a" * 40: "easy to guess",
    "abababababababababababababababababab": "easy to guess",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_serve_refuses_a_missing_or_weak_secret(
    open_county: Counties, server_starts: list[str], secret: str | None
) -> None:
    answer = flask(open_county(secret_key=secret), "serve")
    assert answer.exit_code == 1 and SECRETS[secret] in answer.output and "python -c" in answer.output
    assert server_starts == []


def test_serve_refuses_a_port_that_is_taken(open_county: Counties, server_starts: list[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = flask(open_county(port=port), "serve")
        assert answer.exit_code == 1 and f"port {port}" in answer.output
        assert f"COMMAND_CENTER_PORT={port + 1}" in answer.output
    assert server_starts == []


def test_serve_refuses_an_old_schema(county: County, server_starts: list[str]) -> None:
    with county.sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = flask(county, "serve")
    assert answer.exit_code == 1 and "flask migrate" in answer.output
    assert server_starts == []


def test_serve_starts_when_all_is_well(open_county: Counties, server_starts: list[str]) -> None:
    answer = flask(open_county(port=free_port()), "serve")
    assert (answer.exit_code, server_starts) == (0, ["yes"]), answer.output


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_the_demo_leaves_a_real_county_alone(county: County, server_starts: list[str], options: list[str]) -> None:
    before = county.contents()
    answer = flask(county, "demo", "--build-only", *options)
    assert answer.exit_code == 1 and "not a demo county" in answer.output
    assert county.contents() == before


def test_a_small_history_is_simulated(county: County) -> None:
    answer = flask(county, "simulate", "--days", "1", "--rate", "10", "--seed", "1")
    assert answer.exit_code == 0, answer.output
    assert flask(county, "verify-log").exit_code == 0
    county.relay()
    assert flask(county, "rebuild-statistics").output.endswith("0 rows differ\n")


def test_simulate_refuses_while_a_server_runs(county: County) -> None:
    with county.sessions.begin() as session:
        session.merge(Heartbeat(name="scheduler", at=datetime.now(UTC)))
    before = county.contents()
    answer = flask(county, "simulate", "--days", "1")
    assert answer.exit_code == 1 and "server is running" in answer.output
    assert county.contents() == before


def test_an_empty_database_is_served_by_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings: Settings = settings_of(tmp_path_factory.mktemp("empty"))
    app = create_app(settings)
    runner = app.test_cli_runner()
    serve, doctor = runner.invoke(args=["serve"]), runner.invoke(args=["doctor"])
    assert serve.exit_code == 1 and "flask migrate" in serve.output
    assert doctor.exit_code == 1 and "flask migrate" in doctor.output and "Traceback" not in doctor.output
    app.extensions["command_center"].sessions.engine.dispose()
