"""How a ticket will fare, drawn when it is reported: who is quick, who passes it on, who lets it lie.

Each town has its own diligence, so that their figures differ and a ranking has something to show.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from command_center.simulation.fate import Fate, draw_fate
from command_center.tickets.standing import Tier
from command_center.tickets.workflow import Action

SLOWEST, QUICKEST = 0.62, 1.45
SOURCES = {"patrol": 64, "hotline": 16, "wechat": 10, "snapshot": 7, "hall": 3}
REJECTED = 0.035
LATE = 0.1
QUICK = 0.3  # a second time it goes quickly
STUCK = 0.25  # of what is late: far too late
IDLE = {Tier.VILLAGE: 0.03, Tier.TOWN: 0.02}
SELF_HANDLED = 0.45
PASSED_UP = 0.03
RETURNED = 0.07
MORE_TIME = 1.6  # of the limit: what an extension that is granted suffices for
STARTED = 0.25
FAILED_CHECK = 0.05
CLOSED_FROM_THE_DESK = 0.08
SUPERVISED = 0.035
SUPERVISED_WHEN_LATE = 0.4


@dataclass
class Temper:
    """What is going to happen to one ticket. The counts go down as it happens.

    `share`: how much of the time limit is used when the matter is settled; `pace`: above 1 is slow;
    `idle`: the tiers at which nobody touches it until its time runs out.
    """

    source: str
    share: float
    pace: float
    idle: frozenset[Tier]
    rejected: bool
    self_handled: bool
    passed_up: bool
    desk_closes: bool
    returns: int
    starts: int
    failures: int
    supervisions: int
    fate: Fate

    @property
    def is_late(self) -> bool:
        return self.share > 1

    def happened(self, action: Action, *, failed: bool = False) -> None:
        """Note that something planned was done, so that it is not done again."""
        self.fate.happened(action)
        if action is Action.RETURN:
            self.returns -= 1
        elif action is Action.START:
            self.starts -= 1
        elif action is Action.SUPERVISE:
            self.supervisions -= 1
        elif action is Action.ESCALATE:
            self.passed_up = False
        elif action is Action.VERIFY and failed:
            self.failures -= 1
        elif action is Action.REOPEN:
            self.idle, self.passed_up, self.returns, self.share = frozenset(), False, 0, min(self.share, QUICK)


def diligence(towns: Sequence[str]) -> dict[str, float]:
    """Give each town its diligence, the same in every run: spread evenly between the slowest and the quickest."""
    step = (QUICKEST - SLOWEST) / max(1, len(towns) - 1)
    grades = [SLOWEST + n * step for n in range(len(towns))]
    Random("diligence").shuffle(grades)
    return dict(zip(towns, grades, strict=True))


def draw(rng: Random, diligent: float, source: str, *, settled_low: bool) -> Temper:
    """Draw a ticket's temper. settled_low: village or town may settle it, and has a quarter of the limit for it."""
    is_late = rng.random() < LATE / diligent**2
    supervised = rng.random() < (SUPERVISED_WHEN_LATE if is_late else SUPERVISED)
    temper = Temper(
        source=source,
        share=_late_share(rng) if is_late else _share(rng, settled_low),
        pace=rng.lognormvariate(0, 0.35) / math.sqrt(diligent),
        idle=frozenset(tier for tier, chance in IDLE.items() if rng.random() < chance / diligent**2),
        rejected=rng.random() < REJECTED,
        self_handled=rng.random() < SELF_HANDLED,
        passed_up=rng.random() < PASSED_UP,
        desk_closes=rng.random() < CLOSED_FROM_THE_DESK,
        returns=int(rng.random() < RETURNED),
        starts=int(rng.random() < STARTED),
        failures=int(rng.random() < FAILED_CHECK),
        supervisions=int(supervised),
        fate=draw_fate(rng, source, late=is_late),
    )
    if is_late and temper.fate.extension and temper.fate.granted:
        temper.share = min(temper.share, MORE_TIME)
    return temper


def draw_source(rng: Random) -> str:
    """Choose by which channel a report comes in."""
    return rng.choices(list(SOURCES), list(SOURCES.values()))[0]


def _late_share(rng: Random) -> float:
    return rng.uniform(4, 45) if rng.random() < STUCK else 1.05 + rng.expovariate(1.3)


def _share(rng: Random, settled_low: bool) -> float:
    if rng.random() < 0.15:
        return rng.uniform(0.4, 0.85)
    return rng.triangular(0.05, 0.22, 0.12) if settled_low else rng.triangular(0.08, 0.45, 0.2)
