"""What happens to a few tickets beside the main line, drawn when they are reported."""

from dataclasses import dataclass
from random import Random

from command_center.tickets.workflow import Action

TWINS = 0.015  # of the reports are about a matter that is being dealt with
CORRECTED = 0.015
TRANSFERRED = 0.015
ASSISTED, HALF_ANSWERED, TWO_ASKED = 0.03, 0.25, 0.4
SUSPENDED, RESUMED_EARLY = 0.012, 0.3
EXTENDED, EXTENDED_WHEN_LATE, GRANTED = 0.012, 0.15, 0.75
REMINDED = 0.03
CALLED, REACHED, SATISFIED = 0.6, 0.8, 0.95
RATED, SCORES = 0.3, {5: 62, 4: 24, 3: 9, 2: 3, 1: 2}  # of those that citizens brought in
REOPENED = 0.008
APPEALED, APPROVED = 0.12, 0.6
COMPLAINT_REOPENS, COMPLAINT_REFUSED = 0.3, 0.15
FROM_CITIZENS = ("hotline", "wechat", "snapshot")


@dataclass
class Fate:
    """What is still going to happen; each is taken off when it has, or cannot any more."""

    twin: str | None = None  # the number of the ticket that this report is about as well
    corrected: bool = False
    transferred: bool = False
    assists: int = 0
    half_answered: bool = False
    suspended: bool = False
    resumed_early: bool = False
    extension: bool = False
    granted: bool = False
    reminded: bool = False
    appeal: bool = False
    approved: bool = False
    score: int = 0
    calls: int = 0
    reached: bool = True
    satisfied: bool = True
    reopened: bool = False
    complaint_reopens: bool = False
    complaint_refused: bool = False

    def happened(self, action: Action) -> None:
        """Take off what was done."""
        self.give_up(action)
        if action is Action.ACCEPT:
            self.corrected = False
        elif action is Action.REOPEN:
            # Whoever had to complain is called again, and is content this time.
            self.calls, self.reached, self.satisfied = 1, True, True

    def give_up(self, action: Action) -> bool:
        """Leave off something that was not necessary. Returns whether it was so."""
        for name, nothing in OPTIONAL.get(action, {}).items():
            setattr(self, name, nothing)
        return action in OPTIONAL


OPTIONAL: dict[Action, dict[str, object]] = {
    Action.MERGE: {"twin": None},
    Action.TRANSFER: {"transferred": False},
    Action.ASSIST: {"assists": 0},
    Action.SUSPEND: {"suspended": False},
    Action.RESUME: {"resumed_early": False},
    Action.REQUEST_EXTENSION: {"extension": False},
    Action.REMIND: {"reminded": False},
    Action.APPEAL: {"appeal": False},
    Action.RATE: {"score": 0},
    Action.CALLBACK: {"calls": 0},
    Action.REOPEN: {"reopened": False, "complaint_reopens": False},
}


def draw_fate(rng: Random, source: str, *, late: bool) -> Fate:
    """Draw what will happen to one ticket. late: it is going to need more time than it has."""

    def chance(share: float) -> bool:
        return rng.random() < share

    return Fate(
        corrected=chance(CORRECTED),
        transferred=chance(TRANSFERRED),
        assists=(1 + chance(TWO_ASKED)) * chance(ASSISTED),
        half_answered=chance(HALF_ANSWERED),
        suspended=chance(SUSPENDED),
        resumed_early=chance(RESUMED_EARLY),
        extension=chance(EXTENDED_WHEN_LATE if late else EXTENDED),
        granted=chance(GRANTED),
        reminded=chance(REMINDED),
        appeal=chance(APPEALED),
        approved=chance(APPROVED),
        score=_score(rng) if source in FROM_CITIZENS and chance(RATED) else 0,
        calls=int(chance(CALLED)),
        reached=chance(REACHED),
        satisfied=chance(SATISFIED),
        reopened=chance(REOPENED),
        complaint_reopens=chance(COMPLAINT_REOPENS),
        complaint_refused=chance(COMPLAINT_REFUSED),
    )


def _score(rng: Random) -> int:
    return rng.choices(list(SCORES), list(SCORES.values()))[0]
