"""The register of petitions and the numbers of a period as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.queries import petitions as queries
from tthc.documents import sheets, spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.petitions import COLUMNS, PetitionCell, PetitionTallyRow
from tthc.domain.vocabulary import DomainError
from tthc.services import petitions, units
from tthc.services.petition_views import PetitionRow
from tthc.services.petitions import PetitionFilter

NOBODY = "Không nêu tên"

_LIST = (
    Column("number", "Số", width=16),
    Column("kind", "Loại", width=14),
    Column("applicant", "Người phản ánh, kiến nghị", width=22),
    Column("subject", "Nội dung", width=38),
    Column("procedure", "Thủ tục liên quan", width=28),
    Column("received_at", "Tiếp nhận lúc", "datetime", width=16),
    Column("due_on", "Hạn xử lý", "date", width=12),
    Column("legal_basis", "Căn cứ xác định hạn", width=22),
    Column("state", "Tình trạng", width=14),
    Column("ended_on", "Ngày trả lời, chuyển", "date", width=12),
    Column("timeliness", "Đúng hạn, quá hạn", width=12),
    Column("transferred_to", "Cơ quan nhận", width=20),
    Column("answer", "Nội dung trả lời", width=38),
    Column("published_on", "Ngày đăng tải", "date", width=12),
    Column("published_in", "Nơi đăng tải", width=22),
)
#: Only of a list that is a number's.
_WHY = Column("why", "Vì sao được tính", width=44)
_GROUPS = {
    PetitionCell.RECEIVED_TOTAL: ("Tiếp nhận", "Tổng số", "(3)=(4)+(5)"),
    PetitionCell.CARRIED_OVER: ("Tiếp nhận", "Từ kỳ trước", "(4)"),
    PetitionCell.RECEIVED_NEW: ("Tiếp nhận", "Mới trong kỳ", "(5)"),
    PetitionCell.ANSWERED: ("Đã trả lời", "Tổng số", "(6)=(7)+(8)"),
    PetitionCell.ANSWERED_ON_TIME: ("Đã trả lời", "Đúng hạn", "(7)"),
    PetitionCell.ANSWERED_LATE: ("Đã trả lời", "Quá hạn", "(8)"),
    PetitionCell.TRANSFERRED: (None, "Đã chuyển cơ quan khác", "(9)"),
    PetitionCell.PENDING: ("Đang xử lý", "Tổng số", "(10)=(11)+(12)"),
    PetitionCell.PENDING_WITHIN: ("Đang xử lý", "Trong hạn", "(11)"),
    PetitionCell.PENDING_OVERDUE: ("Đang xử lý", "Quá hạn", "(12)"),
    PetitionCell.PUBLISHED: (None, "Đã đăng tải công khai", "(13)"),
}
_TALLY = (
    Column("no", "STT", "number", 6, number_label="(1)"),
    Column("kind", "Loại phản ánh, kiến nghị", width=28, number_label="(2)"),
    *(
        Column(cell.value, title, "number", 13, group, number_label)
        for cell, (group, title, number_label) in _GROUPS.items()
    ),
)
#: What a spreadsheet takes for the beginning of a formula. The file is read by people, not by programs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_list(
    session: Session,
    *,
    actor: Actor,
    today: date,
    criteria: PetitionFilter,
    format: str,  # noqa: A002
) -> bytes:
    """All petitions that ``criteria`` admits, whatever its page, as "xlsx" or "csv"."""
    actor.require(Action.EXPORT_REGISTER)
    if format not in ("csv", "xlsx"):
        raise DomainError("Chỉ xuất được tệp CSV hoặc XLSX.", "format")
    where = petitions.conditions(actor.unit_id, today, criteria)
    found = queries.rows(session, where, on=today)
    listed = petitions.rows_of(session, actor.unit_id, found, today)
    columns, rows = list(_LIST), [_cells(row) for row in listed]
    if criteria.cell and criteria.from_on and criteria.to_on:
        columns.append(_WHY)
        at_on = min(criteria.to_on, today)
        for row, cells in zip(listed, rows, strict=True):
            cells.append(row.why(criteria.from_on, at_on))
    if format == "csv":
        texts = [[_text(cell) for cell in row] for row in rows]
        return sheets.write_csv([column.title for column in columns], texts)
    unit = units.header(session, today, actor.unit_id)
    return spreadsheet.write_table(
        ReportTable(
            title="Sổ tiếp nhận, xử lý phản ánh, kiến nghị",
            subtitle=_scope(criteria, today),
            columns=columns,
            rows=rows,
            header_left=(unit.superior, unit.name),
        )
    )


def export_tally(
    session: Session, *, actor: Actor, today: date, from_on: date, to_on: date, title: str = ""
) -> bytes:
    """The numbers of a period by kind as an XLSX file."""
    table = petitions.tally(session, actor=actor, today=today, from_on=from_on, to_on=to_on, title=title)
    unit = units.header(session, to_on, actor.unit_id)
    period = f"từ ngày {from_on:%d/%m/%Y} đến ngày {to_on:%d/%m/%Y}"
    open_period = f"Kỳ chưa kết thúc; số liệu tính đến hết ngày {table.at_on:%d/%m/%Y}."
    return spreadsheet.write_table(
        ReportTable(
            title="Kết quả tiếp nhận, xử lý phản ánh, kiến nghị",
            subtitle=f"{title} ({period})" if title else f"Kỳ {period}",
            columns=_TALLY,
            rows=[_numbers(row, number) for number, row in enumerate(table.rows, start=1)],
            total=_numbers(table.total, None),
            notes=[open_period] if table.at_on < to_on else [],
            header_left=(unit.superior, unit.name),
            unit_line="Đơn vị tính: Phản ánh, kiến nghị",
            signers=("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"),
        )
    )


def _numbers(row: PetitionTallyRow, number: int | None) -> list[object]:
    return [number, row.label, *(row.cells[cell] for cell in _GROUPS)]


def _cells(row: PetitionRow) -> list[object]:
    late = row.timeliness.label if row.timeliness else row.standing.label if row.standing else ""
    return [
        row.number,
        row.kind.label,
        row.applicant or NOBODY,
        row.subject,
        row.procedure,
        row.received_at,
        row.due_on,
        row.legal_basis,
        row.state.label,
        row.ended_on,
        late,
        row.transferred_to,
        row.answer,
        row.published_on,
        row.published_in,
    ]


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{office_time(cell):%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    text = str(cell or "")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _scope(criteria: PetitionFilter, today: date) -> str:
    """What the sheet is about, in words."""
    parts: Sequence[str] = [
        part
        for part in (
            criteria.kind.label if criteria.kind else "",
            criteria.state.label if criteria.state else "",
            COLUMNS[criteria.cell].label if criteria.cell else "",
            f"kỳ từ {criteria.from_on:%d/%m/%Y} đến {criteria.to_on:%d/%m/%Y}"
            if criteria.from_on and criteria.to_on
            else f"đến ngày {today:%d/%m/%Y}",
            f"có chữ “{criteria.q}”" if criteria.q else "",
        )
        if part
    ]
    text = "; ".join(parts)
    return text[0].upper() + text[1:]
