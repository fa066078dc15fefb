"""The supervisor's board as a spreadsheet, and its line of what was overdue as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.documents import spreadsheet
from tthc.documents.charts import ColumnChart, Group, columns
from tthc.documents.tables import Column, ReportTable
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Actor
from tthc.services import alert_board, units
from tthc.services.alert_board import AlertRow, BoardFilter, Overdue

_COLUMNS = (
    Column("stage", "Mức", width=18),
    Column("days", "Số ngày làm việc còn lại (âm: đã quá hạn)", "number", 14),
    Column("due_on", "Hạn", "date", 12),
    Column("code", "Mã, số", width=26),
    Column("kind", "Đối tượng", width=16),
    Column("procedure", "Thủ tục, nội dung", width=44),
    Column("sector", "Lĩnh vực", width=22),
    Column("applicant", "Chủ hồ sơ", width=26),
    Column("officer", "Cán bộ", width=20),
    Column("step", "Đang ở", width=24),
    Column("why", "Đang chờ", width=30),
    Column("since", "Chưa trả lời từ", "datetime", 16),
    Column("level", "Nơi phải trả lời", width=18),
    Column("reason_code", "Nhóm nguyên nhân", width=26),
    Column("reason", "Nguyên nhân, hướng xử lý", width=40),
    Column("promised_on", "Hẹn xong", "date", 12),
    Column("answered_by", "Người trả lời", width=20),
)


def export(session: Session, *, actor: Actor, now: datetime, chosen: BoardFilter) -> bytes:
    """All alerts that a filter admits, as an XLSX file."""
    today = office_time(now).date()
    rows = alert_board.all_rows(session, actor=actor, today=today, chosen=chosen)
    unit = units.header(session, today, actor.unit_id)
    return spreadsheet.write_table(
        ReportTable(
            title="Cảnh báo hồ sơ đến hạn, quá hạn",
            subtitle=f"Tính đến {office_time(now):%H:%M %d/%m/%Y}",
            columns=_COLUMNS,
            rows=[_cells(row) for row in rows],
            header_left=[unit.superior, unit.name],
        )
    )


def draw_trend(points: Sequence[Overdue]) -> ColumnChart:
    """The number of overdue dossiers at the end of each day; the month where it is another than before."""
    groups = []
    month = 0
    for one in points:
        under = f"tháng {one.on.month}" if one.on.month != month else ""
        groups.append(Group(f"{one.on.day}", under, f"Hết ngày {one.on:%d/%m/%Y}", (one.number,)))
        month = one.on.month
    return columns("Hồ sơ quá hạn đến hết ngày", groups, (("overdue", "Quá hạn"),))


def _cells(row: AlertRow) -> list[object]:
    given = row.answer or row.earlier
    since = row.unanswered_since if row.unanswered else None
    return [
        row.stage.label,
        row.days,
        row.due_on,
        row.code,
        row.kind.label,
        row.procedure,
        row.sector,
        row.applicant,
        row.holder or ("" if row.petition_id else "Chưa phân công"),
        " · ".join(one for one in (row.agency, row.step) if one),
        "; ".join(row.why),
        since,
        row.level.label if since else "",
        given.reason_label if given else "",
        given.reason if given else "",
        given.promised_on if given else None,
        given.by or "" if given else "",
    ]
