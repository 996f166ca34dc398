"""What the documents must keep up with: commands, settings, their own twins, and whatever they link to."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from app import create_app
from command_center.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ("docs/operators-guide.md", "docs/operators-guide.en.md")
TWINS = (("README.md", "README.zh-CN.md"), ("docs/operators-guide.md", "docs/operators-guide.en.md"))
SKIPPED = {".venv", "node_modules", "var", ".git", ".hypothesis", ".pytest_cache", "bench-results"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED.intersection(path.relative_to(ROOT).parts[:-1]))
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)")
COMMAND = re.compile(r"`(?:make|flask) [a-z][a-z-]+|COMMAND_CENTER_[A-Z_]+|/(?:command|desk|dashboards|m/|docs)\b")
# What Flask and its extensions bring along; not ours to explain.
FLASKS_OWN = {"run", "shell", "routes", "limiter"}
ELSEWHERE = ("http://", "https://", "mailto:")


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def commands(home: Path) -> frozenset[str]:
    app = create_app(Settings(home=home, _env_file=None))
    return frozenset(app.cli.commands) - FLASKS_OWN


def links(path: Path) -> list[str]:
    """The targets of a document's links and images that are files here, and the anchors within it."""
    prose = FENCED.sub("", path.read_text(encoding="utf-8"))
    return [target for target in LINK.findall(prose) if not target.startswith(ELSEWHERE)]


def anchors(path: Path) -> set[str]:
    """The anchors that a document's headings get."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_is_in_the_operators_guide(guide: str, tmp_path: Path) -> None:
    missing = [name for name in sorted(commands(tmp_path)) if f"| `flask {name}` |" not in text(guide)]
    assert missing == []


@pytest.mark.parametrize("guide", GUIDES)
def test_no_command_is_explained_that_does_not_exist(guide: str, tmp_path: Path) -> None:
    told = set(re.findall(r"\bflask ([a-z][a-z-]+)", text(guide)))
    assert told - commands(tmp_path) == set()


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_in_the_operators_guide(guide: str) -> None:
    missing = [name for name in Settings.model_fields if f"| `COMMAND_CENTER_{name.upper()}` |" not in text(guide)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_setting_is_named_that_does_not_exist(document: Path) -> None:
    told = set(re.findall(r"\bCOMMAND_CENTER_([A-Z_]+)\b", document.read_text(encoding="utf-8")))
    assert {name for name in told if not name.startswith("TEST_")} <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_tells_the_defaults_that_hold(guide: str) -> None:
    """Only plain values; what is computed is told in words."""
    wrong = {}
    for name, field in Settings.model_fields.items():
        told = re.search(rf"^\| `COMMAND_CENTER_{name.upper()}` \| `([^`]+)` \|", text(guide), re.MULTILINE)
        if told and isinstance(field.default, bool | int | float | str):
            value = int(field.default) if isinstance(field.default, bool) else field.default
            default = f"{value:g}" if isinstance(value, int | float) else value
            if told[1] != default:
                wrong[name] = (told[1], default)
    assert wrong == {}


@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: twins[0])
def test_twins_have_the_same_headings(twins: tuple[str, str]) -> None:
    """Titles cannot be compared over languages; their levels, in order, can."""
    one, other = (HEADING.findall(FENCED.sub("", text(name))) for name in twins)
    assert one == other


@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: twins[0])
def test_twins_name_the_same_commands(twins: tuple[str, str]) -> None:
    one, other = ({re.sub(r"\s+", " ", found) for found in COMMAND.findall(text(name))} for name in twins)
    assert one == other


@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: twins[0])
def test_twins_show_the_same_examples(twins: tuple[str, str]) -> None:
    """Code blocks line by line, without comments and titles, which are translated."""

    def examples(name: str) -> list[str]:
        lines = "\n".join(FENCED.findall(text(name))).splitlines()
        return [
            kept
            for line in lines
            if (kept := re.sub(r"\s*#.*", "", line)) and kept.isascii() and not kept.startswith("Description=")
        ]

    one, other = ([line for line in examples(name) if "SECRET_KEY=" not in line] for name in twins)
    assert one == other


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_images_lead_somewhere(document: Path) -> None:
    broken = []
    for target in links(document):
        path, _, anchor = unquote(target).partition("#")
        file = document.parent / path if path else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_the_readmes_targets_are_in_the_makefile() -> None:
    told = set(re.findall(r"\bmake ([a-z]+)\b", text("README.md") + text(GUIDES[1])))
    made = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert told & {"demo", "test", "check", "bench", "pictures", "install"} <= made
    assert {"demo", "test", "check", "bench"} <= told


def test_no_picture_is_too_heavy_for_a_readme() -> None:
    pictures = [path for path in (ROOT / "docs" / "images").iterdir() if path.is_file()]
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > 400_000] == []
