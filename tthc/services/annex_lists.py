"""The annexes that list: what was late and how it was answered for, requests to supplement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import annexes as queries
from tthc.db.queries import tallies as tally_queries
from tthc.documents.tables import Column, ReportTable
from tthc.domain import closing
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.permissions import Actor
from tthc.domain.supplements import is_late_request
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import OverdueReason
from tthc.services import calendar, tallies
from tthc.services.tallies import Asked
from tthc.services.views import CellRow

_N = CellName
#: In the place of a cause that nobody gave.
NOT_STATED = "none"
_LATE_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Mã hồ sơ", width=28),
    Column("procedure", "Thủ tục", width=40),
    Column("applicant", "Chủ hồ sơ", width=26),
    Column("officer", "Người xử lý", width=20),
    Column("due_on", "Hạn", "date", 12),
    Column("ended_on", "Kết thúc", "date", 12),
    Column("late", "Quá hạn (ngày làm việc)", "number", 11),
    Column("letter_on", "Văn bản xin lỗi ngày", "date", 12),
    Column("reason_code", "Nguyên nhân", width=12),
    Column("reason", "Giải trình", width=36),
    Column("promised_on", "Hẹn giải quyết xong", "date", 12),
)
_SUPPLEMENT_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Mã hồ sơ", width=28),
    Column("procedure", "Thủ tục", width=40),
    Column("applicant", "Chủ hồ sơ", width=26),
    Column("received_on", "Tiếp nhận", "date", 12),
    Column("asked_on", "Yêu cầu", "date", 12),
    Column("which", "Lần", "number", 6),
    Column("missing", "Nội dung cần bổ sung", width=40),
    Column("answered_on", "Bổ sung xong", "date", 12),
    Column("mode", "Thời hạn", width=22),
    Column("remark", "Lưu ý", width=28),
)
#: The list of overdue dossiers as the provincial software prints it.
_OVERDUE_LIST_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("procedure", "Tên thủ tục", width=44),
    Column("submitter", "Người nộp hồ sơ", width=26),
    Column("received_on", "Ngày nhận", "date", 12),
    Column("due_on", "Ngày hẹn trả", "date", 12),
    Column("state", "Tình trạng hồ sơ", width=26),
    Column("note", "Ghi chú", width=40),
)
_NO_REASON = "chưa nêu"


@dataclass(frozen=True)
class OverdueOnly:
    """Which late dossiers: of a sector, with a cause (or :data:`NOT_STATED`), with a letter or not."""

    sector_id: int | None = None
    reason: str | None = None
    letter: bool | None = None


ALL_LATE = OverdueOnly()


def overdue(
    session: Session, actor: Actor, today: date, asked: Asked, only: OverdueOnly = ALL_LATE
) -> ReportTable:
    """Every dossier that ended late in the period or is overdue at its end, and how it was answered for."""
    late = _late(session, actor, today, asked, only.sector_id)
    codes = [row.code for row in late]
    answers = queries.answers_of(session, codes)
    letters = queries.letters_of(session, codes)
    causes = {code: answers[code].reason_code.value if code in answers else NOT_STATED for code in codes}
    late = [
        row
        for row in late
        if only.reason in (None, causes[row.code]) and only.letter in (None, row.code in letters)
    ]
    officers = queries.officers_of(session, [row.code for row in late])
    working = calendar.load_rules(session, actor.unit_id, min(asked.to_on, today)).calendar
    rows = [
        _overdue_row(
            number, row, officers, answers, letters, working, until=row.ended_on or min(asked.to_on, today)
        )
        for number, row in enumerate(late, start=1)
    ]
    told = sum(row.code in letters for row in late)
    return ReportTable(
        title="Hồ sơ quá hạn và nguyên nhân",
        subtitle="; ".join([subtitle(asked), *_told_of(session, only)]),
        columns=_LATE_COLUMNS,
        rows=rows,
        notes=[
            f"Tổng số: {len(rows)} hồ sơ; có văn bản xin lỗi: {told}; không có: {len(rows) - told}.",
            *(f"Nguyên nhân {reason.value}) {reason.label}." for reason in OverdueReason),
        ],
    )


def overdue_list(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """The same dossiers in the columns of the list that is handed in."""
    late = _late(session, actor, today, asked)
    submitters = queries.submitters_of(session, [row.code for row in late])
    until = min(asked.to_on, today)
    working = calendar.load_rules(session, actor.unit_id, until).calendar
    rows: list[list[object]] = []
    for number, row in enumerate(late, start=1):
        days = _working_days(working, row.due_on, row.ended_on or until)
        submitter = submitters.get(row.code)
        rows.append(
            [
                number,
                row.procedure,
                submitter[1] if submitter else row.applicant,
                row.received_on,
                row.due_on,
                f"Đã kết thúc ngày {row.ended_on:%d/%m/%Y}" if row.ended_on else "Đang giải quyết",
                row.code if days is None else f"{row.code}; quá hạn {days:02d} ngày làm việc",
            ]
        )
    return ReportTable(
        title="Báo cáo hồ sơ xử lý quá hạn",
        subtitle=subtitle(asked),
        columns=_OVERDUE_LIST_COLUMNS,
        rows=rows,
        notes=[f"Tổng số: {len(rows)} hồ sơ."],
    )


def _late(
    session: Session, actor: Actor, today: date, asked: Asked, sector_id: int | None = None
) -> list[CellRow]:
    """Every dossier that ended late in the period or is overdue at its end, the oldest due date first."""
    late: list[CellRow] = []
    for cell in (_N.ENDED_LATE, _N.OVERDUE):
        late += tallies.list_cell(
            session, actor=actor, today=today, asked=asked, row_key=sector_id, cell=cell, size=None
        ).rows
    return sorted(late, key=lambda row: (row.due_on, row.code))


def _told_of(session: Session, only: OverdueOnly) -> list[str]:
    """What a list is restricted to, in words."""
    words = [name for key, name in tally_queries.sector_names(session) if key == only.sector_id]
    if only.reason:
        words.append("chưa nêu nguyên nhân" if only.reason == NOT_STATED else f"nguyên nhân {only.reason})")
    if only.letter is not None:
        words.append("có văn bản xin lỗi" if only.letter else "không có văn bản xin lỗi")
    return words


def _overdue_row(
    number: int,
    row: CellRow,
    officers: Mapping[str, Any],
    answers: Mapping[str, Any],
    letters: Mapping[str, Any],
    working: WorkingCalendar,
    *,
    until: date,
) -> list[object]:
    officer, answer, letter = officers.get(row.code), answers.get(row.code), letters.get(row.code)
    return [
        number,
        row.code,
        row.procedure,
        row.applicant,
        officer[1] if officer else "chưa phân công",
        row.due_on,
        row.ended_on,
        _working_days(working, row.due_on, until),
        letter.letter_on if letter else None,
        f"{answer.reason_code.value})" if answer else _NO_REASON,
        answer.reason if answer else "",
        answer.promised_on if answer else None,
    ]


def _working_days(working: WorkingCalendar, due_on: date, until: date) -> int | None:
    """How late, in working days; nothing where the calendar does not reach."""
    try:
        return working.working_days_between(due_on, until)
    except CalendarNotCovered:
        return None


def supplements(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """Every request to supplement that was made in the period, and what came of it."""
    working = calendar.load_rules(session, actor.unit_id, min(asked.to_on, today)).calendar
    rows: list[list[object]] = []
    found = queries.requests_between(session, actor.unit_id, asked.from_on, min(asked.to_on, today))
    for number, one in enumerate(found, start=1):
        request, code, procedure, applicant, received_on, asked_on, answered_on, earlier = one
        remarks = []
        if earlier:
            remarks.append("yêu cầu quá một lần")
        elif is_late_request(received_on, asked_on, working):
            remarks.append("quá 03 ngày làm việc")
        if answered_on is None:
            remarks.append("chưa bổ sung")
        rows.append(
            [
                number,
                code,
                procedure,
                applicant,
                received_on,
                asked_on,
                earlier + 1,
                request.missing,
                answered_on,
                request.mode.label,
                "; ".join(remarks),
            ]
        )
    open_now = sum(row[8] is None for row in rows)
    return ReportTable(
        title="Yêu cầu bổ sung hồ sơ",
        subtitle=subtitle(asked),
        columns=_SUPPLEMENT_COLUMNS,
        rows=rows,
        notes=[f"Tổng số: {len(rows)} lần yêu cầu; chưa được bổ sung: {open_now}."],
    )


def subtitle(asked: Asked) -> str:
    """The period of an annex with its name, if it has one."""
    title = asked.title or closing.title(asked.from_on, asked.to_on)
    span = f"từ ngày {asked.from_on:%d/%m/%Y} đến ngày {asked.to_on:%d/%m/%Y}"
    return f"{title} ({span})" if title else f"Kỳ {span}"
