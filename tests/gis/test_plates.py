"""The sheet for print: as large and as fine as it says, true to scale, with its words as text."""

import io
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
import shapely
from PIL import Image

from gis.ground import Ground
from gis.labels import Wanted, place
from gis.lettering import clean, width_mm, wrapped
from gis.metres import distance_m
from gis.picture import Table
from gis.plates import PAPERS, Lie, Paper, draw, lay_out
from tests.gis.pictures import NASTY, a_picture, crowd

POINT_MM = 25.4 / 72


def words_of(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0]
    return str(page.get_textpage().get_text_range()).replace("\r\n", "")


@pytest.mark.parametrize(("paper", "lie"), [("A4", "landscape"), ("A3", "portrait")])
def test_a_png_has_300_dpi_and_the_paper_s_size(paper: Paper, lie: Lie) -> None:
    image = Image.open(io.BytesIO(draw(a_picture(), "png", paper, lie)))
    wide, high = PAPERS[paper] if lie == "landscape" else PAPERS[paper][::-1]
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert image.size == (round(wide / 25.4 * 300), round(high / 25.4 * 300))


@pytest.mark.parametrize(("paper", "lie"), [("A4", "portrait"), ("A3", "landscape")])
def test_a_pdf_has_the_paper_s_size(paper: Paper, lie: Lie) -> None:
    wide, high = pypdfium2.PdfDocument(draw(a_picture(), "pdf", paper, lie))[0].get_size()
    expected = PAPERS[paper] if lie == "landscape" else PAPERS[paper][::-1]
    assert (wide * POINT_MM, high * POINT_MM) == pytest.approx(expected, abs=0.2)


def test_a_pdf_holds_vectors_and_its_words_as_text() -> None:
    pdf = draw(a_picture(), "pdf")
    words = words_of(pdf)
    for expected in (
        *("大石桥市上报密度图", "合成边界，仅供演示", "逾期占比", "不足 5 件", "平均 9.7% 上下"),
        *("东镇", "各处逾期", "来源：工单库。", "第 1 版", "北", "比例尺 1:"),
    ):
        assert expected in words
    assert b"/Subtype /Image" not in pdf


def test_a_dollar_sign_is_a_dollar_sign() -> None:
    whole = a_picture(title="$x_{$")
    words = words_of(draw(replace(whole, areas=(replace(whole.areas[0], name="$a_{$"), *whole.areas[1:])), "pdf"))
    assert "$x_{$" in words and "$a_{$" in words


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert draw(a_picture(), "pdf") == draw(a_picture(), "pdf")
    assert draw(a_picture(), "png", dpi=60) == draw(a_picture(), "png", dpi=60)


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_the_scale_bar_is_true_on_the_ground(paper: Paper) -> None:
    picture = a_picture()
    plate = lay_out(picture, paper, "landscape")
    bars = [patch for patch in plate.page.patches if patch.get_gid() == "scale-bar"]
    drawn_mm = sum(bar.get_width() for bar in bars)
    # How many metres of ground lie under so many millimetres of the sheet, measured along the ellipsoid.
    ground = Ground(picture.areas)
    west, south, east, _ = ground.bounds
    (lon, lat), (other_lon, other_lat) = ground.back(np.array([(west, south), (east, south)]))
    metres_per_mm = distance_m(lon, lat, other_lon, other_lat) / ((east - west) / plate.metres_per_mm)
    assert drawn_mm * metres_per_mm == pytest.approx(plate.bar_m, rel=0.01)
    assert drawn_mm > 20


def test_names_do_not_lie_on_one_another_nor_beyond_the_map() -> None:
    plate = lay_out(a_picture(areas=crowd(17)), "A4", "landscape")
    boxes = [label.box for label in plate.labels]
    assert len(boxes) == 17
    for n, box in enumerate(boxes):
        assert 0 < box[0] < box[2] < plate.width and 0 < box[1] < box[3] < plate.height
        for other in boxes[n + 1 :]:
            assert box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]


def test_a_name_without_room_inside_stands_beside_with_a_line() -> None:
    plate = lay_out(a_picture(areas=crowd(17)), "A4", "landscape")
    assert any(label.to for label in plate.labels)


def test_a_name_keeps_off_the_marks_where_it_can() -> None:
    wanted = [Wanted("东镇", shapely.box(0, 0, 60, 40), 8.5)]
    sheet = (-50.0, -50.0, 110.0, 90.0)
    (free,) = place(wanted, np.zeros((0, 2)), sheet)
    (moved,) = place(wanted, np.array([(free.x, free.y)]), sheet)
    assert (moved.x, moved.y) != (free.x, free.y)
    assert not (moved.box[0] <= free.x <= moved.box[2] and moved.box[1] <= free.y <= moved.box[3])
    assert moved.to is None


def test_rows_without_room_are_counted() -> None:
    rows = tuple((f"第{n}村", str(n)) for n in range(300))
    table = Table("各村", ("村", "件"), rows, "另有 {n} 行")
    words = words_of(draw(a_picture(table=table), "pdf"))
    left = int(words.split("另有 ")[1].split(" ")[0])
    assert 0 < left < 300
    assert f"第{300 - left - 1}村" in words
    assert f"第{300 - left}村" not in words


def test_a_character_that_the_font_lacks_is_told_and_breaks_nothing() -> None:
    assert clean("甲😀乙\n丙") == "甲〓乙 丙"
    assert draw(a_picture(title=NASTY), "pdf").startswith(b"%PDF-")


def test_a_long_title_stays_on_the_sheet() -> None:
    plate = lay_out(a_picture(title="很长的标题" * 12), "A4", "portrait")
    title = next(text for text in plate.page.texts if text.get_text().startswith("很长"))
    assert width_mm(title.get_text(), title.get_fontsize()) <= plate.width - 20


def test_no_line_of_type_is_wider_than_its_column_nor_begins_with_a_full_stop() -> None:
    lines = wrapped("来源：网格化指挥中心工单与地图数据，数据截至 2026-11-21 18:36（Asia/Shanghai）。" * 3, 60, 7)
    assert all(width_mm(line, 7) <= 60 for line in lines)
    assert not any(line[0] in "，。）" for line in lines)


def test_a_sheet_without_anything_on_the_map_is_a_sheet() -> None:
    empty = replace(a_picture(), areas=(), dots=(), legends=(), table=None)
    assert "大石桥市上报密度图" in words_of(draw(empty, "pdf"))
