"""The printable situation map: our own assets only, labels as text, both languages, marked synthetic."""

import base64
import hashlib
import re

import folium
import pytest
import shapely

from gis.maps import Dot, Outline, situation_map

NASTY = "</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}😀"


def a_map(**options):
    outlines = [
        Outline("大石桥市", "county", shapely.box(122.1, 40.3, 123.0, 40.9)),
        Outline(NASTY, "town", shapely.box(122.4, 40.5, 122.6, 40.7), named=True),
    ]
    dots = [Dot(122.5, 40.6, "red", NASTY)]
    usual = {"title": "态势图", "date": "2026年11月21日"}
    return situation_map(outlines, dots, **(usual | options))


def test_no_address_outside_the_machine_is_in_the_page():
    assert not re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", a_map().html)


def test_scripts_and_styles_come_from_our_own_assets():
    links = re.findall(r'(?:src|href)="([^"]+)"', a_map(asset_base="/assets/").html)
    assert sorted(links) == ["/assets/leaflet/leaflet.css", "/assets/leaflet/leaflet.js"]


def test_folium_s_own_class_is_left_as_it_was():
    before = list(folium.Map.default_js)
    a_map()
    assert folium.Map.default_js == before


@pytest.mark.parametrize("option", ["title", "date"])
def test_markup_in_the_frame_is_shown_as_text(option):
    html = a_map(**{option: NASTY}).html
    assert "<img src=x" not in html
    assert "{{ 7*7 }}" in html


def test_markup_in_labels_and_names_stays_data():
    html = a_map().html
    assert "<img" not in html
    assert html.count("</script>") == len(re.findall(r"<script", html))
    assert html.count("{{ 7*7 }}") == 2


def test_the_page_says_that_outlines_are_synthetic():
    assert "合成边界" in a_map().html
    assert "Synthetic outlines" in a_map(language="en").html


def test_real_outlines_are_not_called_synthetic():
    assert "合成边界" not in a_map(synthetic=False).html


def test_title_date_and_count_are_shown():
    html = a_map().html
    assert all(words in html for words in ("态势图", "2026年11月21日", "工单 1 件"))


def test_each_colour_has_its_own_shape_and_words_in_the_legend():
    legend = a_map(language="en").html.split('class="frame legend"')[1]
    assert all(words in legend for words in ("in time", "due soon", "overdue", "suspended"))
    assert all(shape in legend for shape in ("<circle", "<path", "<rect"))


def test_every_inline_script_has_its_hash_for_the_content_security_policy():
    page = a_map()
    scripts = re.findall(r"<script>(.*?)</script>", page.html, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts}
    assert hashes and hashes == set(page.script_hashes)


def test_an_operator_s_own_tiles_can_be_laid_under():
    html = a_map(tiles="/tiles/{z}/{x}/{y}.png", attribution="天地图").html
    assert "/tiles/{z}/{x}/{y}.png" in html


def test_a_map_without_outlines_or_tickets_is_a_map():
    assert "工单 0 件" in situation_map([], [], title="空", date="").html
