"""Who acts on a ticket: a person with an account, or the system itself."""

from dataclasses import dataclass
from typing import Self

from command_center.people.models import Role, User
from command_center.tickets.standing import Caller


@dataclass(frozen=True)
class Actor:
    """The actor as an event remembers it: later changes of the account do not rewrite history."""

    id: int | None
    username: str
    name: str
    role: str
    caller: Caller | None = None

    @classmethod
    def of(cls, user: User) -> Self:
        role, formerly = Role(user.role), frozenset(user.predecessors or ())
        caller = Caller(user.id, role, user.region_code, user.department_code, predecessors=formerly)
        return cls(user.id, user.username, user.name, user.role, caller)


SYSTEM = Actor(None, "system", "系统", "system")
# A reporter who has no account, but the link to their one ticket. Who exactly it was, nobody can know.
CITIZEN = Actor(None, "citizen", "市民", "citizen", Caller(0, None, "", holds_link=True))
