"""Zones brought in a file: each feature becomes a draft, and all of them are stored or none.

What a feature does not say is its kind's preset. Columns: kind, name, name_en, buffer_m, season_from, season_to,
categories, urgent, limit_value, limit_unit, department, recipients (`role:town_officer, department:fire`), note,
source, synthetic; or their Chinese names.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from command_center.zones import changes
from command_center.zones.drafts import Draft, Ground, ZoneFault, read
from command_center.zones.errors import ZoneFileUnreadable, ZonesInvalid
from command_center.zones.models import ZoneVersion
from gis import zone_files

CHINESE = {
    "类型": "kind",
    "名称": "name",
    "英文名称": "name_en",
    "缓冲距离": "buffer_m",
    "季节起": "season_from",
    "季节止": "season_to",
    "类别": "categories",
    "紧急": "urgent",
    "时限": "limit_value",
    "时限单位": "limit_unit",
    "部门": "department",
    "告知": "recipients",
    "说明": "note",
    "来源": "source",
}
YES, NO = ("1", "true", "yes", "是"), ("0", "false", "no", "否", "")
WHY = {
    "kind": ("不是可识别的文件类型", "it is no file of a known kind"),
    "broken": ("文件已损坏", "it is broken"),
    "crs": ("不知道坐标系", "its coordinate reference is not known"),
    "many": (
        f"内容过多，最多 {zone_files.MOST_FEATURES} 个图形",
        f"it holds more than {zone_files.MOST_FEATURES} shapes",
    ),
    "empty": ("文件中没有图形", "there are no shapes in it"),
    "slow": ("读取时间过长", "reading it takes too long"),
}


def features_of(path: Path, encoding: str | None = None) -> list[zone_files.Feature]:
    """Read a file. Raises: ZoneFileUnreadable."""
    try:
        return zone_files.read(path, encoding)
    except zone_files.Unreadable as refused:
        zh, en = WHY[refused.reason]
        raise ZoneFileUnreadable(field="file", why_zh=zh, why_en=en) from refused


def drafts_of(
    session: Session,
    features: Sequence[zone_files.Feature],
    presets: Mapping[str, dict[str, Any]],
    now: datetime,
    *,
    kind: str | None = None,
) -> list[Draft]:
    """Read each feature as a draft; `kind`: of those that name none. Raises: ZonesInvalid, which names every fault."""
    ground, drafts, faults = Ground.of(session), [], []
    for feature in features:
        try:
            drafts.append(read(session, ground, document(feature, presets, kind), now))
        except ZoneFault as fault:
            faults.append({"row": feature["row"], "where": fault.where, "zh": fault.zh, "en": fault.en})
    if faults:
        first = faults[0]
        raise ZonesInvalid(
            field="file",
            count=len(faults),
            row=first["row"],
            first_zh=first["zh"],
            first_en=first["en"],
            faults=faults,
        )
    return drafts


def store(session: Session, drafts: Sequence[Draft], note: str, by: str, now: datetime) -> list[ZoneVersion]:
    """Store each draft as a new zone. Raises: TooManyZones."""
    return [changes.create(session, draft, by, now, note=draft.note or note) for draft in drafts]


def document(
    feature: zone_files.Feature, presets: Mapping[str, dict[str, Any]], kind: str | None = None
) -> dict[str, Any]:
    """A feature as the document of a draft. Raises: ZoneFault."""
    own = {CHINESE.get(name, name).lower(): value for name, value in feature["properties"].items()}
    own = {name: value for name, value in own.items() if value not in (None, "")}
    said: dict[str, Any] = {"kind": own.get("kind", kind)}
    said |= presets.get(str(said["kind"]), {})
    said |= {name: own[name] for name in ("name", "name_en", "department", "note", "source") if name in own}
    said["geometry"] = feature["geometry"]
    if "buffer_m" in own:
        said["buffer_m"] = _number("buffer_m", own["buffer_m"])
    if "season_from" in own or "season_to" in own:
        said["season"] = {"from": own.get("season_from"), "to": own.get("season_to")}
    if "limit_value" in own:
        said["limit"] = {"value": str(own["limit_value"]), "unit": own.get("limit_unit")}
    if "categories" in own:
        said["categories"] = _listed(own["categories"])
    if "recipients" in own:
        said["recipients"] = [_recipient(one) for one in _listed(own["recipients"])]
    for name in ("urgent", "synthetic"):
        if name in own:
            said[name] = _flag(name, own[name])
    return said


def _number(where: str, content: Any) -> float:
    try:
        return float(content)
    except (TypeError, ValueError) as wrong:
        raise ZoneFault(where, "number") from wrong


def _listed(content: Any) -> list[Any]:
    """A list, or a text whose parts stand between commas."""
    if isinstance(content, str):
        return [part.strip() for part in content.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    return content if isinstance(content, list) else [str(content)]


def _recipient(content: Any) -> dict[str, str]:
    if isinstance(content, dict):
        return content
    kind, _, code = str(content).partition(":")
    return {"kind": kind.strip(), "code": code.strip()}


def _flag(where: str, content: Any) -> bool:
    spelt = str(content).strip().lower()
    if spelt not in (*YES, *NO):
        raise ZoneFault(where, "flag")
    return spelt in YES
