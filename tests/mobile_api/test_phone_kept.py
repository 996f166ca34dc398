"""What the phone keeps to work without network: every file it asks for, and each of them is there."""

import re
from pathlib import Path

import pytest

from app import create_app
from mobile_api.phone import shell
from tests.county import settings_of

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "mobile_api" / "static"
IMPORT = re.compile(r"""(?:from|import\(?)\s*["']([^"']+)["']""")
SERVED = {"/m/static/": STATIC, "/static/": ROOT / "dashboards" / "static"}


def imports(address: str) -> list[str]:
    """The addresses of the modules that a kept script imports."""
    folder = next((root for start, root in SERVED.items() if address.startswith(start)), None)
    if folder is None or not address.endswith(".js"):
        return []
    start = next(start for start in SERVED if address.startswith(start))
    text = (folder / address.removeprefix(start)).read_text(encoding="utf-8")
    return [name if name.startswith("/") else f"/m/static/{name.removeprefix('./')}" for name in IMPORT.findall(text)]


@pytest.mark.parametrize("address", [one for one in shell()[0] if one.endswith(".js")])
def test_whatever_a_kept_script_imports_is_kept_too(address: str) -> None:
    assert [name for name in imports(address) if name not in shell()[0]] == []


def test_the_imports_are_really_found() -> None:
    assert "/static/shared/uuid.js" in imports("/m/static/action_form.js")
    assert "/m/static/form_fields.js" in imports("/m/static/action_form.js")


def test_every_kept_file_is_served(tmp_path: Path) -> None:
    """One that is not would keep the phone from being installed at all."""
    client = create_app(settings_of(tmp_path)).test_client()
    assert {name: status for name in shell()[0] if (status := client.get(name).status_code) != 200} == {}
