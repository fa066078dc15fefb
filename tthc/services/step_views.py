"""What the page of a dossier shows of its steps: where it is, until when, and who may hand it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import steps as queries
from tthc.domain.calendar import CalendarNotCovered, office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.steps import StepPlan, planned_dues
from tthc.domain.timeliness import remaining_label
from tthc.domain.vocabulary import MoveKind, Role
from tthc.services import accounts
from tthc.services.calendar import OfficeRules
from tthc.services.step_following import open_step
from tthc.services.views import Choice


@dataclass(frozen=True)
class StepRow:
    """A step: who has or had it, and until when; ``planned``: the date is only what would follow."""

    no: int
    name: str
    role: str
    limit_label: str
    holder: str
    started_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    planned: bool
    open: bool
    late: bool
    remaining: str


@dataclass(frozen=True)
class MoveRow:
    """A hand-over within the office."""

    at: datetime
    title: str
    where: str
    people: str
    note: str


@dataclass(frozen=True)
class StepsView:
    """The steps of a dossier and what this person may do; empty for one that came from elsewhere."""

    rows: Sequence[StepRow]
    moves: Sequence[MoveRow]
    next_name: str
    takers: Sequence[Choice]
    usual_taker: int | None
    may_hand_on: bool
    may_take_back: bool
    may_send_back: bool
    before_name: str

    @property
    def open(self) -> StepRow | None:
        """The step in which the dossier is."""
        return next((row for row in self.rows if row.open), None)


@dataclass(frozen=True)
class Passed:
    """The rows of a dossier's steps and of its hand-overs from one to the next, oldest first."""

    steps: Sequence[Any]
    moves: Sequence[Any]

    @property
    def people(self) -> Iterator[int | None]:
        """The accounts that they name."""
        yield from (step.officer_id for step in self.steps)
        for move in self.moves:
            yield from (move.giver_id, move.taker_id)


def passed_by(session: Session, dossier_id: int) -> Passed:
    """Through whose hands a dossier went."""
    return Passed(queries.steps_told(session, dossier_id), queries.moves_of(session, dossier_id))


def steps_view(
    session: Session,
    passed: Passed,
    *,
    actor: Actor,
    dossier: Any,
    rules: OfficeRules,
    people: Mapping[int, str],
    today: date,
) -> StepsView:
    """The steps of a dossier as they stand on a day; ``people``: the names of those in ``passed``."""
    steps, moves = passed.steps, passed.moves
    step = open_step(steps)
    pending = step is not None and dossier.ended_at is None and actor.may(Action.PROCESS_DOSSIER)
    leads = Role.SUPERVISOR in actor.roles
    mine = step is not None and (step.officer_id in (None, actor.account_id) or leads)
    target = steps[step.no] if step is not None and step.no < len(steps) else None
    last = moves[-1] if moves else None
    taken_back = (
        last is not None
        and last.kind is MoveKind.HANDED_ON
        and last.from_no is not None
        and (leads or actor.account_id in (last.giver_id, last.actor_id))
    )
    takers = (
        accounts.people_of(session, dossier.unit_id, today, target.role)
        if pending and mine and target is not None
        else []
    )
    return StepsView(
        rows=_rows(steps, step, dossier, rules, people, today),
        moves=[_move(move, steps, people) for move in moves],
        next_name=target.name if target else "",
        takers=takers,
        usual_taker=_usual_taker(target, dossier, takers),
        may_hand_on=pending and mine and target is not None,
        may_take_back=pending and taken_back,
        may_send_back=pending and mine and step is not None and step.no > 1,
        before_name=steps[step.no - 2].name if step is not None and step.no > 1 else "",
    )


def _usual_taker(target: Any | None, dossier: Any, takers: Sequence[Choice]) -> int | None:
    """Who had the step before, who is in charge, or the only one there is."""
    if target is None:
        return None
    offered = {choice.value for choice in takers}
    for account_id in (target.officer_id, dossier.officer_id if target.role is Role.OFFICER else None):
        if str(account_id) in offered:
            return account_id
    return int(takers[0].value) if len(takers) == 1 else None


def _rows(
    steps: Sequence[Any],
    step: Any | None,
    dossier: Any,
    rules: OfficeRules,
    people: Mapping[int, str],
    today: date,
) -> list[StepRow]:
    ahead: dict[int, datetime] = {}
    if step is not None and step.due_at is not None and step.started_at is not None and not dossier.ended_at:
        following = [one for one in steps if one.no > step.no]
        dues = planned_dues(
            step.started_at,
            step.due_at,
            [_plan(one) for one in following],
            rules.calendar,
            rules.policy,
            dossier_due_at=dossier.due_at,
        )
        ahead = {one.no: due for one, due in zip(following, dues, strict=True)}
    found = []
    for one in steps:
        is_open = one is step
        running = is_open and dossier.ended_at is None and not dossier.waiting and one.due_on is not None
        begun = one.started_at is not None
        ended_on = office_time(one.ended_at).date() if one.ended_at else today
        found.append(
            StepRow(
                no=one.no,
                name=one.name,
                role=one.role.label,
                limit_label=_plan(one).label,
                holder=people.get(one.officer_id or 0, "") if begun else "",
                started_at=one.started_at,
                ended_at=one.ended_at,
                due_at=one.due_at if begun else ahead.get(one.no),
                planned=not begun,
                open=is_open,
                late=bool(begun and one.due_on and ended_on > one.due_on and (running or one.ended_at)),
                remaining=_remaining(one.due_on, today, rules) if running and one.due_on else "",
            )
        )
    return found


def _remaining(due_on: date, today: date, rules: OfficeRules) -> str:
    try:
        return remaining_label(due_on, today, rules.calendar)
    except CalendarNotCovered:
        return ""


def _plan(step: Any) -> StepPlan:
    return StepPlan(step.name, step.role, step.amount, step.unit)


def _move(move: Any, steps: Sequence[Any], people: Mapping[int, str]) -> MoveRow:
    names = {step.no: step.name for step in steps}
    begin, end = names.get(move.from_no or 0, ""), names.get(move.to_no or 0, "")
    giver, taker = people.get(move.giver_id or 0, ""), people.get(move.taker_id or 0, "")
    where = f"{begin} → {end}" if begin and end and begin != end else begin or end
    persons = (
        f"{giver or 'Chưa phân công'} → {taker or 'chưa phân công'}" if end and begin else giver or taker
    )
    return MoveRow(move.at, move.kind.label, where, persons, move.note)
