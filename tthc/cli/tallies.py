"""``tthc tally``: the numbers of Biểu II.06a/VPCP/KSTT."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from tthc.cli.arguments import OfficeDate, OutputFile, Word
from tthc.cli.office import office, write_whole
from tthc.cli.output import Output, table
from tthc.cli.vietnamese import Command, Option
from tthc.domain import closing
from tthc.domain.tallies import ROW_CELLS, CellName, Tally, TallyRow
from tthc.domain.vocabulary import DomainError, TimeUnit

_ROWS = {
    "sector": "Lĩnh vực",
    "procedure": "Thủ tục",
    "channel": "Kênh tiếp nhận",
    "officer": "Người xử lý",
}
_UNITS = {unit.value: unit.label for unit in TimeUnit}
_HEADS = {
    CellName.RECEIVED_TOTAL: "Tiếp nhận",
    CellName.RECEIVED_ONLINE: "Trực tuyến",
    CellName.RECEIVED_COUNTER_POST: "Trực tiếp, BC",
    CellName.CARRIED_OVER: "Kỳ trước",
    CellName.RESOLVED_TOTAL: "Đã giải quyết",
    CellName.EARLY: "Trước hạn",
    CellName.ON_TIME: "Đúng hạn",
    CellName.LATE: "Quá hạn",
    CellName.PENDING_TOTAL: "Đang giải quyết",
    CellName.WITHIN: "Trong hạn",
    CellName.OVERDUE: "Quá hạn",
    CellName.WITHDRAWN: "Rút",
    CellName.STOPPED: "Dừng",
}


@click.command(
    cls=Command,
    help="Lập số liệu tình hình giải quyết hồ sơ của một kỳ (cả hai ngày đều thuộc kỳ) theo lĩnh vực, "
    "thủ tục, kênh tiếp nhận, người xử lý hoặc từng ngày, tuần, tháng, quý, năm của kỳ; "
    "với -o ghi Biểu II.06a ra bảng tính.",
)
@click.option("--from", "from_on", cls=Option, type=OfficeDate(), required=True, help="Ngày đầu kỳ.")
@click.option("--to", "to_on", cls=Option, type=OfficeDate(), required=True, help="Ngày cuối kỳ.")
@click.option(
    "--by",
    cls=Option,
    type=Word((*_ROWS, *_UNITS)),
    default="sector",
    help="sector (mặc định), procedure, channel, officer; day, week, month, quarter hoặc year.",
)
@click.option(
    "--as-known-on",
    "known_on",
    cls=Option,
    type=OfficeDate(),
    help="Số liệu ghi nhận đến hết ngày này; mặc định: đến lúc này.",
)
@click.option(
    "-o", "--output", "path", cls=Option, type=OutputFile(".xlsx"), help="Bảng tính XLSX để ghi ra."
)
@click.pass_obj
def tally(
    output: Output, from_on: date, to_on: date, by: str, known_on: date | None, path: Path | None
) -> None:
    """Build the tally; write the form if asked; answer with the numbers."""
    from tthc.services import take_over_views, tallies, tally_forms

    unit = TimeUnit(by) if by in _UNITS else None
    if from_on > to_on:
        raise DomainError("Ngày đầu kỳ phải trước hoặc trùng ngày cuối kỳ.", "from")
    with office() as here:
        rows = "sector" if unit else by
        asked = tallies.Asked(from_on, to_on, rows, known_on, closing.title(from_on, to_on))
        common: dict[str, Any] = {"actor": here.actor, "today": here.today, "asked": asked}
        try:
            if unit is None:
                built = tallies.build_tally(here.session, **common)
                parts: Sequence[Tally] = ()
            else:
                parted = tallies.build_parts(here.session, **common, unit=unit)
                built, parts = parted.whole, parted.parts
            content = tally_forms.export_ii06a(here.session, **common, unit=unit) if path else b""
            counted_from = take_over_views.counted_from(here.session, actor=here.actor, period_from=from_on)
        except DomainError as refusal:
            # The service speaks of its own arguments, the caller of options.
            raise DomainError(refusal.message, (refusal.field or "").removesuffix("_on") or None)
    answer = as_json(built)
    if unit is not None:
        answer["rows"] = [
            {"from": part.period.from_on, "to": part.period.to_on, **_numbers(part.total)} for part in parts
        ]
    text = as_text(built, unit, parts)
    if counted_from is not None:
        answer["counted_from"] = counted_from
        text += (
            f"\n\nSố liệu chưa đầy đủ: đơn vị theo dõi hồ sơ trên phần mềm từ {counted_from:%d/%m/%Y}; "
            "hồ sơ đã kết thúc trước ngày đó chỉ có trong báo cáo giấy."
        )
    if path is not None:
        write_whole(path, content)
        answer["file"] = str(path)
        text += f"\n\nĐã ghi {path}"
    output.answer(answer, text)


def as_json(built: Tally) -> dict[str, object]:
    """Rows and total, whatever the printed form does with withdrawn and stopped dossiers."""
    return {
        "period": {"from": built.period.from_on, "to": built.period.to_on},
        "as_known_on": built.known_on,
        "closed": built.closed_at is not None,
        "rows": [{**_named(row, built.by), **_numbers(row)} for row in built.rows],
        "total": _numbers(built.total),
    }


def as_text(built: Tally, unit: TimeUnit | None = None, parts: Sequence[Tally] = ()) -> str:
    """A table with one line a sector or procedure, or a part of a ``unit`` of time, the total last."""
    period = built.period
    heads = (unit.label if unit else _ROWS[built.by], *_HEADS.values())
    lined = (
        [(_span(part), part.total) for part in parts] if unit else [(row.label, row) for row in built.rows]
    )
    rows = [
        (_short(label), *(row.cells[name] for name in _HEADS))
        for label, row in (*lined, (built.total.label, built.total))
    ]
    lines = [
        f"Kỳ báo cáo: {period.from_on:%d/%m/%Y} – {period.to_on:%d/%m/%Y}"
        + (f" ({period.title})" if period.title else ""),
        *_standing(built),
        "",
        table(heads, rows, right=frozenset(range(1, len(heads)))),
        "",
    ]
    if all(identity.holds for identity in built.identities) and not built.faulty_rows:
        lines.append("Các đẳng thức của biểu đều khớp.")
    lines += [
        f"KHÔNG KHỚP: {identity.text}: {identity.left} ≠ {identity.right}"
        for identity in built.identities
        if not identity.holds
    ]
    lines += [f"KHÔNG KHỚP ở dòng: {label}" for label in built.faulty_rows]
    return "\n".join(lines)


def _standing(built: Tally) -> list[str]:
    """From where the numbers are: kept at the closing, as known on a date, or as known now."""
    if built.known_on is not None:
        return [f"Số liệu ghi nhận đến hết ngày {built.known_on:%d/%m/%Y}"]
    return ["Số liệu kỳ đã chốt"] if built.closed_at is not None else []


def _span(part: Tally) -> str:
    """A part of a period, a day by itself."""
    first, last = part.period.from_on, part.period.to_on
    return f"{first:%d/%m/%Y}" if first == last else f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"


def _named(row: TallyRow, by: str) -> dict[str, object]:
    return {"procedure": {"code": row.code, "name": row.label}} if by == "procedure" else {by: row.label}


def _numbers(row: TallyRow) -> dict[str, int]:
    return {name.value: row.cells[name] for name in ROW_CELLS}


def _short(label: str) -> str:
    return label if len(label) <= 60 else f"{label[:59].rstrip()}…"
