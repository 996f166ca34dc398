"""Why a rule zone cannot be stored, changed or tried out as asked."""

from command_center.errors import Conflict, Invalid, NotFound, TooMany


class UnknownZone(NotFound):
    code = "unknown-zone"
    zh = "没有编号为 {zone} 的规则区。"
    en = "There is no rule zone {zone}."


class ZoneRetired(Conflict):
    code = "zone-retired"
    zh = "规则区 {zone} 已停用。未作任何更改。"
    en = "Rule zone {zone} is retired. Nothing was changed."


class ZoneInvalid(Invalid):
    """`where`: the key at fault."""

    code = "zone-invalid"
    zh = "规则区有误（{where}）：{why_zh}。未作任何更改。"
    en = "The rule zone is wrong at {where}: {why_en}. Nothing was changed."


class ZonesInvalid(Invalid):
    """A file of zones with faults: its `faults` name each row, {row, where, zh, en}."""

    code = "zones-invalid"
    zh = "文件中有 {count} 处错误，未作任何更改。第一处：第 {row} 行，{first_zh}"
    en = "The file has {count} faults; nothing was changed. The first, in row {row}: {first_en}"


class ZoneFileUnreadable(Invalid):
    code = "zone-file-unreadable"
    zh = "无法读取该文件：{why_zh}。请上传 GeoJSON、GeoPackage 或打包为 zip 的 Shapefile。未作任何更改。"
    en = "This file cannot be read: {why_en}. Bring GeoJSON, GeoPackage or a zipped Shapefile. Nothing was changed."


class TooManyZones(Conflict):
    code = "too-many-zones"
    zh = "规则区最多 {most} 个。请先停用不再需要的。未作任何更改。"
    en = "There may be {most} rule zones at most: retire some first. Nothing was changed."


class TryOutBusy(TooMany):
    code = "try-out-busy"
    zh = "正在进行其他试算，请稍候再试。"
    en = "Other try-outs are under way: please try again in a moment."
