"""The annexes of a periodic report, each a table for page and spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from tthc.documents import spreadsheet, table_paper
from tthc.documents.table_paper import Signature
from tthc.documents.tables import ReportTable
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import written_date
from tthc.services import annex_counts, annex_lists, units
from tthc.services.annex_lists import ALL_LATE, OverdueOnly
from tthc.services.documents import DEMO_NOTE
from tthc.services.tallies import Asked
from tthc.services.transaction import NotFound
from tthc.services.views import PAGE_SIZE, Page

#: The annex whose rows may be restricted.
OVERDUE = "qua-han"


def annex(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    name: str,
    only: OverdueOnly = ALL_LATE,
) -> ReportTable:
    """One of :data:`ANNEXES` for a period; ``only`` restricts that of late dossiers."""
    actor.require(Action.VIEW_TALLIES)
    if name not in ANNEXES:
        raise NotFound("Không có phụ lục này.")
    if name == OVERDUE:
        return annex_lists.overdue(session, actor, today, asked, only)
    return ANNEXES[name][1](session, actor, today, asked)


@dataclass(frozen=True)
class AnnexPage:
    """An annex with the rows that one page shows; a file has all of them."""

    table: ReportTable
    page: Page[Sequence[object]]


def annex_page(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    name: str,
    page: int,
    only: OverdueOnly = ALL_LATE,
) -> AnnexPage:
    """One page of an annex."""
    table = annex(session, actor=actor, today=today, asked=asked, name=name, only=only)
    shown = table.rows[(page - 1) * PAGE_SIZE :][:PAGE_SIZE]
    return AnnexPage(table, Page(shown, len(table.rows), page))


def export_annex(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    name: str,
    only: OverdueOnly = ALL_LATE,
    on_paper: bool = False,
    demo: bool = False,
) -> bytes:
    """The same with the unit's head as an XLSX file, or as a PDF to be signed (``on_paper``)."""
    table = annex(session, actor=actor, today=today, asked=asked, name=name, only=only)
    unit = units.header(session, asked.to_on, actor.unit_id)
    headed = replace(table, header_left=[line for line in (unit.superior, unit.name) if line])
    if not on_paper:
        return spreadsheet.write_table(headed)
    return table_paper.print_table(
        replace(headed, title=table.title.upper()),
        signatures=[
            Signature("NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"),
            Signature("THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên, đóng dấu)"),
        ],
        place_line=f"{unit.place}, {written_date(today)}",
        demo_note=DEMO_NOTE if demo else "",
    )


#: Every annex by the part of the address that names it: its words, and what builds it.
ANNEXES: Mapping[str, tuple[str, Callable[[Session, Actor, date, Asked], ReportTable]]] = {
    OVERDUE: ("Hồ sơ quá hạn", annex_lists.overdue),
    "danh-sach-qua-han": ("Báo cáo hồ sơ xử lý quá hạn", annex_lists.overdue_list),
    "nguyen-nhan": ("Nguyên nhân quá hạn", annex_counts.reasons),
    "bo-sung": ("Yêu cầu bổ sung hồ sơ", annex_lists.supplements),
    "cung-ky": ("So sánh với cùng kỳ năm trước", annex_counts.comparison),
    "dieu-chinh": ("Điều chỉnh số liệu kỳ trước", annex_counts.adjustments),
}
