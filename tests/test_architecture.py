"""Who imports whom, as the architecture says: the contracts stand in pyproject.toml, import-linter checks them."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in PROJECT["contracts"]}
ROOMS = [room.strip(" ()") for layer in CONTRACTS["rooms"]["layers"] for room in layer.split("|")]


def test_every_contract_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_part_of_the_command_center_stands_outside_the_rooms() -> None:
    folder = ROOT / "command_center"
    parts = {f"command_center.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"}
    parts |= {f"command_center.{path.parent.name}" for path in folder.glob("*/__init__.py")}
    assert parts <= set(ROOMS)


def test_what_is_below_the_web_is_forbidden_to_know_flask() -> None:
    below = ROOMS[ROOMS.index("command_center.simulation") :]
    there = [room for room in below if (ROOT / room.replace(".", "/")).exists() or (ROOT / f"{room}.py").exists()]
    assert set(there) <= set(CONTRACTS["no-flask"]["source_modules"])


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("command_center", "gis", "mobile_api", "dashboards")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden
