"""The annexes of a periodic report: what was late and why, requests to supplement, the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import annexes as queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain import closing
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar
from tthc.domain.permissions import Action, Actor
from tthc.domain.supplements import is_late_request
from tthc.domain.tallies import CellName, Tally, TallyRow, on_time_rate
from tthc.domain.vocabulary import OverdueReason
from tthc.services import calendar, tallies, units
from tthc.services.tallies import Asked
from tthc.services.transaction import NotFound
from tthc.services.views import PAGE_SIZE, CellRow, Page

_N = CellName
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
#: What is set against the year before, with the words of its head.
_COMPARED: Sequence[tuple[CellName, str]] = (
    (_N.RECEIVED_TOTAL, "Tiếp nhận"),
    (_N.RESOLVED_TOTAL, "Đã giải quyết"),
    (_N.LATE, "Giải quyết quá hạn"),
    (_N.PENDING_TOTAL, "Đang giải quyết"),
    (_N.OVERDUE, "Đang quá hạn"),
)
_NO_REASON = "chưa nêu"


def annex(session: Session, *, actor: Actor, today: date, asked: Asked, name: str) -> ReportTable:
    """One of :data:`ANNEXES` for a period, as a table for page and spreadsheet."""
    actor.require(Action.VIEW_TALLIES)
    if name not in ANNEXES:
        raise NotFound("Không có phụ lục này.")
    return ANNEXES[name][1](session, actor, today, asked)


@dataclass(frozen=True)
class AnnexPage:
    """An annex with the rows that one page shows; a file has all of them."""

    table: ReportTable
    page: Page[Sequence[object]]


def annex_page(
    session: Session, *, actor: Actor, today: date, asked: Asked, name: str, page: int
) -> AnnexPage:
    """One page of an annex."""
    table = annex(session, actor=actor, today=today, asked=asked, name=name)
    shown = table.rows[(page - 1) * PAGE_SIZE :][:PAGE_SIZE]
    return AnnexPage(table, Page(shown, len(table.rows), page))


def export_annex(session: Session, *, actor: Actor, today: date, asked: Asked, name: str) -> bytes:
    """The same as an XLSX file with the unit's head."""
    table = annex(session, actor=actor, today=today, asked=asked, name=name)
    unit = units.header(session, asked.to_on, actor.unit_id)
    return spreadsheet.write_table(
        replace(table, header_left=[line for line in (unit.superior, unit.name) if line])
    )


def _overdue(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """Every dossier that ended late in the period or is overdue at its end, and how it was answered for."""
    late: list[CellRow] = []
    for cell in (_N.ENDED_LATE, _N.OVERDUE):
        late += tallies.list_cell(
            session, actor=actor, today=today, asked=asked, row_key=None, cell=cell, size=None
        ).rows
    late.sort(key=lambda row: (row.due_on, row.code))
    codes = [row.code for row in late]
    officers = queries.officers_of(session, codes)
    answers = queries.answers_of(session, codes)
    letters = queries.letters_of(session, codes)
    working = calendar.load_rules(session, actor.unit_id, min(asked.to_on, today)).calendar
    rows = [
        _overdue_row(
            number, row, officers, answers, letters, working, until=row.ended_on or min(asked.to_on, today)
        )
        for number, row in enumerate(late, start=1)
    ]
    reasons = Counter(answers[code].reason_code if code in answers else None for code in codes)
    told = sum(code in letters for code in codes)
    return ReportTable(
        title="Hồ sơ quá hạn và nguyên nhân",
        subtitle=_subtitle(asked),
        columns=_LATE_COLUMNS,
        rows=rows,
        notes=[
            f"Tổng số: {len(rows)} hồ sơ; có văn bản xin lỗi: {told}; không có: {len(rows) - told}.",
            *(
                f"Nguyên nhân {reason.value}) {reason.label}: {reasons[reason]} hồ sơ."
                for reason in OverdueReason
            ),
            f"Chưa nêu nguyên nhân: {reasons[None]} hồ sơ.",
        ],
    )


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


def _supplements(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
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
        subtitle=_subtitle(asked),
        columns=_SUPPLEMENT_COLUMNS,
        rows=rows,
        notes=[f"Tổng số: {len(rows)} lần yêu cầu; chưa được bổ sung: {open_now}."],
    )


def _comparison(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """The period, as far as it has passed, beside as much of the year before; rates from sums (domain.md)."""
    until = min(asked.to_on, today)
    before = replace(asked, from_on=_year_before(asked.from_on), to_on=_year_before(until), title="")
    now, then = (tallies.build_tally(session, actor=actor, today=today, asked=one) for one in (asked, before))
    columns = [Column("label", "Lĩnh vực", width=36)]
    for name, head in _COMPARED:
        columns += [
            Column(f"{name.value}_now", "Kỳ này", "number", 9, head),
            Column(f"{name.value}_then", "Cùng kỳ", "number", 9, head),
            Column(f"{name.value}_more", "Tăng, giảm", "number", 9, head),
        ]
    rate = "Tỷ lệ trước hạn, đúng hạn"
    columns += [
        Column("rate_now", "Kỳ này", "percent", 9, rate),
        Column("rate_then", "Cùng kỳ", "percent", 9, rate),
    ]
    earlier = {row.key: row for row in then.rows}
    nothing = TallyRow(None, "", dict.fromkeys(CellName, 0))
    return ReportTable(
        title="So sánh với cùng kỳ năm trước",
        subtitle=f"{_subtitle(asked)}; cùng kỳ: {before.from_on:%d/%m/%Y} – {before.to_on:%d/%m/%Y}",
        columns=columns,
        rows=[_compared(row, earlier.get(row.key, nothing)) for row in now.rows],
        total=_compared(now.total, then.total),
        notes=_comparison_notes(now, then),
    )


def _compared(row: TallyRow, then: TallyRow) -> list[object]:
    cells: list[object] = [row.label]
    for name, _ in _COMPARED:
        cells += [row.cells[name], then.cells[name], row.cells[name] - then.cells[name]]
    rates = [on_time_rate(one.cells) for one in (row, then)]
    return cells + ["–" if rate is None else rate for rate in rates]


def _comparison_notes(now: Tally, then: Tally) -> list[str]:
    notes = ["Tỷ lệ = (trước hạn + đúng hạn) / đã giải quyết, gồm cả hồ sơ rút và dừng; “–”: không có hồ sơ."]
    if now.at_on < now.period.to_on:
        notes.append(f"Kỳ này chưa kết thúc; số liệu tính đến hết ngày {now.at_on:%d/%m/%Y}.")
    if not then.total.cells[_N.RECEIVED_TOTAL]:
        notes.append("Cùng kỳ năm trước không có hồ sơ nào trên hệ thống.")
    return notes


def _year_before(on: date) -> date:
    """The same date of the year before; 29/02 is 28/02."""
    return (
        on.replace(year=on.year - 1, day=28)
        if (on.month, on.day) == (2, 29)
        else on.replace(year=on.year - 1)
    )


def _subtitle(asked: Asked) -> str:
    title = asked.title or closing.title(asked.from_on, asked.to_on)
    span = f"từ ngày {asked.from_on:%d/%m/%Y} đến ngày {asked.to_on:%d/%m/%Y}"
    return f"{title} ({span})" if title else f"Kỳ {span}"


#: Every annex by the part of the address that names it: its words, and what builds it.
ANNEXES: Mapping[str, tuple[str, Callable[[Session, Actor, date, Asked], ReportTable]]] = {
    "qua-han": ("Hồ sơ quá hạn và nguyên nhân", _overdue),
    "bo-sung": ("Yêu cầu bổ sung hồ sơ", _supplements),
    "cung-ky": ("So sánh với cùng kỳ năm trước", _comparison),
}
