"""A tally as the official form prints it, on a spreadsheet or on paper, also by other lines than sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.queries import closes as close_queries
from tthc.documents import ii06a
from tthc.documents.ii06a import Ii06aForm, Ii06aRow
from tthc.domain import closing
from tthc.domain.permissions import Actor
from tthc.domain.settings import TALLY_ENDS
from tthc.domain.tallies import CellName, Tally, TallyRow
from tthc.domain.vocabulary import TallyEnds, TimeUnit
from tthc.services import settings, tallies, units
from tthc.services.documents import DEMO_NOTE
from tthc.services.tallies import Asked

#: What the lines are called in the head of the table; sectors are those of the form itself.
HEADS: Mapping[str, str] = {
    "procedure": "Thủ tục hành chính",
    "channel": "Kênh tiếp nhận",
    "officer": "Người xử lý",
}
_UNTITLED = "tự chọn"


def export_ii06a(
    session: Session,
    *,
    actor: Actor,
    today: date,
    asked: Asked,
    unit: TimeUnit | None = None,
    on_paper: bool = False,
    demo: bool = False,
) -> bytes:
    """Biểu II.06a/VPCP/KSTT of a period as an XLSX file, or as a PDF to be signed (``on_paper``).

    By other lines than sectors, or by a ``unit`` of time, it is an annex in the same columns.
    """
    if unit is None:
        tally = tallies.build_tally(session, actor=actor, today=today, asked=asked)
        form = form_of(session, actor=actor, tally=tally, issued_on=today)
    else:
        parted = tallies.build_parts(session, actor=actor, today=today, asked=asked, unit=unit)
        form = _form_of_parts(session, actor, parted, today)
    if on_paper:
        return ii06a.print_ii06a(form, demo_note=DEMO_NOTE if demo else "")
    return ii06a.write_ii06a(form)


def form_of(session: Session, *, actor: Actor, tally: Tally, issued_on: date) -> Ii06aForm:
    """What the official form says of a tally, on whatever it is printed."""
    period = tally.period
    unit = units.header(session, period.to_on, actor.unit_id)
    separate = ends_apart(session, unit_id=actor.unit_id, on=period.to_on)
    late = close_queries.count_late(session, actor.unit_id, period.from_on, period.to_on, _known(tally))
    form = Ii06aForm(
        unit_name=unit.name,
        superior_name=unit.superior,
        recipient_name=unit.superior,
        place=unit.place,
        period_title=period.title or closing.title(period.from_on, period.to_on) or _UNTITLED,
        from_on=period.from_on,
        to_on=period.to_on,
        rows=[_form_row(row, separate) for row in tally.rows],
        separate_ends=separate,
        issued_on=issued_on,
        notes=_notes(tally, late),
    )
    return _annex(form, HEADS[tally.by]) if tally.by in HEADS else form


def ends_apart(session: Session, *, unit_id: int, on: date) -> bool:
    """Whether the office shows withdrawn and stopped dossiers in columns of their own."""
    return settings.get(session, unit_id, TALLY_ENDS, on) == TallyEnds.SEPARATE


def _form_of_parts(session: Session, actor: Actor, parted: tallies.PartedTally, issued_on: date) -> Ii06aForm:
    form = form_of(session, actor=actor, tally=parted.whole, issued_on=issued_on)
    rows = [replace(_form_row(one.total, form.separate_ends), label=part_name(one)) for one in parted.parts]
    return replace(
        _annex(form, parted.unit.label),
        rows=rows,
        whole=_form_row(parted.whole.total, form.separate_ends),
        notes=[
            "Dòng cả kỳ là số liệu của cả kỳ; các cột (3), (6), (11) không phải tổng của các dòng trên.",
            *form.notes,
        ],
    )


def part_name(tally: Tally) -> str:
    """What a part of a period is called: its name with its dates, or the dates alone."""
    period = tally.period
    span = f"{period.from_on:%d/%m/%Y}"
    if period.to_on != period.from_on:
        span += f" – {period.to_on:%d/%m/%Y}"
    return f"{period.title} ({span})" if period.title else span


def _annex(form: Ii06aForm, head: str) -> Ii06aForm:
    return replace(
        form,
        form_number=f"Phụ lục {ii06a.FORM_NUMBER}",
        issued_under=f"Số liệu theo {head.lower()}, cùng cách tính với biểu",
        title=f"TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC THEO {head.upper()}",
        row_head=head,
    )


def _known(tally: Tally) -> datetime | None:
    """Until when entries count in a tally, where that is not now."""
    return tallies.end_of(tally.known_on) if tally.known_on else tally.closed_at


def _form_row(row: TallyRow, separate: bool) -> Ii06aRow:
    c, name = row.cells, CellName
    return Ii06aRow(
        label=row.label,
        online=c[name.RECEIVED_ONLINE],
        counter_post=c[name.RECEIVED_COUNTER_POST],
        carried_over=c[name.CARRIED_OVER],
        early=c[name.EARLY if separate else name.ENDED_EARLY],
        on_time=c[name.ON_TIME if separate else name.ENDED_ON_TIME],
        late=c[name.LATE if separate else name.ENDED_LATE],
        within=c[name.WITHIN],
        overdue=c[name.OVERDUE],
        withdrawn=c[name.WITHDRAWN] if separate else 0,
        stopped=c[name.STOPPED] if separate else 0,
    )


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{-number}"


def _notes(tally: Tally, late: int) -> list[str]:
    returned = tally.total.cells[CellName.RETURNED]
    notes = []
    if tally.known_on is not None:
        notes.append(f"Số liệu ghi nhận đến hết ngày {tally.known_on:%d/%m/%Y}.")
    if returned:
        notes.append(f"Trong số hồ sơ đã giải quyết có {returned} hồ sơ trả lại (từ chối giải quyết).")
    if tally.adjusted:
        moved = "; ".join(f"{label} {_signed(number)}" for label, number in tally.adjusted.items())
        notes.append(
            "Cột (6) bằng số đang giải quyết cuối kỳ trước cộng điều chỉnh số liệu kỳ trước "
            f"(danh sách kèm theo): {moved}."
        )
    if late:
        notes.append(
            f"Có {late} việc xảy ra trong các kỳ đã chốt nhưng nhập sau, được tính vào kỳ này "
            "(danh sách kèm theo)."
        )
    if tally.at_on < tally.period.to_on:
        notes.append(f"Kỳ báo cáo chưa kết thúc; số liệu tính đến hết ngày {tally.at_on:%d/%m/%Y}.")
    return notes
