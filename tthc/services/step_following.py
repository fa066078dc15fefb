"""What an event of a dossier means to its steps; called with every event, in its transaction.

The rules of the dates are in :mod:`tthc.domain.steps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, DueDateRow, EventRow, Step, StepMove
from tthc.db.queries import steps as queries
from tthc.db.writing import amend, append, store
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.lifecycle import LifeState
from tthc.domain.permissions import Actor
from tthc.domain.steps import StepDue, StepPlan, default_workflow, step_due
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import DueCause, EventKind, LimitUnit, MoveKind, Role, SubjectKind
from tthc.services import calendar, catalogue, catalogue_contents
from tthc.services.calendar import OfficeRules

_ENDS = (EventKind.WITHDRAW, EventKind.STOP, EventKind.HAND_OVER)

#: Why a step has a new date, by what happened to the dossier.
_CAUSES = {
    EventKind.RECEIVE_SUPPLEMENT: DueCause.SUPPLEMENT,
    EventKind.RECEIVE_PAYMENT: DueCause.PAUSE,
    EventKind.RESUME: DueCause.PAUSE,
    EventKind.EXTEND: DueCause.EXTENSION,
    EventKind.RECALCULATE: DueCause.CALENDAR,
}


@dataclass(frozen=True)
class Scene:
    """A dossier at a moment, as those who move its steps see it. ``event_id``: the event that moves them."""

    session: Session
    actor: Actor
    dossier: Dossier
    life: LifeState
    at: datetime
    recorded_at: datetime
    event_id: int | None = None
    rules: OfficeRules | None = None
    limit: TimeLimit | None = None
    #: The steps that were entered for the dossier's version, where that is known already.
    steps: Sequence[StepPlan] | None = None

    def time_limit(self) -> TimeLimit:
        """The limit that counts for the dossier."""
        return self.limit or catalogue.limit_of(self.session, self.dossier.case_id)

    def office_rules(self) -> OfficeRules:
        """The newest calendar, under the rule of counting of the promise in force."""
        if self.rules is not None:
            return self.rules
        promise = self.session.get_one(DueDateRow, self.dossier.due_date_id)
        return calendar.load_rules(
            self.session, self.dossier.unit_id, self.dossier.received_on, policy_id=promise.policy_id
        )


def follow(scene: Scene, before: LifeState, row: EventRow) -> None:
    """Let the steps of a dossier follow an event that was just recorded; for its receipt :func:`begin`."""
    steps = queries.steps_of(scene.session, scene.dossier.id)
    if not steps:
        return
    step = open_step(steps)
    life = scene.life
    if row.kind is EventKind.START and step is not None and step is steps[0] and len(steps) > 1:
        hand_to(scene, steps, step, steps[1], MoveKind.HANDED_ON, _default_taker(scene, steps[1]), row.note)
    elif row.kind is EventKind.ASSIGN and step is not None and step.role is Role.OFFICER:
        if step.officer_id != life.officer_id:
            give(scene, step, life.officer_id, row.note, row.action_id)
    elif row.kind is EventKind.RESOLVE and step is not None:
        if step is not steps[-1] and steps[-1].role is Role.CLERK:
            hand_to(scene, steps, step, steps[-1], MoveKind.HANDED_ON, None, "Đã có kết quả giải quyết")
    elif row.kind in _ENDS and step is not None:
        finish(scene, step)
    elif row.kind is EventKind.REOPEN:
        _go_on(scene, steps, step)
    elif row.kind is EventKind.COME_BACK and step is None:
        # It is at the counter again: the step that the hand-over ended goes on with whoever took it in.
        last = [one for one in steps if one.started_at is not None][-1]
        last.officer_id = _default_taker(scene, last)
        _begin_again(scene, last, row.kind.label)
    elif row.kind is EventKind.CORRECT and _only_begun(steps, step):
        lay_out_again(scene, steps)
    elif step is not None and life.ended_at is None and _moved(before, life, row):
        gained = life.extension - before.extension
        step.extension = max(0, step.extension + gained) if life.extension else 0
        count_again(scene, step, _CAUSES.get(row.kind, DueCause.CORRECTION))


def begin(scene: Scene) -> None:
    """Give a dossier that has none the steps of its procedure, the first one begun with its receipt."""
    dossier, session = scene.dossier, scene.session
    first, *others = [_step(dossier, no, plan) for no, plan in enumerate(_workflow(scene), start=1)]
    first.officer_id = _default_taker(scene, first)
    first.started_at = dossier.received_at
    due = _counted(scene, first)
    _show(first, due)
    store(session, [first], done=True)
    row = _row(scene, first, due, DueCause.INTAKE, 1)
    store(session, [row], done=True)
    amend(session, [first], "due_date_id", [row.id])
    append(session, others)
    at, taker = dossier.received_at, first.officer_id
    move = _move(scene, 1, MoveKind.BEGUN, None, first, giver=None, taker=taker, note="", at=at)
    append(session, [move])


def lay_out_again(scene: Scene, old: Sequence[Step]) -> None:
    """Give a dossier that nobody has worked on yet the steps that its procedure has by now.

    The rows of its steps are taken over; the earlier date of the first one stays on record.
    """
    plans = _workflow(scene)
    for no, plan in enumerate(plans, start=1):
        if no <= len(old):
            step = old[no - 1]
            step.name, step.role, step.amount, step.unit = plan.name, plan.role, plan.amount, plan.unit
        else:
            scene.session.add(_step(scene.dossier, no, plan))
    for surplus in old[len(plans) :]:
        scene.session.delete(surplus)
    scene.session.flush()
    old[0].started_at = scene.dossier.received_at
    count_again(scene, old[0], DueCause.CORRECTION)


def _step(dossier: Dossier, no: int, plan: StepPlan) -> Step:
    return Step(
        unit_id=dossier.unit_id,
        dossier_id=dossier.id,
        no=no,
        name=plan.name,
        role=plan.role,
        amount=plan.amount,
        unit=plan.unit,
        extension=0,
    )


def _workflow(scene: Scene) -> Sequence[StepPlan]:
    """The steps that were entered for the dossier's version, else the usual ones for its limit."""
    entered = scene.steps
    if entered is None:
        entered = catalogue_contents.workflow_of(scene.session, scene.dossier.version_id)
    return entered or default_workflow(_working_days(scene))


def _working_days(scene: Scene) -> int:
    """How many working days the dossier's limit comes to."""
    segments = scene.time_limit().segments
    if all(one.unit is LimitUnit.WORKING_DAY for one in segments):
        return sum(one.amount for one in segments)
    try:
        rules = scene.office_rules()
        return max(1, rules.calendar.working_days_between(scene.dossier.clock_start_on, scene.dossier.due_on))
    except CalendarNotCovered:
        return 1


def open_step(steps: Sequence[Step]) -> Step | None:
    """The step in which a dossier is; ``None`` before the first and after the last."""
    return next((step for step in steps if step.started_at is not None and step.ended_at is None), None)


def hand_to(
    scene: Scene,
    steps: Sequence[Step],
    step: Step,
    target: Step,
    kind: MoveKind,
    taker: int | None,
    note: str,
    *,
    transfer_id: int | None = None,
    action_id: str | None = None,
) -> None:
    """The open step ends and another begins; going back, the steps after it are not begun any more."""
    giver, due_on = step.officer_id, step.due_on
    if target.no > step.no:
        step.ended_at = scene.at
    else:
        for later in steps:
            if later.no > target.no:
                later.started_at = later.ended_at = None
                later.extension = 0
    # The database admits one open step, so the old one is closed before the new one is begun.
    scene.session.flush()
    target.ended_at = None
    target.extension = 0
    _begin(scene, target, taker, scene.at)
    _note(
        scene,
        kind,
        step,
        target,
        giver=giver,
        taker=taker,
        note=note,
        due_on=due_on,
        transfer_id=transfer_id,
        action_id=action_id,
    )


def give(
    scene: Scene,
    step: Step,
    taker: int | None,
    note: str,
    action_id: str | None = None,
    transfer_id: int | None = None,
) -> None:
    """The open step goes to another person; its date stays."""
    giver = step.officer_id
    step.officer_id = taker
    _note(
        scene,
        MoveKind.REASSIGNED,
        step,
        step,
        giver=giver,
        taker=taker,
        note=note,
        due_on=step.due_on,
        transfer_id=transfer_id,
        action_id=action_id,
    )


def finish(scene: Scene, step: Step) -> None:
    """The open step is the last one."""
    step.ended_at = max(scene.at, step.started_at or scene.at)
    _note(
        scene,
        MoveKind.FINISHED,
        step,
        None,
        giver=step.officer_id or scene.actor.account_id,
        taker=None,
        note="",
        due_on=step.due_on,
    )


def count_again(scene: Scene, step: Step, cause: DueCause) -> None:
    """Count the date of the open step anew; where it stays the same, nothing is written."""
    due = _counted(scene, step)
    if step.due_at is not None and step.due_at == due.due_at:
        return
    _show(step, due)
    row = _row(scene, step, due, cause, queries.last_due_no(scene.session, step.id) + 1)
    scene.session.add(row)
    scene.session.flush()
    step.due_date_id = row.id


def count_many_again(scenes: Sequence[Scene], cause: DueCause) -> None:
    """The same for many dossiers; the number of queries does not grow with them."""
    if not scenes:
        return
    session = scenes[0].session
    steps = queries.open_steps(session, [scene.dossier.id for scene in scenes])
    numbers = queries.last_due_nos(session, [step.id for step in steps.values()])
    written = []
    for scene in scenes:
        step = steps.get(scene.dossier.id)
        if step is None:
            continue
        due = _counted(scene, step)
        if step.due_at != due.due_at:
            _show(step, due)
            written.append((step, _row(scene, step, due, cause, numbers.get(step.id, 0) + 1)))
    session.add_all(row for _, row in written)
    session.flush()
    for step, row in written:
        step.due_date_id = row.id


def _counted(scene: Scene, step: Step) -> StepDue:
    """The date of a step as the rules give it now."""
    rules = scene.office_rules()
    of_hours = bool(step.extension) and scene.time_limit().in_hours
    return step_due(
        max(step.started_at or scene.at, scene.life.clock_base_at),
        StepPlan(step.name, step.role, step.amount, step.unit),
        rules.calendar,
        rules.policy,
        scene.life.pauses,
        extension=step.extension,
        extension_in_hours=of_hours,
        dossier_due_at=scene.dossier.due_at,
    )


def _show(step: Step, due: StepDue) -> None:
    step.due_at, step.due_on = due.due_at, due.due_at.date()


def _row(scene: Scene, step: Step, due: StepDue, cause: DueCause, no: int) -> DueDateRow:
    """The date as a row on record, not yet added."""
    rules = scene.office_rules()
    return DueDateRow(
        subject_kind=SubjectKind.STEP,
        subject_id=step.id,
        no=no,
        due_at=due.due_at,
        due_on=due.due_at.date(),
        cause=cause,
        event_id=scene.event_id,
        computed_due_at=None,
        calendar_version_id=rules.calendar_version_id,
        policy_id=rules.policy_id,
        provisional=due.provisional,
        explain_json=None,
        recorded_at=scene.recorded_at,
    )


def _begin(scene: Scene, step: Step, taker: int | None, at: datetime) -> None:
    step.officer_id = taker
    step.started_at = at
    # A step that begins again has a date of its own again, with alerts of its own.
    step.due_at = None
    step.due_on = scene.dossier.due_on
    count_again(scene, step, DueCause.INTAKE)
    scene.session.flush()


def _note(
    scene: Scene,
    kind: MoveKind,
    step: Step | None,
    target: Step | None,
    *,
    giver: int | None,
    taker: int | None,
    note: str,
    due_on: date | None = None,
    transfer_id: int | None = None,
    action_id: str | None = None,
) -> None:
    last = queries.last_move(scene.session, scene.dossier.id)
    move = _move(
        scene,
        last.seq + 1 if last else 1,
        kind,
        step,
        target,
        giver=giver,
        taker=taker,
        note=note,
        due_on=due_on,
        transfer_id=transfer_id,
        action_id=action_id,
    )
    scene.session.add(move)
    scene.session.flush()
    if scene.event_id is None and step is not target:
        queries.withdraw_alerts(scene.session, scene.dossier.id, now=scene.recorded_at)


def _move(
    scene: Scene,
    seq: int,
    kind: MoveKind,
    step: Step | None,
    target: Step | None,
    *,
    giver: int | None,
    taker: int | None,
    note: str,
    at: datetime | None = None,
    due_on: date | None = None,
    transfer_id: int | None = None,
    action_id: str | None = None,
) -> StepMove:
    return StepMove(
        unit_id=scene.dossier.unit_id,
        dossier_id=scene.dossier.id,
        seq=seq,
        kind=kind,
        from_no=step.no if step else None,
        to_no=target.no if target else None,
        giver_id=giver,
        taker_id=taker,
        at=at or scene.at,
        recorded_at=scene.recorded_at,
        actor_id=scene.actor.account_id,
        note=note,
        due_on=due_on,
        transfer_id=transfer_id,
        action_id=action_id,
    )


def _default_taker(scene: Scene, step: Step) -> int | None:
    """Who has a step in hand when nobody was chosen: its clerk or supervisor who acts, or the officer."""
    if step.role is Role.OFFICER:
        if scene.life.officer_id is None and Role.OFFICER in scene.actor.roles:
            return scene.actor.account_id
        return scene.life.officer_id
    return scene.actor.account_id if step.role in scene.actor.roles else None


def _go_on(scene: Scene, steps: Sequence[Step], step: Step | None) -> None:
    """A dossier that was reopened goes on at the officer's step, or at the last one that was begun."""
    begun = [one for one in steps if one.started_at is not None]
    target = next((one for one in reversed(begun) if one.role is Role.OFFICER), begun[-1])
    if step is None:
        step = begun[-1]
    if target is step:
        _begin_again(scene, step, "Mở lại hồ sơ")
    else:
        hand_to(scene, steps, step, target, MoveKind.SENT_BACK, target.officer_id, "Mở lại hồ sơ")


def _begin_again(scene: Scene, step: Step, note: str) -> None:
    step.ended_at = None
    _begin(scene, step, step.officer_id, scene.at)
    _note(scene, MoveKind.BEGUN, None, step, giver=None, taker=step.officer_id, note=note)


def _only_begun(steps: Sequence[Step], step: Step | None) -> bool:
    """Whether nobody has handed the dossier on yet."""
    return step is not None and step is steps[0] and all(one.started_at is None for one in steps[1:])


def _moved(before: LifeState, after: LifeState, row: EventRow) -> bool:
    """Whether the event changed what the date of the open step is counted from."""
    return (
        row.kind is EventKind.CORRECT
        or before.due_on != after.due_on
        or before.clock_base_at != after.clock_base_at
        or before.pauses != after.pauses
        or before.extension != after.extension
    )
