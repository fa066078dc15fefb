"""The history of a dossier as its page tells it: what each event brought, and what a correction changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import EventRow, Extension
from tthc.db.queries import dossiers as queries
from tthc.domain.calendar import office_time
from tthc.domain.vocabulary import Channel, EventKind, Outcome, SupplementMode
from tthc.services import hand_over_views
from tthc.services.agency_views import ConsultationView
from tthc.services.attachments import AttachmentView
from tthc.services.dossier_views import TimelineEntry
from tthc.services.hand_over_views import HandOverView
from tthc.services.uncollected import ReminderView

_Details = list[tuple[str, str]]


@dataclass(frozen=True)
class Beside:
    """What stands in other rows than the events: by the id of the event that opened it, or by account."""

    missing: Mapping[int, str]
    proposals: Mapping[int, Extension]
    consultations: Sequence[ConsultationView]
    people: Mapping[int, str]
    files: Sequence[AttachmentView]
    hand_overs: Sequence[HandOverView]
    reminders: Sequence[ReminderView]


@dataclass(frozen=True)
class _Facts:
    """The facts of the receipt as they were known after an event, and the date that counted then."""

    case_id: int
    channel: Channel
    received_at: datetime
    due_on: date


def timeline(session: Session, events: Sequence[Any], beside: Beside) -> list[TimelineEntry]:
    """Every event with the name of who recorded it, oldest first."""
    facts = [_facts(events[0], None)]
    for event in events[1:]:
        facts.append(_facts(event, facts[-1]))
    # Only a correction tells of cases.
    corrected = any(event.kind is EventKind.CORRECT for event in events)
    names = queries.case_names(session, {one.case_id for one in facts}) if corrected else {}
    entries = []
    for place, event in enumerate(events):
        details = _details(event, beside)
        if event.kind is EventKind.CORRECT:
            details = _corrected(facts[place - 1], facts[place], names)
        entries.append(
            TimelineEntry(
                seq=event.seq,
                kind=event.kind,
                title=event.kind.label,
                occurred_at=event.occurred_at,
                recorded_at=event.recorded_at,
                actor=event.name or "Hệ thống",
                reason=event.reason,
                note=event.note,
                details=details,
            )
        )
    return _with_more(entries, beside)


def _with_more(entries: list[TimelineEntry], beside: Beside) -> list[TimelineEntry]:
    """Between the events what is none of the dossier's life, each before the first that happened later."""
    told = list(entries)
    more = [*_of_files(beside.files), *_of_results(beside)]
    for entry in sorted(more, key=lambda one: one.occurred_at):
        place = next((no for no, one in enumerate(told) if one.occurred_at > entry.occurred_at), len(told))
        told.insert(place, entry)
    return told


def _of_files(files: Sequence[AttachmentView]) -> list[TimelineEntry]:
    """What was done with files; those that somebody attached in the same minute are told in one line."""
    added: dict[tuple[datetime, str], list[AttachmentView]] = {}
    for file in files:
        added.setdefault((file.recorded_at.replace(second=0, microsecond=0), file.recorded_by), []).append(
            file
        )
    done = [(those[0].recorded_at, "Đính kèm tệp", who, "", those) for (_, who), those in added.items()]
    done += [
        (file.removed_at, "Bỏ tệp", file.removed_by, file.removal_reason, [file])
        for file in files
        if file.removed_at is not None
    ]
    return [
        _beside(at, title, actor, [("Tệp", ", ".join(file.name for file in those))], reason=reason)
        for at, title, actor, reason, those in done
    ]


def _of_results(beside: Beside) -> list[TimelineEntry]:
    """Reminders to come for the result, and corrections of who took it."""
    entries = [
        _beside(one.at, "Nhắc nhận kết quả", one.by, [("Cách nhắc", one.way.label)], note=one.note)
        for one in beside.reminders
    ]
    return entries + [
        _beside(one.recorded_at, "Đính chính việc trả kết quả", one.by, one.details, reason=one.reason)
        for one in beside.hand_overs
        if one.reason
    ]


def _beside(
    at: datetime,
    title: str,
    actor: str,
    details: Sequence[tuple[str, str]],
    *,
    reason: str = "",
    note: str = "",
) -> TimelineEntry:
    return TimelineEntry(
        seq=None,
        kind=None,
        title=title,
        occurred_at=at,
        recorded_at=at,
        actor=actor,
        reason=reason,
        note=note,
        details=details,
    )


def _facts(event: EventRow, before: _Facts | None) -> _Facts:
    data = event.payload_json
    due_on = date.fromisoformat(data["due_on"]) if data.get("due_on") else None
    if before is None:
        # A receipt brings the first date in any case.
        return _Facts(data["case_id"], Channel(data["channel"]), event.occurred_at, due_on or date.min)
    if event.kind is EventKind.CORRECT:
        received_at = datetime.fromisoformat(data["received_at"])
        return _Facts(data["case_id"], Channel(data["channel"]), received_at, due_on or before.due_on)
    return _Facts(before.case_id, before.channel, before.received_at, due_on or before.due_on)


def _details(event: EventRow, beside: Beside) -> _Details:
    data: Mapping[str, Any] = event.payload_json
    details: _Details = []
    if event.id in beside.missing:
        details.append(("Cần bổ sung", beside.missing[event.id]))
    if mode := data.get("mode"):
        details.append(("Thời hạn", SupplementMode(mode).label))
    if outcome := data.get("outcome"):
        label = Outcome(outcome).label
        details.append(("Kết quả", f"{label} (trả lại hồ sơ)" if data.get("returned") else label))
    first = next((one for one in beside.hand_overs if one.event_id == event.id), None)
    if first is not None:
        details += first.details
    elif method := data.get("method"):
        details.append(("Nhận kết quả", Channel(method).label))
    if event.kind is EventKind.COME_BACK:
        item = hand_over_views.item_before(beside.hand_overs, event.id)
        details += [*hand_over_views.item_of(item), ("Lý do chuyển hoàn", hand_over_views.cause_of(data))]
    if event.kind is EventKind.ASSIGN:
        officer = data.get("officer_id")
        details.append(
            ("Người xử lý", beside.people.get(officer, "Chưa phân công") if officer else "Chưa phân công")
        )
    if proposal := beside.proposals.get(event.id):
        details.append(("Đề nghị hẹn trả", f"{proposal.new_due_on:%d/%m/%Y}"))
        if proposal.override_reason:
            details.append(("Lý do gia hạn thêm lần nữa", proposal.override_reason))
    for one in beside.consultations:
        if event.id == one.asked_by:
            details += _asked(one)
        elif event.id == one.answered_by:
            details += [("Cơ quan", one.agency), ("Trả lời", one.answer)]
    if due := data.get("due_on"):
        details.append(("Hẹn trả", f"{date.fromisoformat(due):%d/%m/%Y}"))
    elif told := data.get("appointment_on"):
        details.append(("Hẹn lại, không tính đúng hạn", f"{date.fromisoformat(told):%d/%m/%Y}"))
    return details


def _asked(one: ConsultationView) -> _Details:
    """What another agency was asked, and until when."""
    handed_on = [("Chuyển giải quyết", f"đoạn {one.segment_no} của thời hạn")] if one.segment_no else []
    return [
        ("Cơ quan", one.agency),
        *handed_on,
        ("Nội dung", one.question),
        ("Hạn trả lời", f"{one.due_on:%d/%m/%Y}"),
    ]


def _corrected(was: _Facts, now: _Facts, names: Mapping[int, tuple[str, str]]) -> _Details:
    """What a correction changed, old and new."""
    old_procedure, old_case = names[was.case_id]
    procedure, case = names[now.case_id]
    pairs = (
        ("Thủ tục", old_procedure, procedure),
        ("Trường hợp", old_case or "trường hợp chung", case or "trường hợp chung"),
        ("Kênh", was.channel.label, now.channel.label),
        ("Tiếp nhận lúc", _moment(was.received_at), _moment(now.received_at)),
        ("Hẹn trả", f"{was.due_on:%d/%m/%Y}", f"{now.due_on:%d/%m/%Y}"),
    )
    details = [(name, f"{old} → {new}") for name, old, new in pairs if old != new]
    if was.due_on == now.due_on:
        details.append(("Hẹn trả", f"{now.due_on:%d/%m/%Y}, không đổi"))
    return details


def _moment(at: datetime) -> str:
    return f"{office_time(at):%d/%m/%Y %H:%M}"
