"""What can be wrong with a row of a roster, in both languages, and what is only worth knowing."""

from dataclasses import dataclass
from typing import Any, Literal

FAULTS: dict[str, tuple[str, str]] = {
    "name-missing": ("没有姓名", "there is no name"),
    "bad-name": (
        "姓名「{value}」有误：须为 2 至 50 个字，不含数字和符号",
        "the name {value!r} will not do: 2 to 50 letters, without digits or signs",
    ),
    "phone-missing": ("没有手机号", "there is no mobile number"),
    "bad-phone": (
        "手机号「{value}」有误：须为 11 位数字，以 13 至 19 开头",
        "the mobile number {value!r} will not do: 11 digits that begin with 13 to 19",
    ),
    "phone-twice": ("手机号 {value} 与第 {other} 行相同", "the mobile number {value} stands in row {other}, too"),
    "phone-taken": (
        "手机号 {value} 已属于账号 {username}（{name}）。同一个人请在「用户名」列填写 {username}",
        "the mobile number {value} is that of the account {username} ({name}); if this is the same person, "
        "put {username} into the column for user names",
    ),
    "bad-username": (
        "用户名「{value}」有误：须为 2 至 64 个英文字母、数字或 . _ -",
        "the user name {value!r} will not do: 2 to 64 letters (a–z), digits or . _ -",
    ),
    "username-twice": ("用户名 {value} 与第 {other} 行相同", "the user name {value} stands in row {other}, too"),
    "username-of-another": (
        "账号 {value} 是{name}的，姓名和手机号都与本行不同。新人请换一个用户名或留空",
        "the account {value} is that of {name}: neither name nor mobile number is this row's. "
        "For a new person choose another user name, or leave it empty",
    ),
    "account-of-another-role": (
        "账号 {value} 的岗位是{role}，不能由名册更改",
        "the account {value} is a {role}, which a roster does not change",
    ),
    "role-unknown": (
        "岗位「{value}」不认识。可填：网格员、村社区、乡镇街道、部门",
        "the role {value!r} is unknown; use grid_worker, village_officer, town_officer or department_officer",
    ),
    "role-not-here": (
        "岗位「{value}」不能由名册设立，请用 flask create-user",
        "the role {value!r} is not given by a roster: use flask create-user",
    ),
    "grid-missing": ("网格员没有填写网格", "a grid worker needs a grid"),
    "unknown-grid": (
        "没有网格「{value}」。请填写 16 位网格代码、原代码，或在「村社区」列写明所在村",
        "there is no grid {value!r}: give its 16-digit code or its own one, or name its village",
    ),
    "grid-ambiguous": (
        "网格「{value}」有 {count} 个（{codes}），请填代码或写明村社区",
        "there are {count} grids {value!r} ({codes}): give the code, or name the village",
    ),
    "grid-elsewhere": ("网格 {value} 不在{place}", "grid {value} does not lie in {place}"),
    "damaged-code": (
        "「{field}」列被 Excel 存成数字，末位已丢失。请把该列设为文本后重新填写",
        "Excel kept the column {field!r} as numbers and dropped the last digits: make it text and fill it in anew",
    ),
    "grid-twice": (
        "网格 {value} 有 {count} 名网格员（第 {others} 行也是），一格只能一员",
        "grid {value} has {count} workers (rows {others}, too); there is one to a grid",
    ),
    "grid-has-worker": (
        "网格 {value} 已有网格员{name}（{username}）。要替换请导入完整名册，或先停用该账号",
        "grid {value} has a worker already, {name} ({username}): import the whole roster, or close that account first",
    ),
    "village-missing": ("村社区人员没有填写村社区", "a village officer needs a village"),
    "unknown-village": ("没有村社区「{value}」", "there is no village {value!r}"),
    "village-ambiguous": (
        "村社区「{value}」有 {count} 个，请填 12 位代码或写明乡镇街道",
        "there are {count} villages {value!r}: give the 12-digit code, or name the town",
    ),
    "town-missing": ("乡镇街道人员没有填写乡镇街道", "a town officer needs a town"),
    "unknown-town": ("没有乡镇街道「{value}」", "there is no town {value!r}"),
    "department-missing": ("部门人员没有填写部门", "a department officer needs a department"),
    "unknown-department": ("没有部门「{value}」", "there is no department {value!r}"),
    "account-twice": (
        "第 {other} 行和本行是同一个账号 {value}",
        "row {other} and this one are the same account, {value}",
    ),
    "no-rows": ("名册里没有人员", "there is nobody in the roster"),
}
NOTES: dict[str, tuple[str, str]] = {
    "grid-without-worker": ("网格 {value}（{name}）没有网格员", "grid {value} ({name}) has no worker"),
    "column-ignored": ("没有用到的列：{value}", "a column that was not used: {value}"),
}

SHORT: dict[str, tuple[str, str]] = {
    "name-missing": ("没有姓名", "no name"),
    "bad-name": ("姓名有误", "bad name"),
    "phone-missing": ("没有手机号", "no mobile number"),
    "bad-phone": ("手机号有误", "bad mobile number"),
    "phone-twice": ("手机号重复", "mobile number twice"),
    "phone-taken": ("手机号已属于别人", "mobile number of another account"),
    "bad-username": ("用户名有误", "bad user name"),
    "username-twice": ("用户名重复", "user name twice"),
    "username-of-another": ("用户名是别人的", "user name of another person"),
    "account-of-another-role": ("账号是其他岗位", "account of another role"),
    "role-unknown": ("岗位不认识", "unknown role"),
    "role-not-here": ("岗位不能由名册设立", "role not given by a roster"),
    "grid-missing": ("没有填网格", "no grid"),
    "unknown-grid": ("没有这个网格", "unknown grid"),
    "grid-ambiguous": ("网格名有重复", "several grids of that name"),
    "grid-elsewhere": ("网格不在该村", "grid lies elsewhere"),
    "damaged-code": ("代码被 Excel 截断", "code cut by Excel"),
    "grid-twice": ("一格多员", "several workers to a grid"),
    "grid-has-worker": ("网格已有网格员", "grid has a worker already"),
    "village-missing": ("没有填村社区", "no village"),
    "unknown-village": ("没有这个村社区", "unknown village"),
    "village-ambiguous": ("村社区名有重复", "several villages of that name"),
    "town-missing": ("没有填乡镇街道", "no town"),
    "unknown-town": ("没有这个乡镇街道", "unknown town"),
    "department-missing": ("没有填部门", "no department"),
    "unknown-department": ("没有这个部门", "unknown department"),
    "account-twice": ("两行是同一账号", "two rows, one account"),
    "no-rows": ("名册是空的", "nobody in the roster"),
    "grid-without-worker": ("网格没有网格员", "grid without worker"),
    "column-ignored": ("没有用到的列", "column not used"),
}
"""What each kind is called in a list."""


@dataclass(frozen=True)
class Fault:
    """One thing about one row. `row`: as Excel counts, None for the whole file; `code`: the grid or account meant."""

    row: int | None
    code: str | None
    kind: str
    text: str
    text_en: str
    level: Literal["fault", "note"] = "fault"

    @classmethod
    def of(cls, row: int | None, kind: str, code: str | None = None, **facts: Any) -> "Fault":
        zh, en = FAULTS[kind]
        return cls(row, code, kind, zh.format(**facts), en.format(**facts))

    @classmethod
    def note(cls, kind: str, code: str | None = None, **facts: Any) -> "Fault":
        zh, en = NOTES[kind]
        return cls(None, code, kind, zh.format(**facts), en.format(**facts), "note")
