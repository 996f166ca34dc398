"""A state machine that lets people and time loose on a few tickets, and looks after every step.

The real thing runs on a real database by the same verbs as always. What must hold is kept in `model` in the plainest
way: where a ticket stands, in whose hands, when its two clocks end, how many events it has.
"""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select, update

from command_center.categories.models import Condition
from command_center.deadlines.working_time import Unit
from command_center.errors import CommandCenterError
from command_center.escalation.sweep import sweep
from command_center.events.log import verify
from command_center.events.models import TicketEvent
from command_center.regions.editions import About, store
from command_center.statistics.consumer import rebuild
from command_center.statistics.models import TicketFact
from command_center.tickets.actions import act, locked
from command_center.tickets.deed import Form
from command_center.tickets.intake import Draft, report
from command_center.tickets.models import DueStep, Ticket
from command_center.tickets.moving import Followed, follow
from command_center.tickets.office import Office
from command_center.tickets.record import standing_of
from command_center.tickets.standing import TIERS, Node, Standing, Tier
from command_center.tickets.workflow import Action, Clocks, Move, Rule, after, allowed, find_rule
from gis.grid_index import GridIndex
from tests.builders import TOWN, at, spot
from tests.county import County
from tests.life.model import Model
from tests.regions.maps import Map, second_edition

PEOPLE = ("grid", "village", "town", "county", "department", "d.police", "hotline", "leader", "admin", "v210882003001")
# A bare cable (2 urgent hours, county), a record (5 working days, village), a matter for the town (3 working days).
CATEGORIES = ("0507", "0108", "0109")
BEGIN = at("2026-03-02 08:30")
MOST_TICKETS = 3
MOST_NEW_MAPS = 2
# So inexact that a place may lie in several grids.
ACCURACY_M = 400.0


@dataclass
class Fixed:
    """A county that has this office and looks for nothing newer."""

    office: Office
    layers: Any = None

    def forget(self) -> None:
        """Nothing to forget."""

    def refresh(self) -> None:
        """Nothing to look for."""


class LifeOfTickets(RuleBasedStateMachine):
    """Steps: report, act as somebody, change the map, let time pass, sweep. After each, everything must hold."""

    county: ClassVar[County]
    steps: ClassVar[int] = 0
    accepted: ClassVar[int] = 0
    maps: ClassVar[list[GridIndex]] = []

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.models: dict[int, Model] = {}
        self.new_maps = 0
        self.place = spot(self.county)
        if not self.maps:
            self._bring_two_maps()

    def _bring_two_maps(self) -> None:
        """The county gets a second edition, in which the grid of all these tickets is split and others are joined."""
        self.county.center.county = Fixed(self.county.office)
        with self.county.sessions.begin() as session:
            store(session, second_edition().done(), About(), BEGIN)
        for plan in (second_edition(), Map()):
            near = (boundary for boundary in plan.done() if boundary.code.startswith(TOWN[:9]))
            type(self).maps.append(GridIndex.of(near))

    def _near(self) -> list[str]:
        """Where the place may lie on the map as it is now."""
        return [one.grid for one in self.county.office.grids.circle(*self.place, ACCURACY_M).candidates]

    def teardown(self) -> None:
        """Look at the whole, then let the tickets of this story rest."""
        self._look_at_the_record()
        with self.county.sessions.begin() as session:
            rest = update(DueStep).where(DueStep.ticket_id.in_(self.models), DueStep.done_at.is_(None))
            session.execute(rest.values(done_at=self.now, outcome="cancelled"))
            session.execute(update(Ticket).where(Ticket.closed_at.is_(None)).values(closed_at=self.now, lon=0.0))

    @initialize(category=st.sampled_from(CATEGORIES), later=st.integers(0, 14 * 86_400))
    def begin(self, category: str, later: int) -> None:
        self.now = BEGIN + timedelta(seconds=later)
        self._report(category)

    @precondition(lambda self: len(self.models) < MOST_TICKETS)
    @rule(category=st.sampled_from(CATEGORIES))
    def report(self, category: str) -> None:
        """Somebody reports another matter."""
        self._report(category)

    def _report(self, category: str) -> None:
        type(self).steps += 1
        lon, lat = self.place
        with self.county.sessions.begin() as session:
            draft = Draft(category, lon, lat, accuracy_m=ACCURACY_M)
            made = report(session, self.county.office, draft, self.county.actor("grid"), self.now)
            condition = session.get_one(Condition, made.condition_code)
            unit = Unit(condition.limit_unit)
            self.models[made.id] = Model.reported(made.id, float(condition.limit_value), unit, self.now, made.grid_code)

    @rule(seed=st.integers(0, 2**32))
    def somebody_acts(self, seed: int) -> None:
        """Mostly somebody who may, sometimes anybody with anything; a few in a row."""
        dice = random.Random(seed)
        for _ in range(dice.randint(1, 4)):
            type(self).steps += 1
            self.now += timedelta(seconds=dice.randint(1, 120))
            model = self.models[dice.choice(sorted(self.models))]
            who, action = self._who_and_what(model, dice)
            self._act(model, who, action, self._form(model, dice, action))
            self.everything_is_as_the_model_says()

    def _who_and_what(self, model: Model, dice: random.Random) -> tuple[str, Action]:
        if dice.random() < 0.2:
            return dice.choice(PEOPLE), dice.choice(list(Action))
        with self.county.sessions.read() as session:
            standing = standing_of(session.get_one(Ticket, model.id))
        offers = []
        for name in PEOPLE:
            caller = self.county.actor(name).caller
            assert caller is not None
            offers += [(name, rule.action) for rule in allowed(standing, caller, self.now)]
        # Reminders and orders are always possible and would drown the rest.
        rare = (Action.REMIND, Action.SUPERVISE)
        weights = [0.1 if action in rare else 1.0 for _, action in offers]
        if not offers:
            return dice.choice(PEOPLE), dice.choice(list(Action))
        return dice.choices(offers, weights)[0]

    def _form(self, model: Model, dice: random.Random, action: Action) -> Form:
        others = [other for other in self.models.values() if other.id != model.id]
        into = dice.choice(others).id if others else model.id
        with self.county.sessions.read() as session:
            number = session.get_one(Ticket, into).number
        lon, lat = self.place
        usual: dict[str, Any] = {
            "note": dice.choice(["说明", "说明", "说明", ""]),
            "passed": dice.choice([True, True, True, False]),
            "lon": lon,
            "lat": lat if dice.random() < 0.9 else lat + 0.01,
            "colour": dice.choice(["red", "yellow", "blue"]),
            "until": self.now + timedelta(hours=dice.choice([-1, 1, 30, 300, 8000, 9000])),
            "into": number,
            "score": dice.choice([1, 3, 5]),
            "reached": dice.choice([True, False]),
            "satisfied": dice.choice([True, False]),
            "overrule": dice.choice([True, False]),
        }
        if action in (Action.DISPATCH, Action.TRANSFER):
            usual |= dice.choice([{"department": "power"}, {"department": "police"}, {"to": "village"}, {"to": "grid"}])
        if action is Action.RELOCATE:
            usual["to"] = dice.choice([*self._near(), self._near()[0], "2108820040041999", None])
        if action is Action.ASSIST:
            usual["departments"] = dice.choice([["police"], ["power"], ["police", "power"], []])
        return Form(**usual)

    def _act(self, model: Model, who: str, action: Action, form: Form) -> None:
        office, actor = self.county.office, self.county.actor(who)
        assert actor.caller is not None
        before = self._row(model.id)
        try:
            with self.county.sessions.begin() as session:
                ticket = locked(session, model.id)
                was = standing_of(ticket)
                act(session, office, ticket, action, form, actor, self.now)
        except CommandCenterError as refused:
            assert refused.status in (403, 409, 422), refused
            assert self._row(model.id) == before, "a refused action changes nothing"
            return
        type(self).accepted += 1
        self._learn(model, find_rule(action, was, actor.caller, self.now), form, was)

    def _row(self, ticket_id: int) -> tuple[Any, ...]:
        with self.county.sessions.read() as session:
            row = session.execute(select(Ticket.__table__).where(Ticket.__table__.c.id == ticket_id)).one()
            count = session.scalar(select(func.count()).where(TicketEvent.ticket_id == ticket_id))
            return (*row, count)

    def _learn(self, model: Model, rule: Rule, form: Form, was: Standing) -> None:
        """Move the model as the words of the rules say."""
        office = self.county.office
        to, tier = after(rule, was, failed=form.passed is False)
        model.events, model.version = model.events + 1, model.version + (not rule.quiet)
        if rule.action is Action.MERGE:
            main = next(other for other in self.models.values() if other.id != model.id and self._is(other, form.into))
            model.merged_into, main.events = main.id, main.events + 1
        if rule.clocks is Clocks.STOP:
            assert form.until is not None
            model.suspend(self.now, form.until, office)
        if rule.clocks is Clocks.GO_ON:
            model.resume(self.now)
        if rule.clocks is Clocks.EXTEND and form.passed:
            model.extend()
        if rule.clocks is Clocks.ANEW:
            if model.merged_into is not None:
                self.models[model.merged_into].events += 1
            model.reopen(self.now)
        model.node, model.tier = to, tier
        if rule.move is not Move.STAY:
            model.start_tier(self.now)
        if rule.action in (Action.DISPATCH, Action.TRANSFER):
            model.hands = (form.department, self.county.user(form.to).id if form.to else None)
        elif to in (Node.CLAIM, Node.DISPATCH):
            model.hands = (None, None)
        if rule.action is Action.RELOCATE:
            assert form.to in self._near(), "only where the place may lie"
            model.grid, model.chosen = form.to, form.to != self._near()[0]

    def _is(self, model: Model, number: str | None) -> bool:
        with self.county.sessions.read() as session:
            return session.get_one(Ticket, model.id).number == number

    @precondition(lambda self: self.new_maps < MOST_NEW_MAPS)
    @rule()
    def a_new_map(self) -> None:
        """Another edition of the map takes effect: open tickets follow it, and nothing else of them changes."""
        type(self).steps += 1
        self.new_maps += 1
        number = self.county.office.map_edition + 1
        office = replace(self.county.office, grids=self.maps[number % 2], map_edition=number)
        self.county.center.county = Fixed(office)
        for model in self.models.values():
            if not model.is_open:
                continue
            with self.county.sessions.begin() as session:
                found = follow(session, office, locked(session, model.id), {}, self.now)
            stays = model.chosen and model.grid in self._near()
            to = model.grid if stays else self._near()[0]
            assert (found is Followed.MOVED) == (to != model.grid)
            moved = to != model.grid
            model.grid, model.chosen = to, stays
            model.events, model.version = model.events + moved, model.version + moved

    @rule(seconds=st.one_of(st.integers(1, 3600), st.integers(3600, 5 * 86_400)), swept=st.booleans())
    def time_passes(self, seconds: int, swept: bool) -> None:
        """Time passes; usually somebody sweeps."""
        type(self).steps += 1
        self.now += timedelta(seconds=seconds)
        if swept:
            self._sweep()

    def _sweep(self) -> None:
        """What fell due is done, once: the model follows the events that the system wrote."""
        counted = {id: model.events for id, model in self.models.items()}
        sweep(self.county.sessions, self.county.office, self.now)
        with self.county.sessions.read() as session:
            new = session.scalars(
                select(TicketEvent).where(TicketEvent.ticket_id.in_(self.models)).order_by(TicketEvent.id)
            ).all()
        for event in new:
            if event.n > counted[event.ticket_id]:
                assert event.actor_role == "system"
                self._hear(self.models[event.ticket_id], event)

    def _hear(self, model: Model, event: TicketEvent) -> None:
        model.events += 1
        if event.action == "escalate":
            assert model.tier is not Tier.COUNTY and model.is_open and model.suspended_until is None
            assert model.tier_due_at(self.county.office) <= self.now, "nobody climbs before its time"
            assert model.hands[0] is None, "nothing climbs out of a department's hands"
            model.node, model.tier = Node.CLAIM, TIERS[TIERS.index(model.tier) + 1]
            model.start_tier(self.now)
            model.hands = (None, None)
            model.version += 1
        elif event.action == "resume":
            assert model.suspended_until is not None and model.suspended_until <= self.now
            model.resume(model.suspended_until)
            model.version += 1
        elif event.action == "overdue" and event.details["clock"] == "matter":
            assert model.due_at(self.county.office) <= self.now, "nothing is overdue before its time"

    @rule()
    def a_sweep(self) -> None:
        """A sweep with nothing new due changes nothing; what is due is done."""
        type(self).steps += 1
        # What a resumed clock puts behind the sweep's own place waits for the next one.
        self._sweep()
        self._sweep()
        before = {id: self._row(id) for id in self.models}
        sweep(self.county.sessions, self.county.office, self.now)
        assert {id: self._row(id) for id in self.models} == before, "a second sweep finds nothing to do"
        with self.county.sessions.read() as session:
            late = select(func.count()).where(DueStep.done_at.is_(None), DueStep.due_at <= self.now)
            assert session.scalar(late) == 0

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        office = self.county.office
        with self.county.sessions.read() as session:
            for model in self.models.values():
                ticket = session.get_one(Ticket, model.id)
                assert (ticket.node, ticket.tier) == (model.node, model.tier)
                assert ticket.version == model.version
                assert (ticket.department_code, ticket.handler_id) == model.hands
                assert ticket.grid_code == model.grid and ticket.village_code == model.grid[:12]
                assert (ticket.suspended_until, ticket.extensions) == (model.suspended_until, model.extensions)
                assert ticket.extensions <= 2 and ticket.suspensions <= 1
                if model.is_open:
                    assert ticket.due_at == model.due_at(office), "only what may move the matter's clock moved it"
                    assert ticket.tier_due_at == model.tier_due_at(office)
                    assert ticket.warn_at <= ticket.due_at and ticket.tier_warn_at <= ticket.tier_due_at
                assert (ticket.closed_at is None) == model.is_open
                self._has_one_holder(ticket)
                self._steps_fit(session, ticket)
                events = session.scalar(select(func.count()).where(TicketEvent.ticket_id == model.id))
                assert events == model.events, "one event for each thing that happened"

    def _has_one_holder(self, ticket: Ticket) -> None:
        hands = [hand for hand in (ticket.department_code, ticket.handler_id) if hand is not None]
        if ticket.node in (Node.HANDLE, Node.CLOSE):
            assert len(hands) == 1, "in exactly one pair of hands"
        elif ticket.closed_at is None:
            assert not hands, "it lies with the tier itself"

    def _steps_fit(self, session: Any, ticket: Ticket) -> None:
        steps = session.scalars(select(DueStep).where(DueStep.ticket_id == ticket.id)).all()
        open_steps = {(step.clock, step.step): step.due_at for step in steps if step.done_at is None}
        if ticket.closed_at is not None:
            assert set(open_steps) <= {("followup", "due")}
        elif ticket.suspended_at is not None:
            assert open_steps["suspend", "resume"] == ticket.suspended_until
            assert not {clock for clock, _ in open_steps} & {"matter", "tier"}
        else:
            for clock, due_at in (("matter", ticket.due_at), ("tier", ticket.tier_due_at)):
                assert open_steps.get((clock, "due"), due_at) == due_at
                done = [
                    s for s in steps if (s.clock, s.step) == (clock, "due") and s.outcome in ("overdue", "escalated")
                ]
                assert (clock, "due") in open_steps or done, "a clock that runs has its end, ahead or behind it"

    def _look_at_the_record(self) -> None:
        """The chain holds, and the statistics counted from the start are the ones that are kept."""
        key = self.county.office.chain_key
        self.county.relay()
        with self.county.sessions.begin() as session:
            faults = [fault for fault in verify(session, key) if fault is not None]
            assert not faults, faults
            assert rebuild(session, self.county.office.zone) == 0
            facts = {
                fact.ticket_id: fact
                for fact in session.scalars(select(TicketFact).where(TicketFact.ticket_id.in_(self.models)))
            }
        for model in self.models.values():
            assert facts[model.id].closed == (model.node is Node.CLOSED)
            assert facts[model.id].rejected == (model.node is Node.REJECTED)
