"""Why the clocks' rules or the calendar cannot be changed as asked."""

from command_center.errors import Conflict, Invalid, NotFound


class UnknownPolicy(NotFound):
    code = "unknown-policy"
    zh = "没有第 {version} 版时限策略。"
    en = "There is no version {version} of the policy."


class UnknownYear(NotFound):
    code = "unknown-year"
    zh = "工作日历中没有 {year} 年。"
    en = "The working calendar has no year {year}."


class PolicyMoved(Conflict):
    code = "policy-moved"
    zh = "时限策略已有更新的版本（第 {newest} 版），请先查看再修改。未作任何更改。"
    en = "The policy has a newer version, {newest}: look at it, then edit that. Nothing was changed."


class PolicyInvalid(Invalid):
    code = "policy-invalid"
    zh = "时限策略有误（{where}）：{why_zh}。未作任何更改。"
    en = "The policy is wrong at {where}: {why_en}. Nothing was changed."


class CalendarInvalid(Invalid):
    """Its `faults` name each row: {row, code, zh, en}."""

    code = "calendar-invalid"
    zh = "{year} 年的工作日历有 {count} 处错误，未作任何更改。第一处：{first_zh}"
    en = "The calendar of {year} has {count} faults; nothing was changed. The first: {first_en}"
