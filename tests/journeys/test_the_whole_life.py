"""Everything that may happen to a ticket beside the main line, done by people at the desk in a real browser.

The county is the fast one: an hour of a limit passes in a minute, so that something can be late. The matters of these
stories are settled by the village within five working days; only the one that is to be late has an hour.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.hands import PARCEL, WITHIN_MS, Life, press, reported
from tests.served import Served

pytestmark = pytest.mark.chromium
Start = Callable[..., Life]


@pytest.fixture(scope="module")
def late(fast_county: Served) -> str:
    """A matter of one hour that nobody touches: reported first, so that it is late when its story comes."""
    return reported(fast_county, "广场上无人认领的包裹", PARCEL, east=0.0004)


@pytest.fixture(scope="module")
def desk(browser: Browser, fast_county: Served, late: str) -> Iterator[Callable[[str], Page]]:
    """A desk for each account, signed in once; no script may fail on any of them."""
    pages: dict[str, Page] = {}
    faults: list[str] = []
    expect.set_options(timeout=WITHIN_MS)

    def sit_down(account: str) -> Page:
        if account not in pages:
            options = {
                "locale": "zh-CN",
                "viewport": {"width": 1366, "height": 768},
                # Far from every ticket: whoever verifies from this desk is not on site.
                "geolocation": {"longitude": 122.60, "latitude": 40.70, "accuracy": 20},
                "permissions": ["geolocation"],
            }
            page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
            page.set_default_timeout(WITHIN_MS)
            page.on("pageerror", lambda error: faults.append(f"{account}: {error}"))
            page.goto(f"{fast_county.url}/?next=/desk")
            page.fill("[name=username] >> visible=true", account)
            page.fill("[name=password] >> visible=true", "demo")
            page.press("[name=password] >> visible=true", "Enter")
            page.wait_for_url("**/desk*")
            pages[account] = page
        return pages[account]

    yield sit_down
    for page in pages.values():
        page.context.close()
    assert faults == []


@pytest.fixture
def start(fast_county: Served, desk: Callable[[str], Page]) -> Start:
    def begin(words: str, **report: object) -> Life:
        return Life(fast_county, desk, reported(fast_county, words, **report))  # type: ignore[arg-type]

    return begin


def test_departments_help_and_the_lead_goes_on_without_the_one_that_does_not_answer(start: Start) -> None:
    life = start("出租屋信息与线路都要核对")
    life.walk(("village", "accept"), ("village", "claim"), ("village", "dispatch", {"to": "village"}))

    village = life.begin("village", "assist")
    search = village.locator("[data-field=departments]")
    for name in ("供电", "住房"):
        search.fill(name)
        expect(village.locator(".choice[data-department]").first).to_contain_text(name)
        search.press("Enter")
    expect(village.locator("[data-chosen]")).to_have_count(2)
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("[data-fault-of=note]")).to_be_visible()  # the task is missing, the chips are kept
    village.locator("form textarea").fill("核对线路和房屋登记")
    life.done(village, "assist")

    power = life.begin("department", "resolve")
    expect(power.locator(".action-form blockquote")).to_contain_text("核对线路和房屋登记")
    power.locator("form textarea").fill("线路已核对，无隐患")
    life.done(power, "resolve")

    village = life.begin("village", "resolve")
    panel = village.locator("[data-panel=assists]")
    expect(panel.locator("[data-state=done]")).to_contain_text("线路已核对")
    expect(panel.locator("[data-state=blue]")).to_contain_text("住房")
    village.locator("form textarea").fill("登记已更正")
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("[data-fault-of=overrule]")).to_contain_text("住房")
    village.locator("[data-field=overrule]").check()
    village.locator("form textarea").fill("登记已更正；房屋信息改由季度普查核对")
    life.done(village, "resolve", asked=True)

    county = life.open("county")
    told = county.locator("[data-testid=timeline] [data-what=resolve]").first
    expect(told).to_contain_text("不再等待大石桥市住房和城乡建设局")
    expect(told.locator(".timeline-answers")).to_contain_text("线路已核对")
    expect(county.locator("[data-panel=assists] [data-state=grey]")).to_contain_text("不再等待")


def test_more_time_takes_two_approvals_and_a_suspended_matter_goes_on_when_resumed(start: Start) -> None:
    life = start("登记材料要补齐").with_power()
    before = life.get("county")["due_at"]

    power = life.begin("department", "request_extension")
    expect(power.locator(".action-form")).to_contain_text(re.compile("批准后再加 .* 个工作日，延到 "))
    power.locator("form textarea").fill("材料在外地，周五寄到")
    life.done(power, "request_extension")

    village = life.begin("village", "decide_extension")
    expect(village.locator(".action-form blockquote")).to_contain_text("材料在外地")
    village.locator("[data-field=passed] label", has_text=re.compile("^不同意$")).click()
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("[data-fault-of=note]")).to_be_visible()  # a refusal must be explained
    village.locator("[data-field=passed] label", has_text=re.compile("^同意$")).click()
    life.done(village, "decide_extension")
    assert life.get("county")["due_at"] == before

    leader = life.begin("leader", "decide_extension")
    expect(leader.locator("[data-standing=request]")).to_contain_text("已同意（第一步）")
    leader.locator("[data-field=passed] label", has_text=re.compile("^同意$")).click()
    life.done(leader, "decide_extension")
    assert life.get("county")["due_at"] > before
    leader = life.open("leader")
    expect(leader.locator("[data-tag=extended]")).to_have_text("已延期 1 次")
    expect(leader.locator("[data-what=decide_extension]").first).to_contain_text("延期获批")

    village = life.begin("village", "suspend")
    village.get_by_role("button", name="1 个月").click()
    village.locator("form textarea").fill("等候外省回函")
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("dialog")).to_contain_text("自动恢复")
    village.locator("[data-testid=confirm]").click()
    life.expect_last(village, "suspend")
    village = life.open("village")
    expect(village.locator("[data-standing=suspended]")).to_contain_text("两个时限停走")
    expect(village.locator("[data-testid=clock].grey")).to_have_count(2)
    village.locator("[data-topic=suspended]").click()
    expect(village.locator(f"[data-ticket='{life.number}'] [data-mark=suspended]")).to_contain_text("挂账")
    press(village, "resume")
    life.done(village, "resume")
    village = life.open("village")
    expect(village.locator("[data-standing=suspended]")).to_have_count(0)
    expect(village.locator("[data-action=suspend]")).to_have_count(0)  # once for a ticket


def test_the_same_matter_reported_twice_is_merged_and_can_be_parted_and_a_rejected_one_reopened(start: Start) -> None:
    main = start("楼道堆放杂物，占用登记", east=-0.0005)
    main.walk(("village", "accept"))
    twin = start("楼道有杂物", east=-0.00051)

    village = twin.open("village")
    near = village.locator("[data-panel=near]")
    expect(near).to_contain_text(main.number)
    near.locator(f"[data-merge-into='{main.number}']").click()
    expect(village.locator(f"form [data-into='{main.number}']")).to_have_attribute("aria-pressed", "true")
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("dialog")).to_contain_text("楼道堆放杂物")
    village.locator("[data-testid=confirm]").click()
    twin.expect_last(village, "merge")

    village = twin.open("village")
    village.locator("[data-panel=merged] a", has_text=main.number).click()
    expect(village.locator("[data-testid=number]")).to_have_text(main.number)
    expect(village.locator("[data-panel=merged]")).to_contain_text(twin.number)
    expect(village.locator("[data-what=merged_in]")).to_contain_text(twin.number)

    village = twin.begin("village", "reopen")
    village.locator("form textarea").fill("是另一个单元，不是同一件")
    twin.done(village, "reopen", asked=True)
    assert twin.get("village")["merged_into"] is None
    village = twin.open("village")
    expect(village.locator("[data-what=reopen]")).to_contain_text(f"与 {main.number} 分开")

    other = start("反映内容不清", east=0.0009)
    village = other.begin("village", "reject")
    village.locator("form textarea").fill("现场没有发现")
    other.done(village, "reject", asked=True)
    village = other.begin("village", "reopen")
    village.locator("form textarea").fill("反映人补充了门牌号")
    other.done(village, "reopen", asked=True)
    village = other.open("village")
    expect(village.locator("[data-tag=reopened]")).to_have_text("第 2 次办理")
    expect(village.locator("[data-action=claim]")).to_be_visible()


def test_a_check_from_away_says_why_and_a_dissatisfied_citizen_is_followed_up_until_it_is_put_right(
    start: Start,
) -> None:
    life = start("门禁登记系统坏了").with_power()
    life.act("department", "resolve", note="已修复")

    worker = life.begin("grid", "verify")
    expect(worker.locator("[data-field=place]")).to_contain_text(re.compile(r"距工单位置 [\d.]+ (千米|公里|km)"))
    worker.locator("[data-field=passed] label", has_text=re.compile("^已解决$")).click()
    worker.locator("[data-testid=submit-action]").click()
    worker.locator("[data-testid=confirm]").click()
    expect(worker.locator("[data-fault-of=note]")).to_contain_text("请到现场核查")
    worker.locator("form textarea").fill("住户发来视频，门禁正常")
    life.done(worker, "verify", asked=True)
    worker = life.open("grid")
    expect(worker.locator("[data-what=verify]")).to_contain_text("不在现场")

    hotline = life.begin("hotline", "callback")
    hotline.locator("[data-field=reached] label", has_text="已接通").click()
    hotline.locator("[data-field=satisfied] label", has_text="不满意").click()
    hotline.locator("form textarea").fill("晚上又打不开了")
    life.done(hotline, "callback")

    village = life.begin("village", "follow_up")
    expect(village.locator("[data-standing=follow_up]")).to_contain_text("晚上又打不开了")
    expect(village.locator(".action-form blockquote")).to_contain_text("晚上又打不开了")
    village.locator("[data-testid=cancel-action]").click()
    press(village, "reopen")
    village.locator("form textarea").fill("按回访意见返工")
    life.done(village, "reopen", asked=True)
    life.walk(("village", "claim"), ("village", "dispatch", {"department": "power"}))
    life.walk(("department", "resolve", {"note": "已换电源"}), ("village", "close", {"note": "电话核实"}))
    village = life.open("village")
    expect(village.locator("[data-standing=follow_up]")).to_have_count(0)
    expect(village.locator("[data-panel=aftercare]")).to_contain_text("已整改")
    expect(village.locator("[data-tag=reopened]")).to_have_text("第 2 次办理")


def test_a_form_keeps_its_words_when_the_ticket_changes_under_it_and_one_press_supervises(start: Start) -> None:
    life = start("台账要更新").with_power()
    leader = life.open("leader")
    leader.locator("[data-testid=supervise-colours]").click()
    leader.locator(".menu [data-colour=red]").click()
    life.expect_last(leader, "supervise")
    assert life.get("county")["supervision"]["note"] == "一键督办"

    power = life.begin("department", "return")
    expect(power.locator("[data-standing=supervised]")).to_contain_text("红色督办")
    power.locator("form textarea").fill("不是供电事项")

    def meanwhile(route: Route) -> None:
        life.act("department", "start")
        route.continue_()

    power.route("**/actions/return", meanwhile, times=1)
    power.locator("[data-testid=submit-action]").click()
    power.locator("[data-testid=confirm]").click()
    expect(power.locator("form .notice.warn")).to_contain_text("刚刚有了变化")
    expect(power.locator("form textarea")).to_have_value("不是供电事项")
    expect(power.locator("[data-testid=submit-action]")).to_have_text("已看过，再次提交")
    life.done(power, "return", asked=True)

    # The network is lost: the form stays as it is, and works when the network is back.
    village = life.begin("village", "dispatch")
    village.locator("form textarea").fill("请再核实")
    village.context.set_offline(True)
    village.locator("[data-testid=submit-action]").click()
    expect(village.locator("[data-testid=problem]")).to_contain_text("没有丢失")
    expect(village.locator("form textarea")).to_have_value("请再核实")
    village.context.set_offline(False)
    life.done(village, "dispatch")


def test_one_action_on_many_is_answered_for_each(start: Start) -> None:
    lives = [start(f"批量核对第{n}份台账", east=0.0001 * n) for n in range(3)]
    village = lives[0].open("village")
    village.locator("[data-tab=open]").click()
    village.locator("#search").fill("批量核对")
    rows = village.locator("#rows .desk-row")
    expect(rows).to_have_count(3)
    # Somebody else takes one of them meanwhile.
    lives[1].act("hotline", "accept")
    rows.first.locator(".desk-pick").click()
    rows.nth(2).click(modifiers=["Shift"])
    expect(village.locator("#rows [aria-checked=true]")).to_have_count(3)
    village.locator("[data-bulk=accept]").click()
    expect(village.locator("dialog form")).to_contain_text("3 件")
    village.locator("dialog [data-testid=submit-action]").click()
    result = village.locator("[data-testid=bulk-result]")
    expect(result).to_have_attribute("data-done", "2")
    expect(result.locator(f"[data-refused='{lives[1].number}']")).to_be_visible()
    village.locator("[data-testid=bulk-close]").click()
    expect(village.locator("#rows [aria-checked=true]")).to_have_count(1)
    assert [life.get("village")["node"] for life in lives] == ["claim"] * 3
    # With the keyboard: x picks the one that is open, Escape lets all go.
    village.locator("#rows").focus()
    village.keyboard.press("Escape")
    expect(village.locator("[data-testid=bulk]")).to_be_hidden()
    village.keyboard.press("x")
    expect(village.locator("#rows [aria-checked=true]")).to_have_count(1)


def test_an_appeal_is_reviewed_twice_and_the_ticket_stays_late(
    fast_county: Served, desk: Callable[[str], Page], late: str
) -> None:
    life = Life(fast_county, desk, late)
    wait_until_late(life)
    life.walk(
        ("county", "claim"),
        ("county", "dispatch", {"department": "power"}),
        ("department", "resolve", {"note": "已取走"}),
    )
    life.act("county", "close", note="现场已清")

    power = life.begin("department", "appeal")
    power.locator("form textarea").fill("工单到我单位时已逾期")
    life.done(power, "appeal", asked=True)
    for account in ("county", "leader"):
        page = life.begin(account, "decide_appeal")
        expect(page.locator(".action-form blockquote")).to_contain_text("到我单位时已逾期")
        page.locator("[data-field=passed] label", has_text=re.compile("^同意$")).click()
        page.locator("form textarea").fill("情况属实")
        life.done(page, "decide_appeal")
    page = life.open("leader")
    expect(page.locator("[data-panel=aftercare]")).to_contain_text("统计不计逾期")
    expect(page.locator("[data-what=decide_appeal]").first).to_contain_text("申诉通过")
    expect(page.locator("[data-testid=clock]").first).to_contain_text("逾期")
    assert life.get("county")["appeal"]["outcome"] == "approved"


def wait_until_late(life: Life) -> None:
    """Wait until it has climbed to the county and its own deadline is past. Raises: AssertionError."""
    give_up = time.monotonic() + 100
    while time.monotonic() < give_up:
        ticket = life.get("county")
        if ticket["tier"] == "county" and datetime.fromisoformat(ticket["due_at"]) < datetime.now(UTC):
            return
        time.sleep(0.5)
    raise AssertionError(f"still in time: {ticket['due_at']}")


def test_every_allowed_action_of_a_ticket_is_reachable_with_the_keyboard(start: Start) -> None:
    life = start("按键检查").with_power()
    page = life.open("department")
    names = set(life.get("department")["allowed_actions"])
    shown = page.locator("[data-testid=actions] [data-action]")
    found = {shown.nth(n).get_attribute("data-action") for n in range(shown.count())}
    if page.locator("[data-testid=more-actions]").count():
        page.locator("[data-testid=more-actions]").focus()
        page.keyboard.press("ArrowDown")
        items = page.locator(".menu [role=menuitem][data-action]")
        found |= {items.nth(n).get_attribute("data-action") for n in range(items.count())}
        page.keyboard.press("Escape")
        expect(page.locator("[data-testid=more-actions]")).to_be_focused()
    assert found == names
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1366
    assert httpx.get(f"{life.server.url}/health/live", timeout=10).status_code == 200
