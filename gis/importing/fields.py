"""Which of the file's columns is which: by the names that counties give them, and by what is in them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from gis.boundaries import Kind, Level
from gis.importing.records import Column
from gis.importing.tables import Table

OURS = ("code", "name", "kind", "level", "parent", "village", "town", "synthetic", "wkt")
_WORDS: dict[str, tuple[str, ...]] = {
    "code": (
        "编码", "网格编码", "网格编号", "网格代码", "编号", "代码", "区划代码", "行政区划代码", "区划编码", "网格码",
        "gridcode", "gridid", "gridno", "wgbm", "wgbh", "wgdm", "code", "bm", "dm", "bh", "xzqdm",
    ),
    "name": (
        "名称", "网格名称", "网格名", "网格", "区划名称", "行政区名称", "gridname", "wgmc", "name",
        "mc", "xzqmc", "title",
    ),
    "kind": (
        "类型", "网格类型", "网格类别", "类别", "网格种类", "网格性质", "gridtype", "kind", "type",
        "wglx", "lx", "category",
    ),
    "level": ("级别", "层级", "等级", "行政级别", "网格级别", "level", "jb", "grade"),
    "parent": (
        "上级编码", "上级代码", "所属编码", "父级编码", "上级", "父编码", "所属区划", "所属区划代码",
        "parentcode", "parent", "parentid", "pcode", "sjbm", "sjdm",
    ),
    "village": (
        "村", "社区", "村社区", "所属村", "所属社区", "所属村社区", "村居", "所属村居", "行政村", "村名", "村名称",
        "社区名称", "村社区名称", "村编码", "村代码", "所属村编码", "所属村代码", "社区编码", "社区代码",
        "村委会", "居委会",
        "所在村", "所在社区", "所在村社区", "村级", "village", "villagename", "villagecode", "community", "sscmc",
        "ssc",
        "cun", "sssq", "shequ", "cmc", "cdm",
    ),
    "town": (
        "乡镇", "镇", "街道", "乡镇街道", "所属乡镇", "所属街道", "所属镇", "所属乡镇街道", "乡镇名称", "街道名称",
        "镇街", "所属镇街",
        "乡镇街道名称", "所在乡镇", "所在街道", "所在镇", "乡镇编码", "乡镇代码",
        "town", "township", "townname", "street",
        "subdistrict", "xiangzhen", "jiedao", "ssxz", "ssjd", "xzmc", "jdmc",
    ),
    "synthetic": ("synthetic", "合成"),
}  # fmt: skip
_KIND_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("school", ("学校", "校园", "中学", "小学", "幼儿园", "school", "campus")),
    ("enterprise", ("企业", "园区", "厂", "公司", "商圈", "enterprise", "company", "factory")),
    ("urban_rural", (
        "城乡", "普通", "基础", "综合", "一般", "社区网格", "农村", "城市", "城镇", "居民", "村网格",
        "urban", "rural", "basic", "ordinary",
    )),
)  # fmt: skip
_LEVEL_WORDS: tuple[tuple[Level, tuple[str, ...]], ...] = (
    ("grid", ("网格", "grid", "wangge")),
    ("village", ("村", "社区", "village", "community", "shequ")),
    ("town", ("乡镇", "街道", "镇", "乡", "town", "street", "xiangzhen")),
    ("county", ("县", "市界", "区县", "县界", "county")),
)
_SAMPLES = 5


def plain(text: object) -> str:
    """A column's name for comparing: full-width letters narrow, lower case, without marks and spaces."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(text)).lower())


def described(tables: Sequence[Table]) -> tuple[Column, ...]:
    """All columns with some of their different values."""
    samples: dict[str, dict[str, None]] = {}
    for table in tables:
        for name, values in table.columns.items():
            own = samples.setdefault(name, {})
            for value in values:
                if len(own) >= _SAMPLES:
                    break
                if value is not None:
                    own.setdefault(str(value)[:60])
    return tuple(Column(name, tuple(own)) for name, own in samples.items())


def mapping(table: Table, chosen: Mapping[str, str] | None) -> dict[str, str | None]:
    """Ours to the table's columns: what was chosen, and a guess for the rest."""
    found: dict[str, str | None] = {}
    taken: set[str] = set()
    for ours, theirs in (chosen or {}).items():
        if ours in _WORDS:
            found[ours] = theirs if theirs in table.columns else None
            taken.add(theirs)
    for ours in _WORDS:
        if ours not in found:
            found[ours] = _by_name(table, ours, taken)
            taken.add(found[ours] or "")
    if found["code"] is None and "code" not in (chosen or {}):
        found["code"] = _by_digits(table, taken)
    return found


def _by_name(table: Table, ours: str, taken: set[str]) -> str | None:
    """The column whose name is among the words, the earlier word first; codes before names for villages and towns.

    A dBase field holds ten bytes: its name may be the beginning of a word.
    """
    free = {name: plain(name) for name in table.columns if name not in taken}
    words = [plain(word) for word in _WORDS[ours]]
    hits = [name for name, own in free.items() if own in words]
    if not hits:
        cut = [name for name, own in free.items() if len(name.encode()) >= 9 and any(w.startswith(own) for w in words)]
        hits = cut[:1]
    if ours in ("village", "town"):
        hits.sort(key=lambda name: not _are_codes(table.columns[name], (9, 12)))
    else:
        hits.sort(key=lambda name: words.index(free[name]) if free[name] in words else len(words))
    return hits[0] if hits else None


def _by_digits(table: Table, taken: set[str]) -> str | None:
    """A column of different codes of 16, else 12 digits."""
    for length in (16, 12):
        for name, values in table.columns.items():
            if name not in taken and _are_codes(values, (length,)) and len(set(values)) * 10 >= len(values) * 9:
                return name
    return None


def _are_codes(values: Sequence[Any], lengths: tuple[int, ...]) -> bool:
    texts = [str(value) for value in values if value is not None]
    good = sum(len(text) in lengths and text.isascii() and text.isdecimal() for text in texts)
    return bool(texts) and good * 10 >= len(texts) * 9


def text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, one line, None when nothing is left."""
    if value is None or isinstance(value, bytes):
        return None
    told = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return " ".join(told.split()) or None


def code_text(value: Any) -> str | None:
    """A code as text: full-width digits narrow, no space in it."""
    told = text(value)
    return unicodedata.normalize("NFKC", told).replace(" ", "") if told else None


def kind_of(told: str) -> Kind | None:
    """A kind by the words that counties use, or by the digit of our codes; None when it tells none."""
    lower = told.lower()
    by_digit: dict[str, Kind] = {"1": "urban_rural", "2": "school", "3": "enterprise"}
    if lower in by_digit:
        return by_digit[lower]
    return next((kind for kind, words in _KIND_WORDS if any(word in lower for word in words)), None)


def level_of_word(told: str) -> Level | None:
    """A level by a word or a layer's name; a grid's before a village's, for 村网格 is a grid."""
    lower = told.lower()
    return next((level for level, words in _LEVEL_WORDS if any(word in lower for word in words)), None)


_ENDINGS = (
    "社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "村委会", "居委会", "村居委会", "行政村", "社区", "村",
    "街道办事处", "街道办", "街道", "镇人民政府", "乡人民政府", "镇", "乡",
)  # fmt: skip


def bare_name(name: str) -> str:
    """A village's or town's name without what it is: 腰屯村委会, 腰屯村 and 腰屯 are one name."""
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) > len(ending) + 1:
            return bare[: -len(ending)]
    return bare
