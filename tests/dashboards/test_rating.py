"""A citizen rates how a matter was settled: by the link alone, once, in time, and without learning what is internal."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from command_center.events.models import TicketEvent
from command_center.tickets import rating_links
from command_center.tickets.models import Ticket
from command_center.tickets.standing import RATING_DAYS, Node, Tier
from command_center.tickets.workflow import Action
from tests.builders import Hand, a_ticket
from tests.county import County

NAME, PHONE = "王桂芬", "13812345678"


def closed_ticket(county: County, closed: timedelta = timedelta(hours=1), **draft: Any) -> Hand:
    """A ticket of a citizen that the power company settled, closed so long ago."""
    draft.setdefault("reporter", {"name": NAME, "phone": PHONE})
    return a_ticket(
        county, node=Node.CLOSED, tier=Tier.COUNTY, now=datetime.now(UTC) - closed - timedelta(minutes=8), **draft
    )


def link(county: County, hand: Hand) -> str:
    return rating_links.path_of(county.settings.signing_key, hand.look())


def look(county: County, address: str, lang: str = "zh") -> TestResponse:
    return county.app.test_client().get(address, query_string={"lang": lang})


def send(county: County, address: str, score: object = 5, words: str = "") -> TestResponse:
    return county.app.test_client().post(address, data={"score": str(score), "words": words})


def state(answer: TestResponse) -> str:
    return answer.text.split('data-state="')[1].split('"')[0]


def rated(county: County, hand: Hand) -> Any:
    return hand.look().rating


def test_the_page_tells_what_was_done_and_asks_for_a_score(county: County) -> None:
    hand = closed_ticket(county)
    answer = look(county, link(county, hand))
    assert (answer.status_code, state(answer)) == (200, "form")
    for told in (hand.look().number, "富丽社区", "已处置", "供电公司", "很满意", "很不满意"):
        assert told in answer.text
    assert answer.text.count('type="radio"') == 5


def test_the_page_speaks_english_too(county: County) -> None:
    answer = look(county, link(county, closed_ticket(county)), "en")
    assert 'lang="en"' in answer.text and "Very satisfied" in answer.text and "很满意" not in answer.text


def test_the_page_needs_no_script_and_no_session(county: County) -> None:
    answer = look(county, link(county, closed_ticket(county)))
    assert "module" not in answer.text and 'method="post"' in answer.text
    assert "command_center=" not in str(answer.headers.getlist("Set-Cookie"))


def test_nobodys_name_telephone_or_internal_note_is_told(county: County) -> None:
    hand = a_ticket(
        county,
        node=Node.HANDLE,
        tier=Tier.COUNTY,
        now=datetime.now(UTC) - timedelta(hours=1),
        reporter={"name": NAME, "phone": PHONE},
        description="邻居张强家的线",
    )
    hand.take(Action.RESOLVE, "department", note=f"已修复。联系人 {PHONE}，座机 0417-5812345")
    hand.take(Action.CLOSE, "county", note="内部：该户常年上访")
    text = look(county, link(county, hand)).text
    for hidden in (NAME, PHONE, "0417-5812345", "张强", "常年上访", county.user("department").name):
        assert hidden not in text
    assert "已修复。联系人 ***，座机 ***" in text


def test_the_answer_gathers_what_every_department_did(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, now=datetime.now(UTC) - timedelta(hours=1))
    hand.take(Action.ASSIST, "department", departments=("police",), note="请维持现场秩序")
    hand.take(Action.RESOLVE, "d.police", note="已疏导交通")
    hand.take(Action.RESOLVE, "department", note="线缆已固定")
    hand.take(Action.CLOSE, "county", note="电话核实")
    text = look(county, link(county, hand)).text
    assert "线缆已固定" in text and "已疏导交通" in text and "公安" in text
    assert "请维持现场秩序" not in text


def test_a_score_is_kept_and_thanked_for(county: County) -> None:
    hand = closed_ticket(county)
    answer = send(county, link(county, hand), 4, "来得很快\r\n谢谢")
    assert answer.status_code == 303
    assert state(county.app.test_client().get(answer.location)) == "thanks"
    assert {name: rated(county, hand)[name] for name in ("score", "words")} == {"score": 4, "words": "来得很快\n谢谢"}


def test_the_event_says_a_citizen_did_it_and_the_screens_hear_of_it(county: County) -> None:
    hand = closed_ticket(county)
    county.relay()
    send(county, link(county, hand), 5)
    with county.sessions.read() as session:
        event = session.scalars(select(TicketEvent).order_by(TicketEvent.id.desc()).limit(1)).one()
    assert (event.action, event.actor_id, event.actor_role) == ("rate", None, "citizen")
    assert county.center.relay.once()


def test_a_bad_score_opens_a_follow_up_and_the_page_promises_it(county: County) -> None:
    hand = closed_ticket(county)
    answer = county.app.test_client().get(send(county, link(county, hand), 1, "没修好").location)
    assert hand.look().follow_up_due_at is not None
    assert "再看一次" in answer.text


def test_a_second_score_changes_nothing(county: County) -> None:
    hand = closed_ticket(county)
    send(county, link(county, hand), 5)
    answer = send(county, link(county, hand), 1)
    assert (answer.status_code, state(answer)) == (409, "rated")
    assert rated(county, hand)["score"] == 5
    assert state(look(county, link(county, hand))) == "rated"


def test_a_score_that_is_none_is_asked_for_again_and_the_words_are_kept(county: County) -> None:
    hand = closed_ticket(county)
    for score in ("", "0", "6", "5.0", "-1", "nan", "５", "1e0"):
        answer = send(county, link(county, hand), score, "我的话")
        assert (answer.status_code, state(answer)) == (422, "form")
        assert "我的话" in answer.text and 'role="alert"' in answer.text
    assert rated(county, hand) is None


def test_words_may_have_500_characters_and_no_more(county: County) -> None:
    hand = closed_ticket(county)
    answer = send(county, link(county, hand), 5, "长" * 501)
    assert answer.status_code == 422 and rated(county, hand) is None
    assert send(county, link(county, hand), 5, "长" * 500).status_code == 303


def test_words_that_are_markup_or_control_characters_do_no_harm(county: County) -> None:
    hand = closed_ticket(county)
    assert "<script>x" not in send(county, link(county, hand), "", "<script>x</script>").text
    form = b"score=5&words=a%00b%ED%A0%80%1Bc%0D%0Ad"  # a NUL, half a character, an escape
    answer = county.app.test_client().post(
        link(county, hand), data=form, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    words = rated(county, hand)["words"]
    assert (words[:2], words[-3:]) == ("ab", "c\nd") and not re.search("[\x00\x1b\ud800-\udfff]", words)


def test_after_fourteen_days_it_is_too_late(county: County) -> None:
    hand = closed_ticket(county, timedelta(days=RATING_DAYS, hours=1))
    assert state(look(county, link(county, hand))) == "late"
    answer = send(county, link(county, hand))
    assert (answer.status_code, state(answer)) == (409, "late")
    assert rated(county, hand) is None


def test_on_the_fourteenth_day_there_is_still_time(county: County) -> None:
    hand = closed_ticket(county, timedelta(days=RATING_DAYS) - timedelta(hours=1))
    assert send(county, link(county, hand)).status_code == 303


def test_a_ticket_taken_up_again_cannot_be_rated_before_it_is_closed_again(county: County) -> None:
    hand = closed_ticket(county)
    old = link(county, hand)
    hand.take(Action.REOPEN, "county", note="群众反映未修好")
    assert state(look(county, old)) == "open"
    assert send(county, old).status_code == 409
    assert "已处置" not in look(county, old).text


def test_a_link_of_an_earlier_closing_says_nothing_about_the_later_one(county: County) -> None:
    hand = closed_ticket(county)
    old = link(county, hand)
    hand.take(Action.REOPEN, "county", note="群众反映未修好")
    walk_from_claim(hand)
    assert state(look(county, old)) == "open"
    assert send(county, old).status_code == 409 and rated(county, hand) is None
    assert send(county, link(county, hand)).status_code == 303


def walk_from_claim(hand: Hand) -> None:
    """Close a reopened ticket again, wherever its tier is."""
    officer = {"village": "village", "town": "town", "county": "county"}[hand.look().tier]
    hand.take(Action.CLAIM, officer)
    hand.take(Action.DISPATCH, officer)
    hand.take(Action.RESOLVE, hand.desk(), note="重新处置")
    hand.take(Action.CLOSE, officer, note="再次核实")


def test_a_wrong_link_is_told_kindly(county: County) -> None:
    for token in ("x", "a.b", "a" * 5000, "%00", "W10.abc", "中文"):
        answer = look(county, f"/rate/{token}")
        assert (answer.status_code, state(answer)) == (404, "wrong")
        assert "热线" in answer.text
        assert send(county, f"/rate/{token}").status_code == 404


def test_a_link_signed_by_another_key_or_for_another_purpose_is_wrong(county: County) -> None:
    hand = closed_ticket(county)
    assert look(county, rating_links.path_of("another key", hand.look())).status_code == 404
    bearer = county.phone("grid").headers["Authorization"].split()[1]
    assert look(county, f"/rate/{bearer}").status_code == 404


def test_every_change_of_a_link_makes_it_wrong(county: County) -> None:
    address = link(county, closed_ticket(county))
    start = len("/rate/")
    for at in range(start, len(address), 5):
        changed = address[:at] + ("A" if address[at] != "A" else "B") + address[at + 1 :]
        assert rating_links.read(county.settings.signing_key, changed[start:]) is None


def test_the_address_is_a_secret_and_is_kept_nowhere(county: County) -> None:
    headers = look(county, link(county, closed_ticket(county))).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


def test_one_link_is_not_tried_without_end(county: County) -> None:
    address = link(county, closed_ticket(county))
    answers = [send(county, address, "").status_code for _ in range(21)]
    assert answers[:20] == [422] * 20 and answers[20] == 429


def told_link(county: County, who: str, hand: Hand) -> object:
    return county.phone(who).get(f"tickets/{hand.look().number}").get_json()["rating_link"]


def test_the_hotline_and_the_county_pass_the_link_on_and_nobody_who_is_judged_holds_it(county: County) -> None:
    hand = closed_ticket(county)
    for who, given in {
        "county": True,
        "hotline": True,
        "department": False,
        "village": False,
        "town": False,
        "leader": False,
        "grid": False,  # wrote down what a citizen told: the citizen rates
    }.items():
        assert told_link(county, who, hand) == (link(county, hand) if given else None), who


def test_who_reported_for_themself_gets_the_link(county: County) -> None:
    hand = closed_ticket(county, reporter=None)
    assert told_link(county, "grid", hand) == link(county, hand)


def test_a_link_that_is_of_no_use_any_more_is_given_to_nobody(county: County) -> None:
    hand = closed_ticket(county)
    send(county, link(county, hand))
    assert told_link(county, "county", hand) is None


def test_a_ticket_that_was_never_closed_has_no_link_and_a_forged_closing_is_no_use(county: County) -> None:
    hand = a_ticket(county, node=Node.HANDLE, tier=Tier.COUNTY, now=datetime.now(UTC) - timedelta(hours=1))
    assert county.phone("county").get(f"tickets/{hand.look().number}").get_json()["rating_link"] is None
    assert state(look(county, link(county, hand))) == "open"


def test_the_closing_answer_brings_the_link_at_once(county: County) -> None:
    hand = a_ticket(county, node=Node.CLOSE, tier=Tier.COUNTY, now=datetime.now(UTC) - timedelta(hours=1))
    with county.sessions.read() as session:
        number = session.get_one(Ticket, hand.id).number
    assert county.phone("county").act(number, "close", note="电话核实").get_json()["rating_link"] == link(county, hand)
