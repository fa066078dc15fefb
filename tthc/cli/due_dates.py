"""``tthc due``: a due date asked for without a dossier."""

from __future__ import annotations

from datetime import datetime

import click

from tthc.cli.arguments import Amount, Member, has_clock, read_moment
from tthc.cli.office import office
from tthc.cli.output import Output, table
from tthc.cli.vietnamese import Command, Option
from tthc.domain.calendar import CalendarNotCovered, office_time, weekday_name
from tthc.domain.due_dates import DueDate, LimitSegment, TimeLimit, compute_due_date
from tthc.domain.vocabulary import DomainError, LimitUnit


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


def as_json(answer: DueDate) -> dict[str, object]:
    """The due date with its days."""
    return {
        "due_at": answer.due_at,
        "due_on": answer.due_on,
        "clock_start_on": answer.clock_start_on,
        "provisional": answer.provisional,
        "days": [
            {"date": day.date, "counted": day.counted, "amount": day.amount, "reason": day.reason}
            for day in answer.days
        ],
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
        heads = ("Ngày", "Thứ", "Phút" if limit.in_hours else "Tính", "Lý do")
        rows = [
            (
                f"{day.date:%d/%m/%Y}",
                weekday_name(day.date),
                str(day.amount) if day.counted else "–",
                day.reason,
            )
            for day in answer.days
        ]
        lines += ["", "Cách tính ngày hẹn trả", table(heads, rows, right=frozenset({2}))]
    return "\n".join(lines)


def _spoken(moment: datetime) -> str:
    return f"{moment:%H:%M} {weekday_name(moment.date())} {moment:%d/%m/%Y}"
