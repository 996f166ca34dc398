"""One ticket's file from the database: what it tells, to whom, and whether its chain holds."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from app import TEXTS
from command_center.casefile import render as rendering
from command_center.casefile.contents import AS_JSON
from command_center.casefile.document import draw
from command_center.casefile.errors import CaseFileBusy, CaseFileFailed
from command_center.casefile.render import render
from command_center.events.models import ChainHead, TicketEvent
from command_center.texts import Texts
from tests.builders import a_ticket
from tests.casefile.archive import DESCRIPTION, REPORTER, WHOLE_LIFE, a_life, add_photos, all_text, number_of, read
from tests.casefile.conftest import Collect
from tests.county import County
from tests.events.stories import tell
from tests.events.tampering import tamper


def run(county: County, *arguments: str) -> Result:
    return county.app.test_cli_runner().invoke(args=list(arguments))


def test_the_file_tells_a_whole_life_in_chinese(county: County, collected: Collect) -> None:
    ticket = a_life(county)
    text = all_text(draw(collected(ticket)))
    with county.sessions.read() as session:
        head = session.get_one(ChainHead, ticket)
    for told in (
        *("大石桥市", "社会治理工单档案", number_of(county, ticket), "富丽社区", "钢都街道", "WGS84"),
        *(DESCRIPTION.replace(" ", ""), REPORTER["name"], REPORTER["phone"], "2026-11-2009:00:00+08:00"),
        *("受理", "分派", "退回", "供电公司", "不属于我单位", "权属争议：是", "通道已封闭，设专人看守", "合成数据"),
        *(
            "督办：等级：红色",
            "2026-11-2109:00:00+08:00",
            "来得太慢",
            "评分：4",
            "校验通过",
            f"{len(WHOLE_LIFE) + 1}条事件",
        ),
        *(head.last, head.seal, "flaskverify-log--ticket"),
    ):
        assert told in text, told


def test_the_file_tells_it_in_english_too(county: County, collected: Collect) -> None:
    text = all_text(draw(collected(a_life(county), "en")))
    for told in ("Casefile", "Timelimits", "Coordinates", "Integrity", "Verified:at", "Page1of", "Casecondition"):
        assert told in text, told
    assert "casefile." not in text


def test_an_event_of_a_kind_that_nobody_knew_shows_all_it_recorded(county: County, collected: Collect) -> None:
    text = all_text(draw(collected(a_life(county))))
    assert "some_new_action" in text
    assert "brandnewdetail：inner：1；二" in text


def test_every_event_is_in_it_with_its_hash(county: County, collected: Collect) -> None:
    ticket = a_life(county)
    pages = read(draw(collected(ticket)))
    with county.sessions.read() as session:
        events = session.query(TicketEvent).filter_by(ticket_id=ticket).all()
    assert len(events) == len(WHOLE_LIFE) + 1
    for event in events:
        assert sum(event.hash in page for page in pages) >= 1


def test_the_citizens_name_and_phone_are_only_for_those_who_may_see_them(county: County, collected: Collect) -> None:
    ticket = a_ticket(county, by="hotline", reporter=REPORTER, description="电缆").id
    shown, hidden = (all_text(draw(collected(ticket, sees_reporter=sees))) for sees in (True, False))
    assert REPORTER["phone"] in shown
    assert REPORTER["phone"] not in hidden
    assert REPORTER["name"] not in hidden
    assert "依权限不予显示" in hidden


def test_photos_stand_in_it_with_a_caption(county: County, collected: Collect) -> None:
    ticket = a_life(county)
    digests = add_photos(county, ticket, 3)
    (county.settings.home / "attachments" / digests[0][:2] / f"{digests[0]}.jpg").unlink()
    text = all_text(draw(collected(ticket)))
    assert text.count("照片文件缺失或损坏") == 1
    for n, digest in enumerate(digests, 1):
        assert f"照片{n}" in text
        assert digest[:16] in text


def test_a_broken_chain_is_told_in_the_file(county: County, collected: Collect) -> None:
    ticket = a_life(county)
    tamper(county, "UPDATE ticket_events SET note = 'forged' WHERE ticket_id = :t AND n = 3", t=ticket)
    file = collected(ticket)
    assert not file.sound
    assert "校验不通过" in all_text(draw(file))


def test_a_head_that_is_gone_is_told_in_the_file(county: County, collected: Collect) -> None:
    ticket = a_life(county)
    tamper(county, "DELETE FROM chain_heads WHERE ticket_id = :t", t=ticket)
    assert "链首缺失" in all_text(draw(collected(ticket)))


def test_hostile_words_of_people_do_not_break_it(county: County, collected: Collect) -> None:
    hostile = "\x1b[31m\u202e反\u2066😀{page}{0}%s" + "长" * 4900
    ticket = a_ticket(county, description=hostile, reporter={"name": "\x00‮", "phone": "x" * 200}).id
    tell(county, ticket, ("remind", {"note": hostile, "details": {"words": hostile, "deep": [[[[[["x"]]]]]]}}))
    assert "[U+202E]反[U+2066]" in all_text(draw(collected(ticket)))


def test_the_file_travels_between_the_processes_unchanged(county: County, collected: Collect) -> None:
    file = collected(a_life(county))
    assert AS_JSON.validate_json(AS_JSON.dump_json(file)) == file


def test_whoever_sees_the_ticket_gets_its_file(county: County) -> None:
    number = number_of(county, a_life(county))
    answer = county.phone("county").get(f"tickets/{number}/file.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert number in answer.headers["Content-Disposition"]
    text = all_text(answer.data)
    assert REPORTER["phone"] in text
    assert county.user("county").name in text


def test_a_leader_gets_it_without_the_citizens_name(county: County) -> None:
    number = number_of(county, a_ticket(county, by="hotline", reporter=REPORTER).id)
    answer = county.phone("leader").get(f"tickets/{number}/file.pdf", lang="en")
    text = all_text(answer.data)
    assert "Casefile" in text
    assert REPORTER["phone"] not in text


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("d.housing", 404)])
def test_nobody_else_gets_it(county: County, who: str | None, status: int) -> None:
    number = number_of(county, a_ticket(county).id)
    assert county.phone(who).get(f"tickets/{number}/file.pdf").status_code == status


def test_too_many_at_once_are_asked_to_come_back(
    county: County, collected: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "PATIENCE", 0.01)
    file = collected(a_ticket(county).id)
    with rendering._room.seat("one", 1), rendering._room.seat("another", 1), pytest.raises(CaseFileBusy):
        render(file)


def test_a_drawing_process_that_hangs_is_ended(
    county: County, collected: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "LIMIT", 0.05)
    with pytest.raises(CaseFileFailed):
        render(collected(a_ticket(county).id))
    with rendering._room.seat("one", 1), rendering._room.seat("another", 1):
        """Both seats were given back."""


def test_the_command_writes_the_file(county: County, tmp_path: Path) -> None:
    number, out = number_of(county, a_life(county)), tmp_path / "file.pdf"
    done = run(county, "ticket-file", number, "--out", str(out), "--lang", "en", "--without-reporter")
    assert done.exit_code == 0, done.output
    text = all_text(out.read_bytes())
    assert number in text
    assert REPORTER["phone"] not in text


def test_the_command_says_that_the_chain_is_broken(county: County, tmp_path: Path) -> None:
    ticket, out = a_life(county), tmp_path / "file.pdf"
    tamper(county, "DELETE FROM ticket_events WHERE ticket_id = :t AND n = 2", t=ticket)
    done = run(county, "ticket-file", number_of(county, ticket), "--out", str(out))
    assert done.exit_code == 1
    assert out.exists()


def test_the_command_knows_no_ticket_that_is_not_there(county: County, tmp_path: Path) -> None:
    done = run(county, "ticket-file", "210882-20261120-99999-0", "--out", str(tmp_path / "file.pdf"))
    assert done.exit_code == 1
    assert not (tmp_path / "file.pdf").exists()


def test_both_languages_have_the_same_keys_and_facts() -> None:
    folder = TEXTS[-1]
    zh, en = (json.loads((folder / f"{language}.json").read_text(encoding="utf-8")) for language in ("zh", "en"))
    assert zh.keys() == en.keys()
    assert all(text.strip() for text in (*zh.values(), *en.values()))


def test_every_text_that_is_asked_for_exists() -> None:
    """A text that is missing would be told by its key, in a document for a court."""
    source = (Path(rendering.__file__).parent / "collect.py").read_text(encoding="utf-8")
    texts: Any = Texts(TEXTS)
    asked = set(re.findall(r'\btell\("(\w+)"', source))
    assert len(asked) > 40
    assert [key for key in sorted(asked) if texts.get(f"casefile.{key}", "zh") == f"casefile.{key}"] == []
