"""The indicators of Decision 766/QĐ-TTg for a period, for screen and spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain.indicators import INDICATORS, SETS, Indicator, marks, share
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.services import dossier_sets, tallies, tally_lists, units
from tthc.services.transaction import begin_snapshot

TITLE = "Chỉ số phục vụ người dân, doanh nghiệp (Quyết định 766/QĐ-TTg)"
#: What is printed below the table.
NOTES = (
    "“–”: mẫu số bằng không, hoặc dữ liệu trên hệ thống không cho biết.",
    "Bản chính thức của công thức chưa được đối chiếu; cột điểm chỉ ghi khi biết ngưỡng điểm tối đa.",
    "Số lần bổ sung và bản số hóa tính theo dữ liệu hiện có đến hết ngày cuối kỳ, kể cả với kỳ đã chốt.",
)
_COLUMNS = (
    Column("no", "STT", "number", 5),
    Column("code", "Chỉ số", width=8),
    Column("label", "Nội dung", width=36),
    Column("numerator", "Tử số", "number", 9),
    Column("denominator", "Mẫu số", "number", 9),
    Column("share", "Tỷ lệ", "percent", 9),
    Column("marks", "Điểm", width=22),
    Column("formula", "Công thức", width=60),
    Column("source", "Căn cứ", width=36),
    Column("note", "Ghi chú", width=50),
)


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator of a period; numbers and share are ``None`` where the data cannot give them."""

    indicator: Indicator
    numerator: int | None
    denominator: int | None

    @property
    def share(self) -> float | None:
        """The share; ``None`` over an empty denominator as well."""
        if self.numerator is None or self.denominator is None:
            return None
        return share(self.numerator, self.denominator)

    @property
    def marks(self) -> str:
        """What is known of the points."""
        return marks(self.indicator, self.share)


@dataclass(frozen=True)
class IndicatorTable:
    """All indicators of a period; ``at_on`` is the earlier of its end and today."""

    period: ReportPeriod
    at_on: date
    rows: Sequence[IndicatorRow]


def build(session: Session, *, actor: Actor, today: date, period: ReportPeriod) -> IndicatorTable:
    """The indicators of a period; every number is the size of its list."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    reading = dossier_sets.read(session, actor.unit_id, period, today)
    counted = reading.count(session, {name: one.predicate for name, one in SETS.items()})
    rows = [
        IndicatorRow(
            one,
            None if one.numerator is None else counted[one.numerator],
            None if one.denominator is None else counted[one.denominator],
        )
        for one in INDICATORS
    ]
    return IndicatorTable(period, reading.at_on, rows)


def export(session: Session, *, actor: Actor, today: date, period: ReportPeriod) -> bytes:
    """The table as an XLSX file."""
    table = build(session, actor=actor, today=today, period=period)
    unit = units.header(session, period.to_on, actor.unit_id)
    asked = tallies.Asked(period.from_on, period.to_on, title=period.title)
    notes = list(NOTES)
    if table.at_on < period.to_on:
        notes.append(f"Kỳ chưa kết thúc; số liệu tính đến hết ngày {table.at_on:%d/%m/%Y}.")
    return spreadsheet.write_table(
        ReportTable(
            title=TITLE,
            subtitle=tally_lists.subtitle(asked),
            columns=_COLUMNS,
            rows=[_cells(number, row) for number, row in enumerate(table.rows, start=1)],
            notes=notes,
            header_left=[line for line in (unit.superior, unit.name) if line],
        )
    )


def _cells(number: int, row: IndicatorRow) -> list[object]:
    one = row.indicator
    return [
        number,
        one.code or "–",
        one.label,
        "–" if row.numerator is None else row.numerator,
        "–" if row.denominator is None else row.denominator,
        "–" if row.share is None else row.share,
        row.marks or "–",
        one.formula,
        one.source,
        one.note,
    ]
