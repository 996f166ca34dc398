"""The screens' texts: the same keys in both languages, none missing, and nothing asked from another host."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

DASHBOARDS = Path(__file__).resolve().parents[2] / "dashboards"
FOLDERS = tuple(sorted(path.name for path in DASHBOARDS.glob("texts*")))
SOURCES = sorted([*DASHBOARDS.rglob("*.html"), *(DASHBOARDS / "static").rglob("*.js"), *DASHBOARDS.glob("*.py")])
# t("key"), t('key'), t(`key`); a key that goes on (${…}, ~, +) is a prefix.
KEY = re.compile(r"""\bt\(\s*(["'`])([a-z_]+\.[a-z0-9_.]*)(\$\{|\1)(\s*(?:~|\+))?""")
ELSEWHERE = re.compile(r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+""", re.IGNORECASE)
# Names of XML dialects look like addresses and are never fetched.
NAMES = ("http://www.w3.org/",)


@cache
def texts(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in FOLDERS:
        path = DASHBOARDS / folder / f"{language}.json"
        if path.exists():
            found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def used(source: Path) -> list[tuple[str, bool]]:
    """The keys a source asks for, and whether it goes on with something that is known only when it runs."""
    return [
        (key, ends == "${" or bool(joined)) for _, key, ends, joined in KEY.findall(source.read_text(encoding="utf-8"))
    ]


def test_both_languages_have_the_same_keys() -> None:
    assert texts("zh").keys() == texts("en").keys()


def test_no_text_is_empty() -> None:
    assert [key for language in ("zh", "en") for key, text in texts(language).items() if not text.strip()] == []


def test_both_languages_fill_in_the_same_facts() -> None:
    def facts(language: str) -> dict[str, set[str]]:
        return {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in texts(language).items()}

    zh, en = facts("zh"), facts("en")
    assert {key for key in zh if zh[key] != en.get(key)} == set()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(DASHBOARDS)))
def test_every_key_that_is_asked_for_exists(source: Path) -> None:
    missing = [
        key
        for key, goes_on in used(source)
        if (not any(known.startswith(key) for known in texts("zh")) if goes_on else key not in texts("zh"))
    ]
    assert missing == []


def test_the_keys_are_really_found_in_the_sources() -> None:
    """A pattern that finds nothing would make the test above pass for nothing."""
    assert sum(len(used(source)) for source in SOURCES) > 150


@pytest.mark.parametrize(
    "source",
    sorted(path for path in DASHBOARDS.rglob("*") if path.suffix in {".html", ".js", ".css", ".svg"}),
    ids=lambda path: str(path.relative_to(DASHBOARDS)),
)
def test_nothing_is_asked_from_another_host(source: Path) -> None:
    found = ELSEWHERE.findall(source.read_text(encoding="utf-8").replace(NAMES[0], ""))
    assert found == []
