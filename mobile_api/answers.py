"""How the REST interface reads query parameters and writes answers."""

from datetime import UTC, date, datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from command_center.errors import Invalid, one_of
from command_center.people.access import check_region
from command_center.people.models import User

LARGEST_PAGE = 200
USUAL_PAGE = 50


def page(items: list[Any], next_cursor: str | None = None, **more: Any) -> Response:
    """Answer a list: `{items, next_cursor}`, the cursor null at the end."""
    return jsonify({"items": items, "next_cursor": next_cursor, **more})


def limit() -> int:
    """Read `limit`; one that is too large is clamped. Raises: Invalid."""
    return max(1, min(integer("limit", USUAL_PAGE), LARGEST_PAGE))


def integer(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        return max(-(2**53), min(int(text), 2**53))
    except ValueError as wrong:
        raise Invalid(field=name, reason=f"{name} must be a whole number") from wrong


def flag(name: str) -> bool | None:
    """Read a yes-or-no parameter; absent is None. Raises: Invalid."""
    text = request.args.get(name, "").lower()
    if not text:
        return None
    if text in {"true", "1", "yes"}:
        return True
    if text in {"false", "0", "no"}:
        return False
    raise Invalid(field=name, reason=f"{name} must be true or false")


def choice(name: str, allowed: tuple[str, ...]) -> str | None:
    """Read a parameter that names one of a few things. Raises: Invalid."""
    text = request.args.get(name, "")
    if text and text not in allowed:
        raise one_of(name, allowed)
    return text or None


def number(name: str) -> float:
    """Read a required number, NaN and infinity included: the caller judges them. Raises: Invalid."""
    try:
        return float(request.args.get(name, ""))
    except ValueError as wrong:
        raise Invalid(field=name, reason=f"{name} must be a number") from wrong


def day(name: str) -> date | None:
    """Read a date. Raises: Invalid."""
    text = request.args.get(name, "")
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Invalid(field=name, reason=f"{name} must be a date such as 2026-11-21") from wrong
    if found is not None and not 1900 <= found.year < 3000:
        raise Invalid(field=name, reason=f"{name} is too far from now")
    return found


def instant(name: str) -> datetime | None:
    """Read a time with zone. Raises: Invalid."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
    except ValueError as wrong:
        raise Invalid(field=name, reason=f"{name} must be a time such as 2026-11-21T08:00:00+08:00") from wrong
    if at.tzinfo is None:
        raise Invalid(field=name, reason=f"{name} needs a time zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as wrong:
        raise Invalid(field=name, reason=f"{name} is too far from now") from wrong


def region(session: Session, user: User) -> str | None:
    """Read `region`, which must be the caller's own or below it. Raises: UnknownRegion, RegionNotYours."""
    code = request.args.get("region", "")
    return check_region(session, user, code).code if code else None


def words(name: str, longest: int = 100) -> str | None:
    """Read a text to search for. Raises: Invalid."""
    text = request.args.get(name, "").strip()
    if len(text) > longest:
        raise Invalid(
            field=name,
            reason_zh=f"{name} 最多 {longest} 个字符",
            reason_en=f"{name} may have {longest} characters at most",
        )
    if "\x00" in text:
        raise Invalid(field=name, reason_zh=f"{name} 含有空字符（NUL）", reason_en=f"{name} has a NUL character in it")
    return text or None
