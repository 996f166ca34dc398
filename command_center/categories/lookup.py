"""Finding what a code stands for."""

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from command_center.categories.models import Category, Condition, Department
from command_center.errors import UnknownCategory, UnknownDepartment

# By the code of the condition itself or of its minor class; the class's first condition is its default.
CONDITION = (
    select(Condition)
    .join(Condition.minor)
    .where(
        or_(Condition.code == bindparam("code"), Condition.minor_code == bindparam("code")),
        Condition.active.is_(True),
        Category.active.is_(True),
    )
    .order_by(Condition.position)
    .limit(1)
    .options(contains_eager(Condition.minor).joinedload(Category.parent), joinedload(Condition.department))
)


def find_condition(session: Session, code: str) -> Condition:
    """Find the case condition a report names: itself, or the first one of the minor class it names.

    Raises: UnknownCategory, also for a major class, which is too coarse to set a limit.
    """
    condition = session.scalar(CONDITION, {"code": code[:17]})
    if condition is None:
        raise UnknownCategory(category=code[:32], field="category")
    return condition


def find_department(session: Session, code: str) -> Department:
    """Find an active department. Raises: UnknownDepartment."""
    department = session.get(Department, code[:33])
    if department is None or not department.active:
        raise UnknownDepartment(department=code[:64], field="department")
    return department
