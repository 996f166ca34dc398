"""The page of a picture: nothing from elsewhere, labels as text, what is synthetic says so."""

import base64
import hashlib
import re
from pathlib import Path

import folium
import pytest

from gis.maps import draw, leaflet_style
from gis.picture import Area, Dot
from gis.script_hashes import script_hashes
from tests.gis.pictures import NASTY, a_picture, square

LEAFLET = Path(__file__).resolve().parents[2] / "node_modules" / "leaflet" / "dist"


def a_page(**changes: object) -> str:
    return draw(a_picture(**changes), LEAFLET)


def test_the_page_asks_for_nothing_at_all() -> None:
    html = a_page()
    assert not re.findall(r"<(?:script|img|iframe|link)[^>]*\b(?:src|href)=", html)
    assert not re.findall(r"url\((?!data:|#|\"?\$)[^)]*\)", html)
    assert "sourceMappingURL" not in html


def test_leaflet_s_images_are_in_its_style_sheet() -> None:
    style = leaflet_style(LEAFLET)
    assert "url(images/" not in style
    assert "url(data:image/png;base64," in style


def test_folium_s_own_class_is_left_as_it_was() -> None:
    before = list(folium.Map.default_js)
    a_page()
    assert folium.Map.default_js == before


@pytest.mark.parametrize("field", ["title", "subtitle", "mark"])
def test_markup_in_the_frame_is_shown_as_text(field: str) -> None:
    html = a_page(**{field: NASTY})
    assert "<img src=x" not in html
    assert "{{ 7*7 }}" in html


def test_markup_in_names_and_tips_stays_data() -> None:
    areas = (Area("county", square(122.4, 40.5, 122.6, 40.6), 0, NASTY, NASTY),)
    html = a_page(areas=areas, dots=(Dot(122.5, 40.55, 2, NASTY),))
    assert "<img src=x" not in html
    assert html.count("</script>") == len(re.findall(r"<script", html))
    assert html.count("{{ 7*7 }}") == 3


def test_what_is_synthetic_says_so_and_what_is_not_does_not() -> None:
    assert "合成边界，仅供演示" in a_page()
    assert 'class="synthetic"' not in a_page(mark="")


def test_title_legend_rule_table_and_sources_are_shown() -> None:
    html = a_page()
    for words in ("大石桥市上报密度图", "逾期占比", "不足 5 件", "平均 9.7% 上下", "各处逾期", "来源：工单库。"):
        assert words in html


def test_each_hatch_has_its_pattern() -> None:
    html = a_page()
    assert '<pattern id="hatch-1"' in html
    assert '"hatch": 1' in html or '"hatch":1' in html


def test_every_inline_script_has_its_hash_for_the_content_security_policy() -> None:
    html = a_page()
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts}
    assert len(scripts) >= 2
    assert hashes <= set(script_hashes(html))


def test_a_map_without_areas_or_marks_is_a_map() -> None:
    assert "大石桥市上报密度图" in a_page(areas=(), dots=())
