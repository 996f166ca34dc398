"""The phone's words stand in its text files, in both languages, and nowhere else."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PHONE = ROOT / "mobile_api"
DESK = ROOT / "dashboards"
SCREENS = {
    "phone": (PHONE / "texts", [*(PHONE / "static").glob("*.js"), *(PHONE / "templates").glob("phone*.html")]),
    "desk": (DESK / "texts_desk", [*(DESK / "static/desk").glob("*.js"), *(DESK / "templates").glob("desk*.html")]),
}
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*|\{#.*?#\}", re.S)


def texts(screen: str, language: str) -> dict[str, str]:
    read: dict[str, str] = json.loads((SCREENS[screen][0] / f"{language}.json").read_text("utf-8"))
    return read


def code(path: Path) -> str:
    return COMMENT.sub("", path.read_text("utf-8"))


def used_keys(screen: str) -> set[str]:
    pattern = re.compile(rf"[\"'`]({screen}\.[a-z0-9_.]+)[\"'`]")
    return {key for path in SCREENS[screen][1] for key in pattern.findall(code(path))}


@pytest.mark.parametrize("screen", SCREENS)
def test_both_languages_have_the_same_keys(screen: str) -> None:
    assert texts(screen, "zh").keys() == texts(screen, "en").keys()


@pytest.mark.parametrize("screen", SCREENS)
def test_both_languages_have_the_same_placeholders(screen: str) -> None:
    english = texts(screen, "en")
    for key, text in texts(screen, "zh").items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), key


@pytest.mark.parametrize("screen", SCREENS)
def test_every_text_that_is_asked_for_exists(screen: str) -> None:
    assert used_keys(screen) - texts(screen, "zh").keys() == set()


@pytest.mark.parametrize("screen", SCREENS)
def test_no_text_is_empty_or_starts_with_another_prefix(screen: str) -> None:
    for language in ("zh", "en"):
        for key, text in texts(screen, language).items():
            assert key.startswith(f"{screen}.") and text.strip(), key


@pytest.mark.parametrize("screen", SCREENS)
def test_no_chinese_is_written_into_the_scripts(screen: str) -> None:
    for path in SCREENS[screen][1]:
        assert not CHINESE.search(code(path)), path.name


@pytest.mark.parametrize("screen", SCREENS)
def test_no_script_writes_html_or_names_another_host(screen: str) -> None:
    for path in SCREENS[screen][1]:
        content = code(path)
        assert "innerHTML" not in content and "insertAdjacentHTML" not in content, path.name
        assert re.findall(r"https?://(?!www\.w3\.org/)", content) == [], path.name


def test_all_nodes_actions_and_roles_have_a_word_on_the_phone() -> None:
    words = texts("phone", "zh")
    screens: dict[str, str] = json.loads((DESK / "texts/zh.json").read_text("utf-8"))
    for kind in ("node", "action", "role"):
        for key, text in screens.items():
            if key.startswith(f"{kind}."):
                assert words.get(f"phone.{key}") == text, key
