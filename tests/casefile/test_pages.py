"""The pages of a case file: what stands on them, and that nothing a ticket may hold breaks them."""

import hashlib
import re
import time
from dataclasses import replace
from pathlib import Path

import pylopdf_fonts_zh_cn as fonts
import pytest
import shapely
from PIL import Image

from command_center.casefile.contents import CaseFile, Entry, Fact, Map, Photo, Section, Shape
from command_center.casefile.document import draw
from command_center.casefile.paper import FLOOR, NOT_FIRST, Paper, parted, words
from tests.builders import NOW
from tests.casefile.archive import a_jpeg, all_text, pictures, read

HASH = "0123456789abcdef" * 4
SQUARE = shapely.to_wkb(shapely.box(0, 0, 1, 1)).hex()


def an_entry(n: int, note: str = "已处置", **changes: object) -> Entry:
    given = Entry(
        n, ("2026-11-20", "09:00:00 +08:00"), ("李建国", "网格员"), "分派", "认领 → 分派", note, (), f"{n:064x}"
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def a_file(**changes: object) -> CaseFile:
    def section(title: str) -> Section:
        return Section(title, (Fact("类别", "市容环境"), Fact("来源", "巡查")))

    given = CaseFile(
        language="zh",
        county="大石桥市",
        title="社会治理工单档案",
        number="210882-20261120-00001-5",
        subtitle="工单编号：210882-20261120-00001-5",
        status="状态：办理",
        banner="",
        produced="制卷人：测试",
        produced_at=NOW.isoformat(),
        page="第 {page} 页，共 {pages} 页",
        matter=section("事项"),
        place=section("地点"),
        map=Map(122.5, 40.6, (), "示意图", "合成", "北"),
        clocks=section("时限"),
        standing=section("办理情况"),
        photos_title="照片",
        photos=(),
        photo_missing="照片文件缺失或损坏",
        nothing="无",
        timeline_title="办理过程",
        timeline_heads=("序号", "时间", "经办", "事项与去向"),
        timeline_note="",
        note_label="说明：",
        timeline=(an_entry(1),),
        chain=section("完整性校验"),
        sound=True,
        verdict="校验通过",
        how_to_check="flask verify-log",
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def pages_of(pdf: bytes) -> int:
    return len(read(pdf))


def test_the_document_is_archivable_and_brings_its_type_along() -> None:
    """PDF/A-2u by its own words, every font embedded: it looks the same in thirty years."""
    pdf = draw(a_file())
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in pdf
    assert "社会治理工单档案 210882-20261120-00001-5".encode() in pdf
    assert pdf.count(b"/FontFile3") == len(re.findall(rb"/Type\s*/FontDescriptor", pdf)) == 2


def test_the_fonts_are_the_ones_that_were_published() -> None:
    """By SHA-256, as the package's page tells them: a new edition of a small package is looked at before it is used."""
    paths = (fonts.sans_path(), fonts.serif_path())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert found == {
        "NotoSansSC-Regular.otf": "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9",
        "NotoSerifSC-Regular.otf": "e8f396decc1f0963a016a989c3d8852e863d1350996f573860a80767c83a1cd3",
    }


def test_every_page_tells_its_number_and_of_how_many() -> None:
    pages = read(draw(a_file(timeline=tuple(an_entry(n) for n in range(1, 60)))))
    assert len(pages) > 3
    for n, text in enumerate(pages, 1):
        assert f"第{n}页，共{len(pages)}页" in text


def test_a_page_break_never_cuts_a_line_of_the_timeline() -> None:
    """Each event's first word and its hash stand on the same page."""
    entries = tuple(an_entry(n, "说" * (n * 7 % 200), what=f"begin{n}end", hash=f"hash{n}end") for n in range(1, 301))
    pages = read(draw(a_file(timeline=entries)))
    for n in range(1, 300):  # the last one's hash is at the foot of every page
        assert [f"begin{n}end" in text for text in pages] == [f"hash{n}end" in text for text in pages], n
    assert all("序号时间经办" in text for text in pages[2:-1])


def test_a_note_longer_than_a_page_goes_on_on_the_next() -> None:
    long = "".join(f"第{n}段" for n in range(1700))[:9000]
    text = re.sub(
        r"序号时间经办事项与去向|大石桥市·社会治理工单档案|210882-20261120-00001-5",
        "",
        all_text(draw(a_file(timeline=(an_entry(1, long),)))),
    )
    text = re.sub(r"[0-9a-f]{64}|第\d+页，共\d+页", "", text)
    assert long in text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x00b\x1b[31mc\x7f", "a[U+0000]b[U+001B][31mc[U+007F]"),
        ("付款\u202e1000", "付款[U+202E]1000"),
        ("救命😀👨‍👩‍👧", "救命[U+1F600][U+1F468][U+1F469][U+1F467]"),
        ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
        ("half\ud83d", "half[U+D83D]"),
        ("{page} %s {0} \\(", "{page}%s{0}\\("),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_hostile_text_is_spelt_out_and_does_nothing(hostile: str, shown: str) -> None:
    pdf = draw(a_file(timeline=(an_entry(1, hostile, who=(hostile,), facts=(Fact(hostile, hostile),)),)))
    assert all_text(pdf).count(shown) >= 3


@pytest.mark.parametrize(
    "long", ["x" * 5000, "线" * 5000, "（" * 3000, "，" * 3000, "a b " * 1250, " " * 3000, "\n" * 3000]
)
def test_long_texts_of_any_kind_wrap(long: str) -> None:
    facts = (Fact("描述", long), Fact(long[:300], "短"))
    pdf = draw(a_file(matter=Section("事项", facts), timeline=(an_entry(1, long),)))
    assert 1 <= pages_of(pdf) < 200


def test_no_line_is_wider_than_its_column() -> None:
    paper = Paper("zh", "t", "c", NOW)
    text = (
        "电缆，外皮“破损”（铜芯裸露）。" * 40 + " an English_sentence with averyveryveryverylongwordthatneverends" * 5
    )
    for width in (20.0, 33.0, 80.0):
        lines = paper.wrap(text, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert max(paper.width(line.rstrip(), "song", 9.5) for line in lines) <= width + 0.01


def test_no_line_begins_with_a_closing_mark() -> None:
    paper = Paper("zh", "t", "c", NOW)
    for width in range(30, 60):
        lines = paper.wrap("电缆外皮破损，铜芯裸露。请“尽快”处理（三号楼东侧）；幼儿园在旁边！" * 5, float(width))
        assert [line for line in lines[1:] if line[0] in NOT_FIRST] == []


def test_words_stay_together_and_characters_part() -> None:
    assert list(words("把wire 换掉")) == ["把", "wire", " ", "换", "掉"]
    assert parted("电缆破损", "，") == ("电缆破", "损")


def test_the_map_stands_beside_the_place_without_outlines_too() -> None:
    for shapes in ((), (Shape("village", SQUARE),), (Shape("grid", "00"), Shape("own", "zz"))):
        assert pages_of(draw(a_file(map=Map(0.5, 0.5, shapes, "示意图", "合成", "北")))) >= 1


def test_forty_photos_stand_two_in_a_row_and_broken_ones_are_told(tmp_path: Path) -> None:
    photos = []
    for n in range(40):
        path = tmp_path / f"{n}.jpg"
        if n == 7:
            path.write_bytes(b"no picture at all")
        elif n == 8:
            path.write_bytes(a_jpeg(n)[:3000])
        elif n != 9:
            path.write_bytes(a_jpeg(n, (640, 480)))
        photos.append(Photo(str(path), f"照片 {n}"))
    tall = tmp_path / "tall.jpg"
    Image.new("RGB", (10, 4000)).save(tall)
    pdf = draw(a_file(photos=(*photos, Photo(str(tall), "高"))))
    assert pictures(pdf) == 38
    assert all_text(pdf).count("照片文件缺失或损坏") == 3


def test_an_empty_file_is_still_a_document() -> None:
    empty = Section("事项", ())
    pdf = draw(a_file(matter=empty, clocks=empty, standing=empty, place=empty, chain=empty, timeline=()))
    assert "校验通过" in all_text(pdf)


def test_three_hundred_events_are_drawn_in_seconds() -> None:
    """A bound that a busy machine meets too; the benchmark has the figure."""
    began = time.perf_counter()
    pdf = draw(a_file(timeline=tuple(an_entry(n, "电缆破损已处置。" * 8) for n in range(1, 301))))
    assert time.perf_counter() - began < 20
    assert pages_of(pdf) > 15
    assert FLOOR > 0
