"""One dossier with everything about it: history, promises, explanation, and what may be done to it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import alert_board as alert_queries
from tthc.db.queries import documents as document_queries
from tthc.db.queries import dossier_page as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import fees as fee_queries
from tthc.domain.calendar import WorkingCalendar
from tthc.domain.due_dates import DueDate, compute_due_date
from tthc.domain.lifecycle import LifeState, allowed
from tthc.domain.permissions import Action, Actor
from tthc.domain.timeliness import waiting_label
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, DueCause, EventKind
from tthc.services import (
    accounts,
    agencies,
    alert_board,
    attachments,
    calendar,
    catalogue,
    dossier_papers,
    dossier_timeline,
    fees,
    hand_over_views,
    history,
    procedure_terms,
    receipts,
    step_views,
    supplement_papers,
    uncollected,
    worklists,
)
from tthc.services.alert_board import Answer
from tthc.services.corrections import may_correct
from tthc.services.dossier_cautions import cautions_of
from tthc.services.dossier_timeline import Beside
from tthc.services.dossier_views import (
    ActionView,
    DossierView,
    ExtensionView,
    PromiseView,
    ReceiptView,
    SupplementPaperView,
    SupplementWaitView,
)
from tthc.services.dossier_warnings import extension_warnings, warnings_of
from tthc.services.dossiers import NEEDS
from tthc.services.extensions import proposal_of
from tthc.services.transaction import NotFound
from tthc.services.views import Choice, RequirementView

#: How each action is named in addresses and on buttons, the likely one first.
ACTIONS: tuple[tuple[EventKind, str, str], ...] = (
    (EventKind.RECEIVE_SUPPLEMENT, "nhan-bo-sung", "Nhận bổ sung"),
    (EventKind.RESUME, "tiep-tuc", "Tiếp tục giải quyết"),
    (EventKind.RECEIVE_PAYMENT, "da-nop", "Đã thực hiện nghĩa vụ"),
    (EventKind.HAND_OVER, "tra-ket-qua", "Trả kết quả"),
    (EventKind.COME_BACK, "chuyen-hoan", "Bưu gửi chuyển hoàn"),
    (EventKind.START, "bat-dau", "Bắt đầu xử lý"),
    (EventKind.RECEIVE_OPINION, "nhan-y-kien", "Nhận ý kiến"),
    (EventKind.EXTEND, "duyet-gia-han", "Duyệt gia hạn"),
    (EventKind.RESOLVE, "ket-thuc", "Kết thúc xử lý"),
    (EventKind.REQUEST_SUPPLEMENT, "yeu-cau-bo-sung", "Yêu cầu bổ sung"),
    (EventKind.ASSIGN, "phan-cong", "Phân công"),
    (EventKind.CONSULT, "lay-y-kien", "Lấy ý kiến"),
    (EventKind.REQUEST_PAYMENT, "yeu-cau-nghia-vu", "Yêu cầu nghĩa vụ tài chính"),
    (EventKind.PAUSE, "tam-dung", "Tạm dừng"),
    (EventKind.PROPOSE_EXTENSION, "de-xuat-gia-han", "Đề xuất gia hạn"),
    (EventKind.REFUSE_EXTENSION, "khong-gia-han", "Không đồng ý gia hạn"),
    (EventKind.WITHDRAW, "rut", "Rút hồ sơ"),
    (EventKind.STOP, "dung", "Dừng giải quyết"),
    (EventKind.REOPEN, "mo-lai", "Mở lại hồ sơ"),
)

_FINAL = frozenset({EventKind.RESOLVE, EventKind.WITHDRAW, EventKind.STOP, EventKind.REOPEN})


def get_dossier(session: Session, *, actor: Actor, now: datetime, code: str) -> DossierView:
    """One dossier with its history, promises, explanation and what may be done to it now."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = queries.facts_of(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    today = worklists.office_day(now)
    events = dossier_queries.timeline_of(session, dossier.id)
    happened = {event.kind for event in events}
    life = history.life_of(events)
    promises = dossier_queries.promises_of(session, dossier.id)
    in_force = next(row for row in promises if row.id == dossier.due_date_id)
    # By the rules under which the promise was made, whatever was entered for its date since; explained by the
    # calendar that it was counted on as well.
    rules, counted_by = calendar.load_both_rules(
        session, policy_id=in_force.policy_id, calendar_version_id=in_force.calendar_version_id
    )
    limit = catalogue.limit_of(session, dossier.case_id)
    explained = compute_due_date(
        life.clock_base_at,
        limit,
        counted_by.calendar,
        counted_by.policy,
        life.pauses,
        extension=life.extension,
    )
    # What stands in rows of its own is asked for where an event says that it is there.
    supplements = (
        dossier_queries.supplements_of(session, dossier.id)
        if EventKind.REQUEST_SUPPLEMENT in happened
        else []
    )
    extensions = (
        dossier_queries.extensions_of(session, dossier.id) if EventKind.PROPOSE_EXTENSION in happened else []
    )
    asked = (
        agencies.consultations_of(
            session, dossier, today=today, working=rules.calendar, due_soon_days=dossier.due_soon_days
        )
        if EventKind.CONSULT in happened
        else []
    )
    handed = (
        hand_over_views.views_of(session, actor=actor, dossier_id=dossier.id)
        if EventKind.HAND_OVER in happened
        else []
    )
    reminders = uncollected.reminders_of(session, dossier.id) if EventKind.RESOLVE in happened else []
    paid = fee_queries.of_dossier(session, dossier.id)
    issued = document_queries.of_dossier(session, dossier.id)
    passed = step_views.passed_by(session, dossier.id)
    by_id = {event.id: event for event in events}
    people = dossier_queries.people_named(
        session,
        [
            *(event.payload_json.get("officer_id") for event in events),
            *(person for row in extensions for person in (row.proposed_by, row.approved_by)),
            *passed.people,
        ],
    )
    seen = [_extension(row, people, by_id) for row in extensions]
    waiting = next((row for row in extensions if row.closed_event_id is None), None)
    proposal = None
    if waiting is not None:
        proposal = proposal_of(
            dossier,
            life,
            waiting,
            actor=actor,
            today=today,
            proposed_at=by_id[waiting.opened_event_id].occurred_at,
            proposed_by=people.get(waiting.proposed_by, ""),
        )
    whereabouts = agencies.whereabouts_of(session, dossier, life, limit, counted_by, today=today)
    requested_on = [event.occurred_on for event in events if event.kind is EventKind.REQUEST_SUPPLEMENT]
    files = attachments.files_of(session, dossier)
    late = {row.due_date_id for row in extensions if row.in_time is False}
    basis = receipts.Basis(events[0].name or "", limit, paid, extensions)
    handed_now = hand_over_views.of_event(handed, by_id) if life.handed_over_at else None
    last = next((event for event in reversed(events) if event.kind is EventKind.HAND_OVER), None)
    posted = last is not None and hand_over_views.way_of(handed_now, last.payload_json) is Channel.POST
    actions = _actions(life, actor, extensions, posted=posted)
    return DossierView(
        row=worklists.row_of(queries.listed(dossier), today, rules.calendar),
        id=dossier.id,
        version=dossier.version,
        subject=dossier.subject,
        applicant_kind=dossier.owner_kind,
        id_number=dossier.id_number,
        phone=dossier.phone,
        email=dossier.email,
        address=dossier.address,
        submitter=dossier.owner if dossier.submitter is None else dossier.submitter,
        register_no=dossier.register_no,
        register_volume=dossier.register_volume,
        register_year=dossier.register_year,
        case_name=dossier.case_name,
        limit_label=limit.label,
        limit_confirmed=dossier.limit_confirmed,
        national_code=dossier.national_code,
        submitted_at=dossier.submitted_at,
        received_at=dossier.received_at,
        clock_start_on=dossier.clock_start_on,
        due_at=dossier.due_at,
        first_due_on=dossier.first_due_on,
        appointment_on=dossier.appointment_on,
        provisional=dossier.provisional,
        ended_at=dossier.ended_at,
        end_kind=dossier.end_kind,
        outcome=dossier.outcome,
        returned=dossier.returned,
        handed_over_at=dossier.handed_over_at,
        handed_over=handed_now,
        came_back_at=life.came_back_at,
        officer_id=dossier.officer_id,
        papers=_papers(dossier),
        missing_papers=_missing_papers(session, dossier, events[0]),
        sets=dossier.sets,
        fee=dossier.fee,
        fees=fees.state_of(paid),
        explanation=explained.days,
        explanation_note=_explanation_note(
            dossier, explained, [row for row in promises if row.id not in late]
        ),
        promises=_promises(promises, in_force, late),
        timeline=dossier_timeline.timeline(
            session,
            events,
            Beside(
                missing={supplement.opened_event_id: supplement.missing for supplement in supplements},
                proposals={extension.opened_event_id: extension for extension in extensions},
                consultations=asked,
                people=people,
                files=files.all,
                hand_overs=handed,
                reminders=reminders,
            ),
        ),
        actions=actions,
        extensions=seen,
        proposal=proposal,
        may_correct=may_correct(actor, dossier, now),
        officers=_officers(session, actor, today, actions),
        supplement_mode=dossier.supplement_mode,
        warnings=warnings_of(dossier, requested_on=requested_on, working=rules.calendar)
        + extension_warnings(dossier, seen, proposal, today=today, working=rules.calendar),
        receipts=_receipts(dossier, issued, basis),
        supplement_paper=_supplement_paper(supplements, issued),
        consultations=asked,
        segments=whereabouts.segments,
        delays=whereabouts.delays,
        cautions=cautions_of(dossier, requested_on=requested_on, today=today, working=rules.calendar),
        supplement_asked=bool(requested_on),
        supplement_wait=_supplement_wait(supplements, today, rules.calendar),
        answer=_answer(session, dossier, today),
        files=files,
        issued=dossier_papers.told_of(issued),
        further_papers=dossier_papers.possible(dossier, asked=bool(asked)),
        steps=step_views.steps_view(
            session, passed, actor=actor, dossier=dossier, rules=rules, people=people, today=today
        ),
    )


def _officers(session: Session, actor: Actor, today: date, actions: Sequence[ActionView]) -> Sequence[Choice]:
    """Whom it can be given to, where it can be given to anybody."""
    assigned = any(one.kind is EventKind.ASSIGN for one in actions)
    return accounts.officers(session, actor.unit_id, today) if assigned else []


def _papers(dossier: Any) -> list[RequirementView]:
    return [
        RequirementView(
            id=paper.get("requirement_id") or 0,
            name=paper["name"],
            originals=paper["originals"],
            certified=paper["certified"],
            copies=paper["copies"],
            required=False,
        )
        for paper in dossier.papers_json
    ]


def _missing_papers(session: Session, dossier: Any, receipt: Any) -> list[str]:
    """Names of the required papers that were missing at the receipt, by the version under which it was made.

    What came in from a file says nothing of its papers.
    """
    if dossier.imported:
        return []
    terms = procedure_terms.get_terms(session, receipt.payload_json["procedure_id"])
    received = (one for one in terms.versions if one.id == receipt.payload_json["version_id"])
    return [name for version in received for name in version.missing(dossier.papers_json)]


def _receipts(dossier: Any, issued: Sequence[Any], basis: receipts.Basis) -> list[ReceiptView]:
    """The receipts that were printed; the newest may have to be printed again while it is still needed."""
    printed = sorted(
        (one for one in issued if one.form == document_queries.RECEIPT), key=lambda one: int(one.no)
    )
    outdated = bool(printed) and receipts.outdated(dossier, printed[-1], basis)
    return [
        ReceiptView(
            id=document.id,
            printed_at=document.printed_at,
            due_on=document.due_on,
            replaced=document.replaced_by_id is not None,
            outdated=outdated and document.replaced_by_id is None,
        )
        for document in printed
    ]


def _promises(rows: Sequence[Any], in_force: Any, late: Collection[int | None]) -> list[PromiseView]:
    return [
        PromiseView(
            no=row.no,
            due_at=row.due_at,
            due_on=row.due_on,
            cause=row.cause,
            computed_due_on=(
                row.computed_due_at.astimezone(OFFICE_ZONE).date() if row.computed_due_at else None
            ),
            provisional=row.provisional,
            in_force=row is in_force,
            late=row.id in late,
        )
        for row in rows
    ]


def _supplement_paper(supplements: Sequence[Any], issued: Sequence[Any]) -> SupplementPaperView | None:
    """The form 02 of the newest request; none for a request of which the content is not known."""
    if not supplements or not supplement_papers.printable(supplements[-1]):
        return None
    wanted = (document_queries.SUPPLEMENT, supplements[-1].opened_event_id)
    papers = [one for one in issued if (one.form, one.event_id) == wanted]
    last = max(papers, key=lambda one: int(one.no), default=None)
    return SupplementPaperView(last.printed_at if last is not None else None)


def _supplement_wait(
    supplements: Sequence[Any], today: date, working: WorkingCalendar
) -> SupplementWaitView | None:
    """Of the request that has no answer; none where nothing is waited for, or for no set time."""
    waited = next((row for row in supplements if row.closed_event_id is None), None)
    if waited is None or waited.due_on is None:
        return None
    late = f"chờ bổ sung {waiting_label(waited.due_on, today, working)}" if waited.due_on < today else ""
    return SupplementWaitView(waited.due_on, late)


def _answer(session: Session, dossier: Any, today: date) -> Answer | None:
    """What was answered last for the lateness under the date in force."""
    if (dossier.ended_on or today) <= dossier.due_on:
        return None
    given = alert_queries.earlier_answers(session, [dossier.due_date_id]).get(dossier.due_date_id)
    return alert_board.answer_of(given[0], given[0].by) if given else None


def _explanation_note(dossier: Any, explained: DueDate, promises: Sequence[Any]) -> str:
    """Why the date in force is another than the one that the explanation ends with."""
    if explained.due_on == dossier.due_on:
        return ""
    # Reopening repeats a promise, so the cause of the date is that of the promise before it.
    causes = [row.cause for row in promises if row.cause is not DueCause.CORRECTION]
    if causes[-1] is DueCause.IMPORT:
        return (
            f"Ngày hẹn trả đang áp dụng ({dossier.due_on:%d/%m/%Y}) được ghi theo tệp nhập và khác ngày tính "
            f"theo quy tắc dưới đây ({explained.due_on:%d/%m/%Y}); ngày theo tệp nhập được giữ nguyên."
        )
    return (
        f"Ngày hẹn trả đang áp dụng ({dossier.due_on:%d/%m/%Y}) khác ngày tính theo quy tắc và lịch hiện nay "
        f"dưới đây ({explained.due_on:%d/%m/%Y}); ngày đã hẹn được giữ nguyên."
    )


def _actions(life: LifeState, actor: Actor, extensions: Sequence[Any], *, posted: bool) -> list[ActionView]:
    possible = set(allowed(life))
    if not posted:
        possible -= {EventKind.COME_BACK}
    if any(row.closed_event_id is None and row.proposed_by == actor.account_id for row in extensions):
        # Two people see an extension, so whoever proposed it is not offered its approval.
        possible -= {EventKind.EXTEND}
    return [
        ActionView(kind=kind, slug=slug, label=label, final=kind in _FINAL)
        for kind, slug, label in ACTIONS
        if kind in possible and actor.may(NEEDS[kind])
    ]


def _extension(row: Any, people: Mapping[int, str], events: Mapping[int, Any]) -> ExtensionView:
    decided = events.get(row.closed_event_id) if row.closed_event_id else None
    return ExtensionView(
        new_due_on=row.new_due_on,
        reason=row.reason,
        override_reason=row.override_reason,
        proposed_by=people.get(row.proposed_by, ""),
        approved_by=people.get(row.approved_by, "") if row.approved_by else None,
        open=row.closed_event_id is None,
        former_due_on=row.former_due_on,
        letter_on=row.letter_on,
        in_time=row.in_time,
        entered_on=worklists.office_day(decided.recorded_at) if decided else None,
    )
