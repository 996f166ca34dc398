"""What is asked of a collection, read from the query string; whatever is not known or not well formed is refused."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from flask import request

from command_center.errors import BadParameter
from mobile_api.ogc.crs import CRS84, Crs, crs_of

USUAL_PAGE = 100
LARGEST_PAGE = 1_000
FARTHEST = 1_000_000
EVERYWHERE = ("f", "lang")
PAGING = ("limit", "offset", "after", "before", "bbox", "bbox-crs", "crs", "datetime")

Box = tuple[float, float, float, float]
"""west, south, east, north; degrees, WGS 84"""


@dataclass(frozen=True)
class Period:
    """A stretch of time with both its ends; None: without end."""

    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True)
class Query:
    """One page of a collection. `boxes`: none, or what any of must be met; `after`, `before`: where a page begins."""

    limit: int = USUAL_PAGE
    offset: int = 0
    after: str | None = None
    before: str | None = None
    boxes: tuple[Box, ...] = ()
    period: Period | None = None
    crs: Crs = CRS84
    equals: tuple[tuple[str, str], ...] = ()


def read(filters: Collection[str]) -> Query:
    """Read a page's query; `filters`: the properties that may be asked for. Raises: BadParameter."""
    only({*PAGING, *filters})
    after, before = text("after"), text("before")
    if after and before:
        refuse("before", "不能与 after 同时使用", "give either after or before")
    return Query(
        limit=min(whole("limit", USUAL_PAGE, least=1), LARGEST_PAGE),
        offset=min(whole("offset", 0, least=0), FARTHEST),
        after=after,
        before=before,
        boxes=boxes(),
        period=period(),
        crs=crs(),
        equals=tuple((name, value) for name in filters if (value := text(name))),
    )


def refuse(parameter: str, zh: str, en: str) -> NoReturn:
    """Say what is wrong with a parameter. Raises: BadParameter."""
    raise BadParameter(parameter=parameter[:64], reason_zh=zh, reason_en=en, field=parameter[:64])


def only(allowed: Collection[str]) -> None:
    """Refuse what is not known here, or said twice: the standard wants it. Raises: BadParameter."""
    for name, values in request.args.lists():
        if name not in allowed and name not in EVERYWHERE:
            known = ", ".join(sorted({*allowed, "f"}))
            refuse(name, f"此处没有这个参数，可用的有 {known}", f"not known here; known are {known}")
        if len(values) > 1:
            refuse(name, "只能给出一次", "given more than once")


def crs() -> Crs:
    """Read the coordinate reference wanted. Raises: BadParameter."""
    return crs_of(request.args["crs"], "crs") if "crs" in request.args else CRS84


def text(name: str) -> str | None:
    value = request.args.get(name, "")
    if len(value) > 100:
        refuse(name, "超过 100 个字符", "longer than 100 characters")
    if "\x00" in value:
        refuse(name, "含有空字符（NUL）", "has a NUL character in it")
    return value or None


def whole(name: str, usual: int, *, least: int) -> int:
    value = request.args.get(name)
    if value is None:
        return usual
    if not (value.isascii() and value.isdigit()):
        refuse(name, f"应为不小于 {least} 的整数", f"must be a whole number, {least} at least")
    # Who calls bounds it from above: of a longer number the first digits are as good.
    number = int(value.lstrip("0")[:18] or "0")
    if number < least:
        refuse(name, f"应为不小于 {least} 的整数", f"must be a whole number, {least} at least")
    return number


def boxes() -> tuple[Box, ...]:
    """Read `bbox` with `bbox-crs`: four numbers, or six with heights, which do not matter here.

    A box whose west lies east of its east crosses the 180th meridian, and is two. Raises: BadParameter.
    """
    reference = crs_of(request.args["bbox-crs"], "bbox-crs") if "bbox-crs" in request.args else CRS84
    value = request.args.get("bbox")
    if value is None:
        return ()
    try:
        numbers = [float(part) for part in value[:400].split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        refuse(
            "bbox",
            "应为四个或六个数：先是左下角，后是右上角",
            "must be four or six numbers: the lower left corner, then the upper right one",
        )
    half = len(numbers) // 2
    (x1, y1), (x2, y2) = numbers[:2], numbers[half : half + 2]
    if reference.lat_first:
        x1, y1, x2, y2 = y1, x1, y2, x2
    if y1 > y2:
        refuse("bbox", "南界在北界以北", "its south lies north of its north")
    return ((x1, y1, x2, y2),) if x1 <= x2 else ((x1, y1, 180.0, y2), (-180.0, y1, x2, y2))


def period() -> Period | None:
    """Read `datetime`: an instant, or an interval whose ends may be open. Raises: BadParameter."""
    value = text("datetime")
    if value is None:
        return None
    first, slash, last = value.partition("/")
    if not slash:
        at = _instant(first)
        return Period(at, at)
    begins = None if first in ("", "..") else _instant(first)
    ends = None if last in ("", "..") else _instant(last)
    if begins and ends and begins > ends:
        refuse("datetime", "结束早于开始", "it ends before it begins")
    return Period(begins, ends)


def _instant(spelt: str) -> datetime:
    try:
        at = datetime.fromisoformat(spelt.upper().replace(" ", "+"))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    refuse(
        "datetime",
        "应为带时区的 RFC 3339 时间，如 2026-11-21T08:00:00Z；时段写作 a/b、a/.. 或 ../b",
        "must be RFC 3339 with zone, such as 2026-11-21T08:00:00Z; intervals are a/b, a/.. or ../b",
    )
