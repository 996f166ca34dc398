"""Load departments, categories and case conditions from their CSV files, and show them as a tree.

Loading again updates what is there; a row that left the file becomes inactive, never deleted: old tickets name it.
"""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.categories.models import Category, Condition, Department


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def load(session: Session, folder: Path) -> dict[str, int]:
    """Load the three files of `data/categories`. Returns how many of each."""
    departments = rows(folder / "departments.csv")
    for row in departments:
        session.merge(
            Department(code=row["code"], name=row["name_zh"], name_en=row["name_en"], kind=row["kind"], active=True)
        )
    categories = sorted(rows(folder / "categories.csv"), key=lambda row: row["level"] != "major")
    for row in categories:
        session.merge(
            Category(
                code=row["code"],
                parent_code=row["parent_code"] or None,
                name=row["name_zh"],
                name_en=row["name_en"],
                active=True,
            )
        )
    session.flush()
    conditions = rows(folder / "conditions.csv")
    for position, row in enumerate(conditions):
        session.merge(_condition(row, position))
    session.flush()
    _retire(session, Department, departments)
    _retire(session, Category, categories)
    _retire(session, Condition, conditions)
    return {"departments": len(departments), "categories": len(categories), "conditions": len(conditions)}


def _condition(row: dict[str, str], position: int) -> Condition:
    return Condition(
        code=row["code"],
        minor_code=row["minor_code"],
        position=position,
        name=row["name_zh"],
        name_en=row["name_en"],
        closing=row["closing_zh"],
        closing_en=row["closing_en"],
        limit_value=Decimal(row["limit_value"]),
        limit_unit=row["limit_unit"],
        settling_tier=row["settling_tier"],
        department_code=row["department_code"],
        urgent=row["urgent"] == "1",
        active=True,
    )


def _retire(session: Session, table: Any, present: list[dict[str, str]]) -> None:
    codes = {row["code"] for row in present}
    for row in session.scalars(select(table).where(table.active.is_(True))):
        row.active = row.code in codes


def tree(session: Session) -> list[dict[str, Any]]:
    """Show the categories as a tree: major classes, their minor classes, their case conditions."""
    majors = session.scalars(select(Category).where(Category.active.is_(True)).order_by(Category.code)).all()
    conditions = session.scalars(
        select(Condition).where(Condition.active.is_(True)).order_by(Condition.minor_code, Condition.position)
    ).all()
    under: dict[str, list[dict[str, Any]]] = {}
    for condition in conditions:
        under.setdefault(condition.minor_code, []).append(_leaf(condition))
    minors: dict[str, list[dict[str, Any]]] = {}
    for row in majors:
        if row.parent_code:
            minors.setdefault(row.parent_code, []).append(_branch(row, "minor", under.get(row.code, [])))
    return [_branch(row, "major", minors.get(row.code, [])) for row in majors if not row.parent_code]


def _branch(row: Category, level: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "name_en": row.name_en, "level": level, "children": children}


def _leaf(condition: Condition) -> dict[str, Any]:
    return {
        "code": condition.code,
        "name": condition.name,
        "name_en": condition.name_en,
        "level": "condition",
        "limit": {"value": float(condition.limit_value), "unit": condition.limit_unit},
        "settling_tier": condition.settling_tier,
        "department": condition.department_code,
        "urgent": condition.urgent,
        "children": [],
    }
