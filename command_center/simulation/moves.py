"""One action of one simulated person."""

from dataclasses import dataclass
from typing import Any

from command_center.tickets.actor import Actor
from command_center.tickets.deed import Form
from command_center.tickets.workflow import Action

# In the details of each event that simulated people cause: by it their deeds are told from those of real people.
SIMULATED = "simulated"


@dataclass(frozen=True)
class Move:
    """One action of one person."""

    action: Action
    by: Actor
    form: Form


def move(action: Action, by: Actor | None, **form: Any) -> Move | None:
    """Let somebody do something; None when nobody is there to do it."""
    return Move(action, by, Form(details={SIMULATED: True}, **form)) if by is not None else None
