"""The annexes that count: causes of what was late, the year before, and what was adjusted since a closing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import annexes as queries
from tthc.db.queries import closes as close_queries
from tthc.db.queries import tallies as tally_queries
from tthc.documents.tables import Column, ReportTable
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CellName, Tally, TallyRow, on_time_rate
from tthc.domain.vocabulary import OverdueReason
from tthc.services import closing, tallies
from tthc.services.annex_lists import NOT_STATED, OverdueOnly, subtitle
from tthc.services.tallies import Asked
from tthc.services.views import CellRow

_N = CellName
#: What is set against the year before, with the words of its head.
_COMPARED: Sequence[tuple[CellName, str]] = (
    (_N.RECEIVED_TOTAL, "Tiếp nhận"),
    (_N.RESOLVED_TOTAL, "Đã giải quyết"),
    (_N.LATE, "Giải quyết quá hạn"),
    (_N.PENDING_TOTAL, "Đang giải quyết"),
    (_N.OVERDUE, "Đang quá hạn"),
)
_REASONS = (*(one.value for one in OverdueReason), NOT_STATED)
_MOVED_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Mã hồ sơ", width=28),
    Column("what", "Nội dung", width=34),
    Column("lost", "Rời khỏi (−1)", width=34),
    Column("gained", "Chuyển vào (+1)", width=34),
    Column("occurred_on", "Ngày xảy ra", "date", 12),
    Column("counted_on", "Tính từ ngày", "date", 12),
    Column("recorded_at", "Nhập lúc", "datetime", 16),
    Column("reason", "Lý do", width=36),
)


class Counted(int):
    """A number that knows which list it is the size of.

    A cell of the tally of ``asked`` in the line ``row_key`` (``None``: all), or the late dossiers that
    ``only`` admits.
    """

    asked: Asked
    row_key: int | str | None
    cell: CellName | None
    only: OverdueOnly | None

    def __new__(
        cls,
        value: int,
        asked: Asked,
        row_key: int | str | None,
        *,
        cell: CellName | None = None,
        only: OverdueOnly | None = None,
    ) -> Counted:
        """Either ``cell`` or ``only`` is given."""
        self = super().__new__(cls, value)
        self.asked, self.row_key, self.cell, self.only = asked, row_key, cell, only
        return self


def reasons(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """How many dossiers were late by sector, with and without a letter of apology, and for which cause."""
    late: dict[CellName, Sequence[CellRow]] = {
        cell: tallies.list_cell(
            session, actor=actor, today=today, asked=asked, row_key=None, cell=cell, size=None
        ).rows
        for cell in (_N.ENDED_LATE, _N.OVERDUE)
    }
    codes = [row.code for rows in late.values() for row in rows]
    answers, letters = queries.answers_of(session, codes), queries.letters_of(session, codes)
    counts: Counter[tuple[str | None, str]] = Counter()
    for cell, rows in late.items():
        for row in rows:
            cause = answers[row.code].reason_code.value if row.code in answers else NOT_STATED
            told = "told" if row.code in letters else "untold"
            for name in ("all", cell.value, told, cause):
                counts.update([(row.sector, name), (None, name)])
    sectors = [(key, name) for key, name in tally_queries.sector_names(session) if counts[name, "all"]]
    return ReportTable(
        title="Tổng hợp hồ sơ quá hạn theo nguyên nhân",
        subtitle=subtitle(asked),
        columns=[
            Column("label", "Lĩnh vực", width=36, number_label="(1)"),
            Column("all", "Tổng số", "number", 12, number_label="(2)=(3)+(4)"),
            Column("ended", "Đã giải quyết", "number", 12, "Trong đó", "(3)"),
            Column("overdue", "Đang giải quyết", "number", 12, "Trong đó", "(4)"),
            Column("told", "Có", "number", 10, "Văn bản xin lỗi", "(5)"),
            Column("untold", "Không có", "number", 10, "Văn bản xin lỗi", "(6)"),
            *(
                Column(
                    name,
                    "Chưa nêu" if name == NOT_STATED else f"{name})",
                    "number",
                    10,
                    "Nguyên nhân",
                    number,
                )
                for name, number in zip(_REASONS, ("(7)", "(8)", "(9)", "(10)"), strict=True)
            ),
        ],
        rows=[_reasons_row(asked, name, key, name, counts) for key, name in sectors],
        total=_reasons_row(asked, "TỔNG CỘNG", None, None, counts),
        notes=[
            "(2) = (5) + (6) = (7) + (8) + (9) + (10).",
            *(f"Nguyên nhân {reason.value}) {reason.label}." for reason in OverdueReason),
        ],
    )


def _reasons_row(
    asked: Asked,
    label: str,
    key: int | None,
    sector: str | None,
    counts: Mapping[tuple[str | None, str], int],
) -> list[object]:
    def count(name: str, cell: CellName | None = None, **only: Any) -> Counted:
        number = counts.get((sector, name), 0)
        if cell is not None:
            return Counted(number, asked, key, cell=cell)
        return Counted(number, asked, key, only=OverdueOnly(key, **only))

    return [
        label,
        count("all"),
        *(count(cell.value, cell) for cell in (_N.ENDED_LATE, _N.OVERDUE)),
        count("told", letter=True),
        count("untold", letter=False),
        *(count(cause, reason=cause) for cause in _REASONS),
    ]


def comparison(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
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
    both = (asked, before)
    return ReportTable(
        title="So sánh với cùng kỳ năm trước",
        subtitle=f"{subtitle(asked)}; cùng kỳ: {before.from_on:%d/%m/%Y} – {before.to_on:%d/%m/%Y}",
        columns=columns,
        rows=[_compared(both, row, earlier.get(row.key, nothing)) for row in now.rows],
        total=_compared(both, now.total, then.total),
        notes=_comparison_notes(now, then),
    )


def _compared(both: Iterable[Asked], row: TallyRow, then: TallyRow) -> list[object]:
    cells: list[object] = [row.label]
    for name, _ in _COMPARED:
        cells += [
            Counted(side.cells[name], asked, row.key, cell=name)
            for asked, side in zip(both, (row, then), strict=True)
        ]
        cells.append(row.cells[name] - then.cells[name])
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


def adjustments(session: Session, actor: Actor, today: date, asked: Asked) -> ReportTable:
    """What lies between (11) of the period before and (6), and what was entered late for closed periods."""
    until = min(asked.to_on, today)
    moved = closing.adjustments_of(session, actor.unit_id, ReportPeriod(asked.from_on, until))
    late = close_queries.late_entries(session, actor.unit_id, asked.from_on, until, recorded_until=None)
    rows: list[list[object]] = [
        [one.code, "Điều chỉnh cột (6)", one.lost, one.gained, None, None, None, one.reason] for one in moved
    ]
    rows += [
        [
            code,
            f"Nhập sau khi chốt kỳ: {event.kind.label.lower()}",
            "",
            "",
            event.occurred_on,
            event.counted_on,
            event.recorded_at,
            event.reason or event.note,
        ]
        for event, code, _ in late
    ]
    return ReportTable(
        title="Điều chỉnh số liệu kỳ trước",
        subtitle=subtitle(asked),
        columns=_MOVED_COLUMNS,
        rows=[[number, *row] for number, row in enumerate(rows, start=1)],
        notes=[
            f"Hồ sơ làm cột (6) khác số đang giải quyết cuối kỳ trước: {len(moved)}.",
            "Hồ sơ vào đây khi được mở lại, hoặc được đính chính lĩnh vực, thủ tục sau khi kỳ trước đã chốt.",
            f"Việc xảy ra trong kỳ đã chốt nhưng nhập sau, được tính vào kỳ này: {len(late)}.",
        ],
    )
