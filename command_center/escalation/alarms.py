"""The alarms: what an operator must know, in words, with what to do about it.

About escalation: the clock, steps that are late or fail. About the map: tickets that do not follow a new edition of it,
and open ones that it does not reach.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from command_center.escalation.auditor import NAMED, Audit, audit, not_followed, off_the_map
from command_center.escalation.clocks import Reading
from command_center.escalation.guard import ANOTHER, BEHIND, DATABASE, JUMP, Standing, standing

CLOCK_FROZEN, LATE_STEPS, FAILING_STEPS = "clock-frozen", "late-steps", "failing-steps"
MAP_NOT_FOLLOWED, OFF_THE_MAP = "map-not-followed", "off-the-map"
WHY = {
    JUMP: ("系统时钟向{way}跳变 {span}", "the system clock jumped {way} by {span}"),
    BEHIND: ("系统时钟比已有记录落后 {span}", "the system clock stands {span} behind times on record"),
    DATABASE: ("系统时钟与数据库服务器相差 {span}", "the system clock is {span} off the database server's"),
    ANOTHER: ("另一台机器的时钟快了 {span}", "another machine's clock is {span} ahead"),
}


@dataclass(frozen=True)
class Alarm:
    """One alarm. what: what is the matter; todo: what to do; facts: the same for machines."""

    name: str
    what_zh: str
    what_en: str
    todo_zh: str
    todo_en: str
    facts: dict[str, Any]


def alarms(session: Session, reading: Reading, *, naming: bool = False) -> list[Alarm]:
    """List what is wrong now, the gravest first. naming: for eyes that may see any ticket's number."""
    stands = standing(session, reading)
    # While the clock is known to be off, lateness is counted by the time it should be.
    off = stands.off_seconds if stands.frozen else None
    found = audit(session, reading.wall - timedelta(seconds=off or 0.0))
    listed = [_frozen(stands)] if stands.frozen else []
    listed += [_late(found)] if found.count else []
    listed += [_failing(found, naming)] if found.failing else []
    behind, beyond = not_followed(session, reading.wall), off_the_map(session)
    listed += [_not_followed(behind)] if behind else []
    return listed + ([_off_the_map(beyond, naming)] if beyond else [])


def _frozen(stands: Standing) -> Alarm:
    seconds = stands.jump_seconds or 0.0
    zh, en = WHY.get(stands.reason or "", WHY[JUMP])
    why_zh = zh.format(way="前" if seconds > 0 else "后", span=span_zh(seconds))
    why_en = en.format(way="forward" if seconds > 0 else "back", span=span_en(seconds))
    return Alarm(
        CLOCK_FROZEN,
        f"系统时钟跳变，自动升级已暂停，等待确认：{why_zh}。此后新办事项的时限按错误时间计算。",
        f"The system clock cannot be trusted, escalation is paused until an operator agrees: {why_en}. "
        "Reports and actions since then carry wrong times.",
        f"请先校准系统时间，再由县级人员或管理员确认（flask clock agree）。确认后将立即执行 {stands.due} 个到期步骤。",
        "Set the system's time right, then let a county officer or administrator agree (flask clock agree). "
        f"{stands.due} due steps will then be done at once.",
        {
            "frozen_at": stands.frozen_at,
            "reason": stands.reason,
            "jump_seconds": stands.jump_seconds,
            "seen_by": stands.seen_by,
            "due": stands.due,
        },
    )


def _late(found: Audit) -> Alarm:
    return Alarm(
        LATE_STEPS,
        f"自动升级滞后：{found.count} 个步骤未按时执行，最长已晚 {span_zh(found.worst_s)}。",
        f"Escalation is behind: {found.count} steps are late, the oldest by {span_en(found.worst_s)}.",
        "请检查 /health/ready 与服务器日志；调度停止时请重启服务。",
        "Look at /health/ready and the server's log; if the scheduler stopped, restart the service.",
        {"count": found.count, "oldest": found.oldest, "worst_seconds": round(found.worst_s)},
    )


def _failing(found: Audit, naming: bool) -> Alarm:
    tickets = list(found.tickets) if naming else []
    named = ", ".join(tickets)
    return Alarm(
        FAILING_STEPS,
        f"{found.failing} 个自动升级步骤执行失败，系统会继续重试。" + (f"工单：{named}。" if named else ""),
        f"{found.failing} steps of escalation fail and are tried again." + (f" Tickets: {named}." if named else ""),
        "请人工督办这些工单，并将服务器日志交技术人员处理。",
        "Look after these tickets by hand, and give the server's log to whoever maintains the program.",
        {"count": found.failing, "tickets": tickets},
    )


def _not_followed(count: int) -> Alarm:
    return Alarm(
        MAP_NOT_FOLLOWED,
        f"新版地图已生效，但仍有 {count} 件在办工单未按新图归入网格。",
        f"A new edition of the map is in force, but {count} open tickets do not follow it.",
        "各服务进程均须运行并已换上新图；请查看服务器日志中关于 map 的错误，或执行 flask sweep。",
        "The scheduler must run and the new map be built: look for `map` in the server's log, or run flask sweep.",
        {"count": count},
    )


def _off_the_map(numbers: list[str], naming: bool) -> Alarm:
    named = numbers[:NAMED] if naming else []
    listed = ", ".join(named)
    return Alarm(
        OFF_THE_MAP,
        f"{len(numbers)} 件在办工单所在的网格已不在现行地图上，新图也不包含其位置。"
        + (f"工单：{listed}。" if listed else ""),
        f"{len(numbers)} open tickets lie in grids that have left the map, which does not reach them."
        + (f" Tickets: {listed}." if listed else ""),
        "请核对新图的县界，必要时导入更正后的一版；这些工单仍可按原网格办理、办结。",
        "Check the county's outline in the new edition and import a corrected one if need be; meanwhile they can be"
        " handled and closed where they are.",
        {"count": len(numbers), "tickets": named},
    )


def span_zh(seconds: float) -> str:
    """Spell a length of time roughly, without its direction."""
    return _span(seconds, ("{} 天", "{} 小时", "{} 分钟", "{} 秒"))


def span_en(seconds: float) -> str:
    """Spell a length of time roughly, without its direction."""
    return _span(seconds, ("{} d", "{} h", "{} min", "{} s"))


def _span(seconds: float, units: tuple[str, ...]) -> str:
    left, parts = round(abs(seconds)), list[str]()
    for unit, length in zip(units, (86400, 3600, 60, 1), strict=True):
        count, left = divmod(left, length)
        if count or (not parts and length == 1):
            parts.append(unit.format(count))
    return " ".join(parts[:2])
