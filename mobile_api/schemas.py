"""The bodies that come in: their schema, and the error that each fault gets."""

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from command_center.errors import (
    CommandCenterError,
    CoordinatesNotFinite,
    DescriptionTooLong,
    Invalid,
    JsonTooDeep,
    MalformedJson,
    NotANumber,
    TooManyPhotos,
    UnknownDatum,
)

LONGEST_DESCRIPTION = 5000
LONGEST_NOTE = 2000
MOST_PHOTOS = 9
WORST_ACCURACY_M = 100_000
MOST_DEPARTMENTS = 20
MOST_AT_ONCE = 200
DEEPEST = 32
# Long before any phone; near year 1 a time cannot be turned to UTC.
EARLIEST_YEAR = 1900
# Control characters other than tab and line ends, and lone surrogates: no database text, no screen shows them.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
M = TypeVar("M", bound="Body")
PhotoId = Annotated[str, Field(max_length=32)]


class Body(BaseModel):
    """A JSON object with known fields; unknown ones are ignored, so that newer phones can talk to older centers."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False, allow_inf_nan=False)

    @field_validator("*", mode="after")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and UNSTORABLE.search(text) for text in texts):
            raise ValueError("control characters")
        if isinstance(value, datetime) and value.year < EARLIEST_YEAR:
            raise ValueError("too long ago")
        return value

    @field_validator("lon", "lat", mode="before", check_fields=False)
    @classmethod
    def _a_number(cls, value: Any) -> Any:
        if isinstance(value, bool | str):
            raise ValueError("must be a number")
        return value


class SignIn(Body):
    username: str = Field(max_length=64)
    password: str = Field(max_length=256)


class Reporter(Body):
    """A citizen who reported to somebody with an account."""

    name: str = Field("", max_length=50)
    phone: str = Field("", max_length=30, pattern=r"^[0-9+\-() ]*$")


class Report(Body):
    """A report. lon, lat: degrees in `datum`; accuracy_m: metres.

    grid: the code of the grid that the person chose among those within this accuracy.
    """

    category: str = Field(min_length=1, max_length=100)
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    lon: float
    lat: float
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] = "wgs84"
    accuracy_m: float | None = Field(None, ge=0, le=WORST_ACCURACY_M)
    grid: str | None = Field(None, max_length=16)
    captured_at: AwareDatetime | None = None
    photos: list[PhotoId] = Field(default_factory=list, max_length=MOST_PHOTOS)
    reporter: Reporter | None = None
    source: Literal["patrol", "wechat", "hall", "snapshot", "hotline"] | None = None


class ActionForm(Body):
    """What an action may bring along."""

    note: str = Field("", max_length=LONGEST_NOTE)
    department: str | None = Field(None, max_length=32)
    departments: list[Annotated[str, Field(max_length=32)]] = Field(default_factory=list, max_length=MOST_DEPARTMENTS)
    to: str | None = Field(None, max_length=64)
    passed: bool | None = None
    lon: float | None = None
    lat: float | None = None
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] = "wgs84"
    colour: Literal["red", "yellow", "blue"] | None = None
    until: datetime | None = None
    into: str | None = Field(None, max_length=32)
    score: int | None = Field(None, ge=1, le=5)
    reached: bool | None = None
    satisfied: bool | None = None
    category: str | None = Field(None, max_length=100)
    overrule: bool = False
    photos: list[PhotoId] = Field(default_factory=list, max_length=MOST_PHOTOS)


class BulkItem(Body):
    """A ticket, and its version when the caller looked."""

    number: str = Field(max_length=40)
    version: int | None = None


class BulkForm(ActionForm):
    """The same form for many tickets."""

    items: list[BulkItem] = Field(min_length=1, max_length=MOST_AT_ONCE)


class CallbackForm(Body):
    """What the hotline heard when it called the reporter."""

    reached: bool
    satisfied: bool | None = None
    words: str = Field("", max_length=LONGEST_NOTE)


class _NotJson(ValueError):
    pass


def read_json(data: bytes) -> dict[str, Any]:
    """Parse a body. Raises: MalformedJson, JsonTooDeep, NotANumber."""
    try:
        content = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except _NotJson as constant:
        raise NotANumber(field=None) from constant
    except RecursionError as deep:
        raise JsonTooDeep from deep
    except (UnicodeDecodeError, ValueError) as wrong:
        raise MalformedJson from wrong
    if depth_exceeds(content, DEEPEST):
        raise JsonTooDeep
    if not isinstance(content, dict):
        raise MalformedJson
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise _NotJson(name)


def depth_exceeds(content: Any, deepest: int) -> bool:
    """Measure nesting without recursion."""
    level = [content]
    for _ in range(deepest):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def parse(model: type[M], data: bytes) -> M:
    """Check a body against its schema. Raises: Malformed's kin (400), Invalid's kin (422)."""
    content = read_json(data)
    try:
        return model.model_validate(content)
    except ValidationError as faults:
        raise explain(faults, content) from faults


def explain(faults: ValidationError, content: dict[str, Any]) -> CommandCenterError:
    """Turn the first fault into the error with its own type."""
    fault = faults.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in fault["loc"])
    kind, value = fault["type"], fault.get("input")
    # An integer of hundreds of digits is no float for pydantic; for us it is beyond all numbers, as 1e999 is.
    if field in {"lon", "lat"} and (kind == "finite_number" or (kind == "float_type" and isinstance(value, int))):
        return CoordinatesNotFinite(field=field)
    if field == "datum":
        return UnknownDatum(field=field, datum=str(value)[:32])
    if field == "description" and kind == "string_too_long":
        return DescriptionTooLong(field=field, limit=LONGEST_DESCRIPTION, length=len(str(value)))
    if field == "photos" and kind == "too_long":
        return TooManyPhotos(field=field, limit=MOST_PHOTOS)
    return Invalid(field=field, reason=f"{field}: {fault['msg']}")
