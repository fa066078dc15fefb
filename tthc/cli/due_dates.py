"""``tthc due``: a due date asked for without a dossier; ``tthc explain``: the one of a dossier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tthc.cli.arguments import Amount, Member, has_clock, read_moment, typed_code
from tthc.cli.office import office
from tthc.cli.output import Output, table
from tthc.cli.vietnamese import Command, Option
from tthc.domain.calendar import CalendarNotCovered, office_time, weekday_name
from tthc.domain.due_dates import DueDate, ExplainedDay, compute_due_date
from tthc.domain.time_limits import LimitSegment, TimeLimit
from tthc.domain.vocabulary import DomainError, LimitUnit

if TYPE_CHECKING:
    from tthc.services.dossier_views import DossierView


@click.command(
    cls=Command,
    help="Tính ngày hẹn trả của một hồ sơ tiếp nhận lúc RECEIVED với thời hạn LIMIT, theo lịch làm việc và "
    "quy chế của đơn vị.",
)
@click.option(
    "--received",
    cls=Option,
    required=True,
    metavar="THỜI ĐIỂM",
    help="Thời điểm tiếp nhận, ví dụ 2025-04-23T09:00 hoặc 23/04/2025 09:00; không ghi giờ là đầu ngày.",
)
@click.option("--limit", cls=Option, type=Amount(), required=True, help="Thời hạn, từ 1 trở lên.")
@click.option("--unit", cls=Option, type=Member(LimitUnit), required=True, help="Đơn vị của thời hạn.")
@click.option("--explain", cls=Option, is_flag=True, help="In cách tính từng ngày.")
@click.pass_obj
def due(output: Output, received: str, limit: int, unit: LimitUnit, explain: bool) -> None:
    """Compute, and answer as JSON with every day or as a sentence, with a table on request."""
    moment = read_moment(received, "received")
    if unit is LimitUnit.HOUR and not has_clock(received):
        raise DomainError("Thời hạn tính bằng giờ cần cả giờ tiếp nhận, ví dụ 2025-04-23T09:00.", "received")
    with office() as here:
        from tthc.services import calendar

        rules = calendar.load_rules(here.session, here.actor.unit_id, moment.date())
        time_limit = TimeLimit((LimitSegment(limit, unit),))
        try:
            answer = compute_due_date(moment, time_limit, rules.calendar, rules.policy)
        except CalendarNotCovered as refusal:
            # Which of the two led out of the calendar is seen by the year of the receipt.
            field = "received" if refusal.year <= moment.year else "limit"
            raise DomainError(refusal.message, field)
    output.answer(as_json(answer), as_text(answer, time_limit, moment, explain=explain))


@click.command(
    cls=Command,
    help="Giải thích ngày hẹn trả của hồ sơ CODE: các ngày đã hẹn, nguyên nhân và cách tính từng ngày.",
)
@click.argument("code", metavar="MÃ_HỒ_SƠ")
@click.pass_obj
def explain(output: Output, code: str) -> None:
    """Answer with the promises of a dossier and the days that the one in force was counted from."""
    from tthc.services import dossier_page
    from tthc.services.transaction import NotFound

    with office() as here:
        try:
            view = dossier_page.get_dossier(
                here.session, actor=here.actor, now=here.now, code=typed_code(code)
            )
        except NotFound as refusal:
            raise DomainError(refusal.message, "code")
    output.answer(dossier_as_json(view), dossier_as_text(view))


def dossier_as_json(view: DossierView) -> dict[str, object]:
    """The due date of a dossier with every promise and every day."""
    return {
        "code": view.row.code,
        "due_at": view.due_at,
        "due_on": view.row.due_on,
        "first_due_on": view.first_due_on,
        "appointment_on": view.appointment_on,
        "clock_start_on": view.clock_start_on,
        "provisional": view.provisional,
        "limit": view.limit_label,
        "promises": [
            {
                "no": promise.no,
                "due_at": promise.due_at,
                "due_on": promise.due_on,
                "cause": promise.cause.value,
                "in_force": promise.in_force,
                "computed_due_on": promise.computed_due_on,
            }
            for promise in view.promises
        ],
        "segments": [
            {
                "no": segment.no,
                "agency": segment.agency,
                "limit": segment.label,
                "last_on": segment.last_on,
                "running": segment.running,
                "held": segment.held,
                "late": segment.late,
            }
            for segment in view.segments
        ],
        "delays": list(view.delays),
        "days": _days_as_json(view.explanation),
        "note": view.explanation_note,
    }


def dossier_as_text(view: DossierView) -> str:
    """The same in sentences and two tables."""
    promises = [
        (
            promise.no,
            _spoken(office_time(promise.due_at)),
            promise.cause.label,
            f"{promise.computed_due_on:%d/%m/%Y}" if promise.computed_due_on else "–",
            promise.standing,
        )
        for promise in view.promises
    ]
    beside = [text for text in (*view.row.appointments, view.first_answer) if text]
    lines = [
        f"Hồ sơ {view.row.code}",
        f"Tiếp nhận: {_spoken(office_time(view.received_at))}; thời hạn: {view.limit_label}",
        f"Ngày bắt đầu tính: {weekday_name(view.clock_start_on)} {view.clock_start_on:%d/%m/%Y}",
        f"Hẹn trả kết quả: {_spoken(office_time(view.due_at))}" + (" (tạm tính)" if view.provisional else ""),
        *([f"Lưu ý: {'; '.join(beside)}"] if beside else []),
        "",
        "Các ngày đã hẹn",
        table(("Lần", "Hẹn trả", "Nguyên nhân", "Hệ thống tính", ""), promises, right=frozenset({0})),
        "",
        *_segments_as_text(view),
        "Cách tính ngày hẹn trả",
        *([view.explanation_note] if view.explanation_note else []),
        # Only a limit in hours has amounts above one: minutes.
        _days_as_text(view.explanation, in_hours=any(day.amount > 1 for day in view.explanation)),
    ]
    return "\n".join(lines)


def _segments_as_text(view: DossierView) -> list[str]:
    """The parts of a limit that has several, and at which agency the dossier is late."""
    if not view.segments:
        return []
    rows = [
        (
            segment.no,
            segment.agency,
            segment.label,
            f"{weekday_name(segment.last_on)} {segment.last_on:%d/%m/%Y}",
            "đang chạy" if segment.running else "",
            "; ".join(part for part in (segment.held, segment.late) if part),
        )
        for segment in view.segments
    ]
    heads = ("Đoạn", "Cơ quan", "Thời hạn", "Ngày cuối", "", "Thực tế")
    late = [f"Chậm tại {text}" for text in view.delays]
    return ["Các đoạn của thời hạn", table(heads, rows, right=frozenset({0})), *late, ""]


def as_json(answer: DueDate) -> dict[str, object]:
    """The due date with its days."""
    return {
        "due_at": answer.due_at,
        "due_on": answer.due_on,
        "clock_start_on": answer.clock_start_on,
        "provisional": answer.provisional,
        "days": _days_as_json(answer.days),
    }


def as_text(answer: DueDate, limit: TimeLimit, received: datetime, *, explain: bool) -> str:
    """The due date in a few lines."""
    local = office_time(answer.due_at)
    lines = [
        f"Tiếp nhận: {_spoken(office_time(received))}; thời hạn: {limit.label}",
        f"Ngày bắt đầu tính: {weekday_name(answer.clock_start_on)} {answer.clock_start_on:%d/%m/%Y}",
        f"Hẹn trả kết quả: {_spoken(local)}" + (" (tạm tính)" if answer.provisional else ""),
    ]
    if explain:
        lines += ["", "Cách tính ngày hẹn trả", _days_as_text(answer.days, in_hours=limit.in_hours)]
    return "\n".join(lines)


def _days_as_json(days: Sequence[ExplainedDay]) -> list[dict[str, object]]:
    return [
        {"date": day.date, "counted": day.counted, "amount": day.amount, "reason": day.reason} for day in days
    ]


def _days_as_text(days: Sequence[ExplainedDay], *, in_hours: bool) -> str:
    heads = ("Ngày", "Thứ", "Phút" if in_hours else "Tính", "Lý do")
    rows = [
        (f"{day.date:%d/%m/%Y}", weekday_name(day.date), str(day.amount) if day.counted else "–", day.reason)
        for day in days
    ]
    return table(heads, rows, right=frozenset({2}))


def _spoken(moment: datetime) -> str:
    return f"{moment:%H:%M} {weekday_name(moment.date())} {moment:%d/%m/%Y}"
