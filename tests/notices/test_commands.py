"""The commands about telephone numbers, webhooks and dead letters, and what the doctor says."""

from command_center.doctoring import examine
from tests.builders import COUNTY, a_ticket
from tests.conftest import Counties
from tests.county import County
from tests.notices.conftest import a_webhook
from tests.notices.inboxes import messages, tell_all


def run(county: County, *words: str) -> tuple[int, str]:
    result = county.app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_an_account_gets_a_phone_and_loses_it(county: County) -> None:
    code, said = run(county, "set-phone", "village", "138 0000-1234")
    assert (code, county.user("village").phone) == (0, "13800001234"), said
    assert run(county, "set-phone", "village", "--none")[0] == 0
    assert county.user("village").phone is None


def test_a_phone_that_is_none_is_refused(county: County) -> None:
    for words in (["village", "no phone"], ["village"], ["nobody", "13800001234"], ["village", "1380000", "--none"]):
        assert run(county, "set-phone", *words)[0] != 0, words
    assert county.user("village").phone is None


def test_a_webhook_is_added_listed_and_closed(county: County) -> None:
    assert "no webhooks" in run(county, "list-webhooks")[1]
    url = "https://grid.example.gov.cn/hook"
    code, said = run(county, "add-webhook", url, "--region", COUNTY, "--kinds", "overdue, closed")
    secret = said.split("secret ")[1].strip()
    assert code == 0 and len(secret) >= 40
    listed = run(county, "list-webhooks")[1]
    assert url in listed and "closed,overdue" in listed and "active" in listed and secret not in listed
    assert run(county, "close-webhook", "1")[0] == 0
    assert "active" not in run(county, "list-webhooks")[1]
    assert run(county, "close-webhook", "9")[0] == 1
    assert run(county, "add-webhook", "http://grid.example.gov.cn/", "--region", COUNTY)[0] == 1
    assert run(county, "add-webhook", url, "--region", "1")[0] == 1
    assert run(county, "add-webhook", url, "--region", COUNTY, "--kinds", "gossip")[0] == 1


def test_dead_letters_are_listed_and_tried_again(county: County) -> None:
    assert "0 dead letters" in run(county, "dead-letters")[1]
    a_webhook(county, "https://grid.example.gov.cn/hook")
    a_ticket(county)
    tell_all(county)
    kill_all(county)
    listed = run(county, "dead-letters")[1]
    assert "webhook:1  HTTP 503" in listed and "1 dead letters" in listed
    assert run(county, "dead-letters", "--retry", "all") == (0, "1 put back into the queue\n")
    assert run(county, "dead-letters", "--retry", "1")[0] == 1, "it is no longer dead"
    assert run(county, "dead-letters", "--retry", "some")[0] != 0
    kill_all(county)
    assert run(county, "dead-letters", "--retry", str(messages(county)[0].id))[0] == 0
    assert messages(county)[0].state == "pending"


def kill_all(county: County) -> None:
    with county.sessions.begin() as session:
        for row in messages(county):
            found = session.get_one(type(row), row.id)
            found.state, found.attempts, found.last_error = "dead", 10, "HTTP 503"


def doctors_word(county: County, name: str) -> str | None:
    return {check.name: check.fault for check in examine(county.center)}[name]


def test_the_doctor_looks_at_the_gateway_and_at_dead_letters(open_county: Counties) -> None:
    plain = open_county()
    assert doctors_word(plain, "sms gateway") is None
    assert doctors_word(plain, "outgoing messages") is None
    assert "SMS_TOKEN" in (doctors_word(open_county(sms_url="https://sms.example.cn/"), "sms gateway") or "")
    assert "SMS_URL" in (doctors_word(open_county(sms_token="x"), "sms gateway") or "")
    assert "https" in (doctors_word(open_county(sms_url="http://sms.example.cn/", sms_token="x"), "sms gateway") or "")
    assert doctors_word(open_county(sms_url="https://sms.example.cn/", sms_token="x"), "sms gateway") is None
    a_webhook(plain, "https://grid.example.gov.cn/hook")
    a_ticket(plain)
    tell_all(plain)
    assert "is `flask serve` running" in (doctors_word(plain, "outgoing messages") or "")
    kill_all(plain)
    assert "dead-letters" in (doctors_word(plain, "outgoing messages") or "")
