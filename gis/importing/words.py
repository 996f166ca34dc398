"""What each kind of finding says, in Chinese and English: what is the matter, and what to do."""

from typing import Any

import shapely

from gis.importing.records import Fault, Severity

KINDS: dict[str, tuple[Severity, str, str]] = {
    # The whole file
    "crs-unknown": (
        "fault",
        "文件没有说明坐标系。请选定坐标系后再试；从数值看可能是：{guesses}。",
        "The file does not tell its coordinate reference. Choose it and try again; what would fit: {guesses_en}.",
    ),
    "crs-misfit": (
        "fault",
        "按“{crs}”只有 {share} 的边界落在本县。坐标系可能不对，从数值看可能是：{guesses}。",
        "Read as {crs}, only {share} of the outlines fall into the county. What would fit: {guesses_en}.",
    ),
    "crs-shifted": (
        "note",
        "文件声明的是 {crs}，但去掉 {datum} 偏移（约 {metres} 米）后与县界吻合得多。"
        "如果确实来自互联网地图，请把坐标系选为 {datum}。",
        "The file says {crs}, but it fits the county far better without the shift of {datum} (some {metres} m). "
        "If it comes from a web map, choose {datum}.",
    ),
    "crs-inexact": (
        "note",
        "“{crs}”到 CGCS2000 没有公开的精确转换参数，位置可能偏差数米到百余米。请由测绘部门转换为 CGCS2000 后再导入。",
        "There are no public parameters from {crs} to CGCS2000: places may be off by metres to a hundred metres. "
        "Have the surveying office convert it to CGCS2000.",
    ),
    "zone-taken": (
        "note",
        "数值是平面坐标，已按与县界吻合的投影带“{crs}”读取，请核对。",
        "The numbers are metres; the zone that fits the county, {crs}, was taken. See that it is right.",
    ),
    "text-cut": (
        "note",
        "{count} 处文字在字段宽度处被截断了半个汉字，已去掉残字，请核对名称。",
        "{count} texts were cut in the middle of a character by the width of their field; see to the names.",
    ),
    "no-grids": (
        "fault",
        "文件里没有网格。整版导入必须包含网格；只换村界请连同网格一起给出。",
        "The file has no grids. A whole edition must have them.",
    ),
    "no-codes": (
        "note",
        "没有找到编码列，网格编码由系统按村、类型、自西向东编排。如有编码列，请在字段对应中指定。",
        "No column of codes was found; codes are given by village and kind, from west to east. "
        "If there is one, name it in the mapping.",
    ),
    "no-names": (
        "note",
        "没有找到名称列，网格名称沿用现有的，或按村名编排。",
        "No column of names was found; grids keep their present name or are named after their village.",
    ),
    "kind-assumed": (
        "note",
        "{count} 个网格没有写明类型，按城乡网格处理。",
        "{count} grids do not tell their kind and are taken for urban-rural ones.",
    ),
    "village-by-place": (
        "note",
        "{count} 个网格没有写明所属村，按位置归入所在的村。",
        "{count} grids do not tell their village and were given to the one they lie in.",
    ),
    "z-dropped": (
        "note",
        "{count} 个图形带有高程或里程值，已去掉，只保留平面坐标。",
        "{count} shapes have heights or measures; only their plane coordinates are kept.",
    ),
    "settled": (
        "note",
        "{count} 处相邻边界相差不到 {width} 厘米，属于数值误差，已对齐到同一条线。",
        "Places where neighbours differ by less than {width} cm, by numbers only: {count}. They were set on one line.",
    ),
    "covers-part": (
        "note",
        "文件只覆盖本县面积的 {share}。如果只是补充一部分网格，请选择“追加”。",
        "The file covers only {share} of the county. If it is a part to be added, choose to add it.",
    ),
    "county-differs": (
        "note",
        "文件的外边界与现有县界不同：县界内有 {missing} 未被覆盖，县界外有 {beyond}。入库后县界以网格的外边界为准。",
        "The file's outer line differs from the county's present one: {missing} inside it are not covered, "
        "{beyond} lie beyond. The county takes the outer line of its grids.",
    ),
    "not-held": (
        "note",
        "现有村界（或县界）是合成的，没有用来检查网格位置。",
        "The present outlines of villages, or of the county, are synthetic; the grids were not held against them.",
    ),
    "village-moved": (
        "note",
        "“{village}”的范围与现有村界相差 {area}，入库后以网格为准。",
        "The village {village} differs from its present outline by {area}; its grids decide.",
    ),
    "village-empty": (
        "note",
        "“{village}”（{code}）在文件里没有城乡网格，入库后将停用。如非撤并，请补上。",
        "The village {village} ({code}) has no urban-rural grid in the file and will be retired. "
        "Unless it was merged, add its grids.",
    ),
    "village-scattered": (
        "note",
        "“{village}”由 {count} 块不相连的部分组成，请核对网格的所属村。",
        "The village {village} consists of {count} separate parts; see whether its grids are all its own.",
    ),
    "counts": (
        "note",
        "共 {grids} 个网格：城乡 {urban_rural}、学校 {school}、企业 {enterprise}"
        "（现有城乡 {was_urban_rural}、学校 {was_school}、企业 {was_enterprise}）。",
        "{grids} grids: {urban_rural} urban-rural, {school} school, {enterprise} enterprise "
        "(at present {was_urban_rural}, {was_school}, {was_enterprise}).",
    ),
    "unsettled": (
        "fault",
        "拼接后仍不严密：{detail}。请在地图软件里修好这一处的边界。",
        "Put together, the outlines are still not tight: {detail}. Mend the outline there.",
    ),
    # Shapes
    "geometry-missing": (
        "fault",
        "没有图形。请补画边界，或删去这一行。",
        "There is no shape. Draw the outline, or leave the row out.",
    ),
    "geometry-unreadable": (
        "fault",
        "图形读不出来。请核对这一行的边界文字或重新导出。",
        "The shape cannot be read. See to the outline's text in this row, or export it again.",
    ),
    "geometry-type": (
        "fault",
        "图形是{found}，网格应当是面。请改为面，或删去这一行。",
        "The shape is a {found_en}; a grid is an area. Make it a polygon, or leave the row out.",
    ),
    "coordinates-bad": (
        "fault",
        "有坐标不是数（空值或无穷大）。请重新导出这一行的边界。",
        "A coordinate is no number. Export this row's outline again.",
    ),
    "ring-open": (
        "fault",
        "边界没有闭合（起点与终点不同）。{done_or_do}",
        "The outline's ring is not closed. {done_or_do_en}",
    ),
    "ring-points": (
        "fault",
        "边界的点太少，围不成面。请补画边界。",
        "The outline has too few points to be an area. Draw it again.",
    ),
    "self-intersection": (
        "fault",
        "边界自相交（{place}）。{done_or_do}",
        "The outline crosses itself (at {place}). {done_or_do_en}",
    ),
    "ring-invalid": (
        "fault",
        "边界的环不合规（{detail}，{place}）。{done_or_do}",
        "The outline's rings are not sound ({detail}, at {place}). {done_or_do_en}",
    ),
    "sliver": (
        "fault",
        "面积只有 {area}，或宽不到 {width} 米，是碎片。请并入相邻网格。",
        "It is a sliver of {area}, or less than {width} m wide. Merge it with a neighbour.",
    ),
    "multi-part": (
        "note",
        "由 {count} 块组成。确属飞地可以保留，否则请核对。",
        "It has {count} parts. Exclaves may stay; else see to it.",
    ),
    "geometry-duplicate": (
        "fault",
        "与第 {other} 行的图形完全相同。请删去其中一行，或改画边界。",
        "Its shape is the very one of row {other}. Leave one of them out, or draw it anew.",
    ),
    "far-away": (
        "fault",
        "位置（{place}）离本县约 {km} 公里。请核对坐标。",
        "It lies at {place}, some {km} km from the county. See to its coordinates.",
    ),
    "axes-swapped": (
        "fault",
        "两个坐标写反了（应为经度在前、纬度在后，或东坐标在前）。{done_or_do}",
        "Its two coordinates are the wrong way round (longitude or easting comes first). {done_or_do_en}",
    ),
    # Codes, names, kinds, parents
    "code-missing": (
        "fault",
        "没有编码。请补上编码，或删去这一行。",
        "There is no code. Add it, or leave the row out.",
    ),
    "code-malformed": (
        "fault",
        "编码“{found}”不合规。网格编码为 16 位数字：12 位村编码、1 位类型（1 城乡、2 学校、3 企业）、3 位顺序号。",
        "The code {found!r} is malformed. A grid's has 16 digits: 12 of the village, one of the kind (1 urban-rural, "
        "2 school, 3 enterprise), 3 of the sequence.",
    ),
    "code-cut": (
        "fault",
        "编码“{found}”在 Excel 里存成了数字，15 位以后的数字已丢失。请把这一列设为文本后重新填写。",
        "Excel stored the code {found!r} as a number and lost what follows its 15th digit. "
        "Format the column as text and enter the codes again.",
    ),
    "code-duplicate": (
        "fault",
        "编码“{found}”与第 {other} 行重复。请改正其中一个。",
        "The code {found!r} is also in row {other}. Correct one of them.",
    ),
    "code-retired": (
        "note",
        "编码“{found}”以前用过、已停用，另编新码 {new}。",
        "The code {found!r} was used before and given up; the grid gets the new code {new}.",
    ),
    "codes-exhausted": (
        "fault",
        "“{village}”的 {kind_zh} 网格超过 999 个，无法编码。",
        "The village {village} has more than 999 grids of the kind {kind_en}; there are no codes left.",
    ),
    "name-missing": ("fault", "没有名称。请补上。", "There is no name. Add it."),
    "name-too-long": (
        "fault",
        "名称超过 {limit} 个字。请缩短。",
        "The name is longer than {limit} characters. Shorten it.",
    ),
    "kind-unknown": (
        "fault",
        "类型“{found}”不认识。请写城乡、学校或企业（或 1、2、3）。",
        "The kind {found!r} is unknown. Write urban_rural, school or enterprise (or 1, 2, 3).",
    ),
    "kind-contradiction": (
        "fault",
        "类型写的是{told}，但编码第 13 位表示{by_code}。请改正其一。",
        "The kind says {told_en}, but the code's 13th digit says {by_code_en}. Correct one of them.",
    ),
    "level-unknown": (
        "fault",
        "级别“{found}”不认识。请写县、乡镇、村或网格。",
        "The level {found!r} is unknown. Write county, town, village or grid.",
    ),
    "parent-missing": (
        "fault",
        "看不出属于哪个村。请补上所属村的名称或 12 位编码。",
        "It does not tell its village. Add the village's name or 12-digit code.",
    ),
    "parent-unknown": (
        "fault",
        "所属“{found}”不在本县的村（社区）里。{hint}",
        "Its village {found!r} is none of this county. {hint_en}",
    ),
    "parent-contradiction": (
        "fault",
        "所属村写的是“{told}”，但编码属于“{by_code}”。请改正其一。",
        "Its village is said to be {told!r}, but its code belongs to {by_code!r}. Correct one of them.",
    ),
    "village-ambiguous": (
        "fault",
        "叫“{found}”的村有 {count} 个（{choice}）。请写明乡镇，或改用 12 位编码。",
        "There are {count} villages named {found!r} ({choice}). Add the town, or use the 12-digit code.",
    ),
    # Neighbours
    "overlap": (
        "fault",
        "与{other}重叠 {area}，最宽约 {width} 米。{done_or_do}",
        "It overlaps {other_en} by {area}, up to about {width} m wide. {done_or_do_en}",
    ),
    "special-overlap": (
        "note",
        "与{other}重叠 {area}；同一地点归编码小的网格。",
        "It overlaps {other_en} by {area}; a place in both belongs to the lower code.",
    ),
    "gap": (
        "fault",
        "与{other}之间有空隙 {area}，最宽约 {width} 米，不属于任何城乡网格。{done_or_do}",
        "Beside {other_en} is a gap of {area}, up to about {width} m wide, that no urban-rural grid covers. "
        "{done_or_do_en}",
    ),
    "outside-village": (
        "fault",
        "有 {area} 在所属的“{village}”之外（最宽约 {width} 米）{lies_in}。{done_or_do}"
        "如果村界确有调整，请把新的村界图层放在同一个文件里。",
        "{area} of it lie outside its village {village}, up to about {width} m wide{lies_in_en}. {done_or_do_en} "
        "If the village's border was moved, put the new layer of villages into the same file.",
    ),
    "outside-county": (
        "fault",
        "有 {area} 在本县之外（最宽约 {width} 米）。{done_or_do}",
        "{area} of it lie outside the county, up to about {width} m wide. {done_or_do_en}",
    ),
}  # fmt: skip
SHORT: dict[str, tuple[str, str]] = {
    "crs-unknown": ("坐标系未知", "reference unknown"),
    "crs-misfit": ("坐标系不符", "reference does not fit"),
    "crs-shifted": ("疑似偏移坐标", "perhaps shifted"),
    "crs-inexact": ("转换不精确", "inexact conversion"),
    "zone-taken": ("自动选带", "zone taken"),
    "text-cut": ("文字被截断", "texts cut"),
    "no-grids": ("没有网格", "no grids"),
    "no-codes": ("没有编码列", "no codes"),
    "no-names": ("没有名称列", "no names"),
    "kind-assumed": ("类型按城乡", "kind assumed"),
    "village-by-place": ("按位置归村", "village by place"),
    "z-dropped": ("去掉高程", "heights dropped"),
    "settled": ("微小误差已对齐", "set on one line"),
    "covers-part": ("只覆盖一部分", "covers a part"),
    "county-differs": ("外边界不同", "outer line differs"),
    "not-held": ("未对照现有村界", "villages not compared"),
    "village-moved": ("村界有变", "village moved"),
    "village-empty": ("村没有网格", "village without grids"),
    "village-scattered": ("村不相连", "village in parts"),
    "counts": ("数量", "counts"),
    "unsettled": ("拼接不严", "not tight"),
    "geometry-missing": ("没有图形", "no shape"),
    "geometry-unreadable": ("图形读不出", "shape unreadable"),
    "geometry-type": ("不是面", "no area"),
    "coordinates-bad": ("坐标不是数", "no number"),
    "ring-open": ("边界未闭合", "ring not closed"),
    "ring-points": ("点太少", "too few points"),
    "self-intersection": ("自相交", "crosses itself"),
    "ring-invalid": ("环不合规", "rings not sound"),
    "sliver": ("碎片", "sliver"),
    "multi-part": ("多块", "several parts"),
    "geometry-duplicate": ("图形重复", "same shape"),
    "far-away": ("远离本县", "far away"),
    "axes-swapped": ("坐标写反", "axes swapped"),
    "code-missing": ("缺编码", "no code"),
    "code-malformed": ("编码不合规", "code malformed"),
    "code-cut": ("编码被 Excel 截断", "code cut by Excel"),
    "code-duplicate": ("编码重复", "code twice"),
    "code-retired": ("编码已停用", "code given up"),
    "codes-exhausted": ("编码用完", "no codes left"),
    "name-missing": ("缺名称", "no name"),
    "name-too-long": ("名称太长", "name too long"),
    "kind-unknown": ("类型不认识", "kind unknown"),
    "kind-contradiction": ("类型与编码矛盾", "kind contradicts code"),
    "level-unknown": ("级别不认识", "level unknown"),
    "parent-missing": ("缺所属村", "no village"),
    "parent-unknown": ("所属村不存在", "village unknown"),
    "parent-contradiction": ("所属村矛盾", "village contradicts code"),
    "village-ambiguous": ("村名不唯一", "village ambiguous"),
    "overlap": ("重叠", "overlap"),
    "special-overlap": ("学校企业网格重叠", "special grids overlap"),
    "gap": ("空隙", "gap"),
    "outside-village": ("超出所属村", "outside its village"),
    "outside-county": ("超出本县", "outside the county"),
}
"""Each kind in a few words, for headings and lists."""
KIND_NAMES = {
    "urban_rural": ("城乡", "urban-rural"),
    "school": ("学校", "school"),
    "enterprise": ("企业", "enterprise"),
}
TYPE_NAMES = {
    "Point": "点", "MultiPoint": "多点", "LineString": "线", "MultiLineString": "多线", "LinearRing": "线",
    "GeometryCollection": "混合图形",
}  # fmt: skip
_DONE = ("已修复。", "It was mended.")
_DO = ("可以选择修复，或在地图软件里改正。", "It can be mended by choice, or corrected in a GIS.")
_BY_HAND = (
    "超过了可自动修复的限度，请在地图软件里改正。",
    "It is beyond what is mended by itself; correct it in a GIS.",
)


def fault(
    kind: str,
    row: int | None = None,
    code: str | None = None,
    geometry: shapely.Geometry | None = None,
    *,
    repairable: bool = False,
    repaired: bool = False,
    layer: str | None = None,
    **told: Any,
) -> Fault:
    """A finding of a kind of KINDS. told: what its texts name."""
    severity, chinese, english = KINDS[kind]
    done_or_do = _DONE if repaired else _DO if repairable else _BY_HAND
    values = {"done_or_do": done_or_do[0], "done_or_do_en": done_or_do[1], "code": code, **told}
    return Fault(
        row,
        code,
        kind,
        chinese.format(**values),
        english.format(**values),
        geometry,
        repairable,
        repaired,
        severity,
        layer,
    )


def area_text(m2: float) -> str:
    """An area as people say it."""
    if m2 >= 1e6:
        return f"{m2 / 1e6:.2f} km²"
    if m2 >= 10:
        return f"{m2:,.0f} m²"
    return f"{m2:.2g} m²" if m2 < 1 else f"{m2:.1f} m²"


def place_text(point: shapely.Geometry) -> str:
    """Where it is, degrees."""
    there = shapely.centroid(point)
    return f"{there.x:.6f}, {there.y:.6f}"
