"""The internal workflow of a version of a procedure: shown, entered, and carried over to the next version.

It is the office's own arrangement and no part of the published procedure: it may be changed at any time, for
what is received from then on; a dossier keeps the steps that it was given at its receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import ProcedureVersion
from tthc.db.queries import catalogue as catalogue_queries
from tthc.db.queries import steps as queries
from tthc.domain.calendar import CalendarNotCovered
from tthc.domain.due_dates import compute_due_date
from tthc.domain.permissions import Action, Actor
from tthc.domain.steps import StepPlan, checked_workflow, default_workflow
from tthc.domain.time_limits import TimeLimit
from tthc.domain.vocabulary import OFFICE_ZONE, LimitUnit
from tthc.services import calendar, catalogue
from tthc.services.catalogue_contents import workflow_of, write_workflow
from tthc.services.catalogue_drafts import one_of, procedure_no, version_facts
from tthc.services.catalogue_versions import record_audit, take
from tthc.services.transaction import transaction
from tthc.services.views import VersionFacts


@dataclass(frozen=True)
class WorkflowView:
    """The steps of a version; ``entered`` is false where the usual ones hold, for want of others.

    ``seen`` is the count of changes of the procedure that is handed back with a change. ``excess``: a
    sentence where the steps together take longer than the procedure.
    """

    local_no: int
    name: str
    facts: VersionFacts
    seen: int
    steps: Sequence[StepPlan]
    entered: bool
    limit_label: str
    excess: str


def get_workflow(session: Session, *, actor: Actor, on: date, local_no: int, version_id: int) -> WorkflowView:
    """The workflow of a version."""
    actor.require(Action.VIEW_CATALOGUE)
    procedure = procedure_no(session, local_no)
    facts = one_of(version_facts(session, procedure.id, on), version_id)
    version = session.get_one(ProcedureVersion, version_id)
    limit = _default_limit(session, version_id)
    entered = workflow_of(session, version_id)
    days = _working_days(limit) if limit else None
    steps = entered or default_workflow(days or _days_from(session, actor.unit_id, limit, on))
    return WorkflowView(
        local_no=local_no,
        name=version.name,
        facts=facts,
        seen=procedure.version,
        steps=steps,
        entered=bool(entered),
        limit_label=limit.label if limit else "",
        excess=_excess(steps, days),
    )


def change_workflow(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    local_no: int,
    version_id: int,
    seen: int,
    steps: Sequence[StepPlan],
) -> int:
    """Enter the steps of a version, for what is received from now on; none: the usual ones hold again.

    How many there are now.
    """
    actor.require(Action.EDIT_CATALOGUE)
    wanted = checked_workflow(steps)
    with transaction(session):
        procedure = take(session, local_no, seen)
        one_of(version_facts(session, procedure.id, now.date()), version_id)
        was = workflow_of(session, version_id)
        queries.drop_templates(session, version_id)
        write_workflow(session, version_id, wanted)
        record_audit(
            session,
            now,
            actor,
            "change_workflow",
            procedure,
            {"version": version_id, "was": _plain(was), "steps": _plain(wanted)},
        )
    return len(wanted)


def _default_limit(session: Session, version_id: int) -> TimeLimit | None:
    cases = catalogue_queries.cases_of(session, [version_id])
    case = next((one for one in cases if one.is_default), None)
    return catalogue.limit_of(session, case.id) if case else None


def _working_days(limit: TimeLimit) -> int | None:
    """The limit in working days; ``None`` where it is counted in another unit."""
    if any(segment.unit is not LimitUnit.WORKING_DAY for segment in limit.segments):
        return None
    return sum(segment.amount for segment in limit.segments)


def _days_from(session: Session, unit_id: int, limit: TimeLimit | None, on: date) -> int:
    """How many working days a limit in another unit comes to for what is received on a day."""
    if limit is None:
        return 1
    try:
        rules = calendar.load_rules(session, unit_id, on)
        received_at = datetime.combine(on, rules.calendar.hours.opens, OFFICE_ZONE)
        due = compute_due_date(received_at, limit, rules.calendar, rules.policy)
        return max(1, rules.calendar.working_days_between(due.clock_start_on, due.due_on))
    except CalendarNotCovered:
        return 1


def _excess(steps: Sequence[StepPlan], days: int | None) -> str:
    """Steps that together take longer than the procedure are allowed, and said: its date ends them."""
    if days is None or any(step.unit is not LimitUnit.WORKING_DAY for step in steps):
        return ""
    total = sum(step.amount for step in steps)
    if total <= days:
        return ""
    return (
        f"Các bước cộng lại {total:02d} ngày làm việc, nhiều hơn thời hạn {days:02d} ngày làm việc của thủ "
        "tục; hạn của từng bước không vượt quá ngày hẹn trả của hồ sơ."
    )


def _plain(steps: Sequence[StepPlan]) -> list[list[object]]:
    return [[step.name, step.role.value, step.amount, step.unit.value] for step in steps]
