"""Why a file is not opened at all: one reason, with what to do about it, in Chinese and English."""

from gis.errors import Unreadable

REASONS: dict[str, tuple[str, str]] = {
    "missing": ("找不到文件。", "There is no such file."),
    "empty": ("文件是空的，请重新导出。", "The file is empty; export it again."),
    "unknown-format": (
        "认不出这种文件。请给出 Shapefile（打包成 zip）、GeoPackage、GeoJSON、KML/KMZ、FileGDB、Excel（xlsx）或 CSV。",
        "No file of a known kind. Give a zipped Shapefile, GeoPackage, GeoJSON, KML/KMZ, FileGDB, Excel (xlsx) or CSV.",
    ),
    "old-excel": (
        "这是旧版 Excel（xls），请另存为 xlsx 后再导入。",
        "This is an old Excel file (xls); save it as xlsx first.",
    ),
    "damaged": (
        "文件已损坏或不完整：{detail}。请重新导出或重新上传。",
        "The file is damaged or cut short: {detail}. Export or upload it again.",
    ),
    "too-large": (
        "文件（或解压后）超过 {limit} MB，请按乡镇分开导入。",
        "The file, or what is packed in it, is larger than {limit} MB; bring it in town by town.",
    ),
    "too-many-members": (
        "压缩包里超过 {limit} 个文件，请只打包需要的图层。",
        "More than {limit} files are packed in it; pack only the layers that are needed.",
    ),
    "too-many-rows": (
        "超过 {limit} 行，请核对是否选对了文件，或按乡镇分开导入。",
        "More than {limit} rows; see whether this is the right file, or bring it in town by town.",
    ),
    "too-many-columns": (
        "超过 {limit} 列，请只保留编码、名称、类型、所属村和边界等列。",
        "More than {limit} columns; keep code, name, kind, village, outline and the like.",
    ),
    "too-many-vertices": (
        "边界点超过 {limit} 个，请先在地图软件里抽稀，或按乡镇分开导入。",
        "More than {limit} vertices; simplify the outlines first, or bring them in town by town.",
    ),
    "unsafe-path": (
        "压缩包里有不安全的路径（{detail}），拒绝打开。",
        "A path in the archive is not safe ({detail}); it is not opened.",
    ),
    "encrypted": ("压缩包有密码，请解密后再导入。", "The archive has a password; unpack it first."),
    "entities": (
        "文件里带有 XML 实体或文档类型声明，可能有害，拒绝打开。",
        "The file declares XML entities or a document type, which may do harm; it is not opened.",
    ),
    "unsafe-database": (
        "GeoPackage 里有不该有的视图或虚拟表（{detail}），拒绝打开。",
        "The GeoPackage has views or virtual tables where none belong ({detail}); it is not opened.",
    ),
    "no-layer": (
        "文件里没有面图层，也没有带边界的表格。",
        "The file has no layer of areas, nor a table with outlines.",
    ),
    "no-such-layer": (
        "没有名为“{detail}”的图层。可选：{choice}。",
        "There is no layer {detail!r}. There are: {choice}.",
    ),
    "unknown-encoding": (
        "不认识编码“{detail}”，可用 UTF-8、GBK、GB18030。",
        "The encoding {detail!r} is unknown; use UTF-8, GBK or GB18030.",
    ),
    "unknown-crs": (
        "不认识坐标系“{detail}”，可用 wgs84、cgcs2000、gcj02、bd09 或 EPSG:编号。",
        "The reference {detail!r} is unknown; use wgs84, cgcs2000, gcj02, bd09 or EPSG:number.",
    ),
    "unknown-field": (
        "不认识字段“{detail}”，可用：{choice}。",
        "The field {detail!r} is unknown; there are {choice}.",
    ),
    "no-such-column": (
        "文件里没有“{detail}”这一列。可选：{choice}。",
        "The file has no column {detail!r}. There are: {choice}.",
    ),
}
_SHOWN = 80


def unreadable(reason: str, detail: object = "", limit: object = "", choice: str = "") -> Unreadable:
    """The refusal for a reason of REASONS."""
    chinese, english = REASONS[reason]
    told = {"detail": _printable(str(detail)), "limit": limit, "choice": _printable(choice, 400)}
    return Unreadable(reason, chinese.format(**told), english.format(**told))


def _printable(text: str, most: int = _SHOWN) -> str:
    shown = "".join(c if c.isprintable() else "�" for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"
