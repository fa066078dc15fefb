"""The periodic tally: numbers, the dossiers behind each, and the official form as a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tthc.db.models import DossierSpan
from tthc.db.queries import tallies as queries
from tthc.documents import spreadsheet
from tthc.domain.permissions import Action, Actor
from tthc.domain.tallies import CELLS, CellName, ReportPeriod, Tally, TallyRow, add_up, check
from tthc.domain.vocabulary import DomainError, EndKind, TallyEnds
from tthc.services import settings, units
from tthc.services.transaction import begin_snapshot
from tthc.services.views import PAGE_SIZE, CellRow, Page

_GROUPS = ("sector", "procedure")


def build_tally(
    session: Session,
    *,
    actor: Actor,
    today: date,
    from_on: date,
    to_on: date,
    by: str = "sector",
    title: str = "",
) -> Tally:
    """The tally of a period, with its identities; pending is judged on the earlier of its end and today."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    period = ReportPeriod(from_on, to_on, title)
    at_on = _judged_on(period, today)
    if by not in _GROUPS:
        raise DomainError("Chỉ lập theo lĩnh vực hoặc theo thủ tục.", "by")
    counted = queries.count_cells(session, unit_id=actor.unit_id, from_on=from_on, at_on=at_on, by=by)
    rows = _rows(session, by, counted, at_on)
    total = add_up(rows)
    eve = from_on - timedelta(days=1)
    earlier = queries.count_cells(session, unit_id=actor.unit_id, from_on=eve, at_on=eve, by=by)
    before = {key: cells[CellName.PENDING_TOTAL] for key, cells in earlier.items()}
    adjusted = _adjusted(session, actor.unit_id, from_on, at_on, by)
    identities = check(total, pending_before=sum(before.values()), adjustments=sum(adjusted.values()))
    return Tally(period, at_on, by, rows, total, identities, _faulty(rows, before, adjusted))


def list_cell(
    session: Session,
    *,
    actor: Actor,
    today: date,
    from_on: date,
    to_on: date,
    by: str,
    row_key: int | None,
    cell: CellName,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[CellRow]:
    """The dossiers that make up one number; ``row_key`` ``None`` is the total row."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    if by not in _GROUPS:
        raise DomainError("Chỉ lập theo lĩnh vực hoặc theo thủ tục.", "by")
    at_on = _judged_on(ReportPeriod(from_on, to_on), today)
    total = queries.count_cell(
        session, unit_id=actor.unit_id, from_on=from_on, at_on=at_on, by=by, row_key=row_key, name=cell
    )
    found = queries.list_cell(
        session,
        unit_id=actor.unit_id,
        from_on=from_on,
        at_on=at_on,
        by=by,
        row_key=row_key,
        name=cell,
        offset=(max(1, page) - 1) * size,
        limit=size,
    )
    rows = [
        CellRow(
            code=code,
            procedure=procedure,
            sector=sector,
            applicant=applicant,
            channel=span.channel,
            received_on=span.received_on,
            due_on=span.due_on,
            ended_on=span.ended_on,
            end_kind=span.end_kind,
            why=_why(span, from_on, at_on),
        )
        for span, code, procedure, sector, applicant in found
    ]
    return Page(rows, total, max(1, page), size)


def export_ii06a(
    session: Session,
    *,
    actor: Actor,
    today: date,
    from_on: date,
    to_on: date,
    by: str = "sector",
    period_title: str = "",
) -> bytes:
    """Biểu II.06a/VPCP/KSTT of a period as an XLSX file."""
    tally = build_tally(
        session, actor=actor, today=today, from_on=from_on, to_on=to_on, by=by, title=period_title
    )
    unit = units.header(session, to_on, actor.unit_id)
    separate = ends_apart(session, unit_id=actor.unit_id, on=to_on)
    form = spreadsheet.Ii06aForm(
        unit_name=unit.name,
        superior_name=unit.superior,
        recipient_name=unit.superior,
        place=unit.place,
        period_title=period_title,
        from_on=from_on,
        to_on=to_on,
        rows=[_form_row(row, separate) for row in tally.rows],
        separate_ends=separate,
        issued_on=today,
        notes=_notes(tally),
    )
    return spreadsheet.write_ii06a(form)


def ends_apart(session: Session, *, unit_id: int, on: date) -> bool:
    """Whether the office shows withdrawn and stopped dossiers in columns of their own."""
    return settings.get(session, unit_id, settings.TALLY_ENDS, on) == TallyEnds.SEPARATE


def _adjusted(session: Session, unit_id: int, from_on: date, at_on: date, by: str) -> Counter[int]:
    """How many dossiers each row gained or lost between the end of the day before and its carried over."""
    found: Counter[int] = Counter()
    for _, lost, gained in queries.adjustments(
        session, unit_id=unit_id, from_on=from_on, at_on=at_on, by=by
    ):
        if lost is not None:
            found[lost] -= 1
        if gained is not None:
            found[gained] += 1
    return found


def _faulty(rows: Sequence[TallyRow], before: Mapping[int, int], adjusted: Mapping[int, int]) -> list[str]:
    """The rows in which an identity does not hold."""
    return [
        row.label
        for row in rows
        if not all(
            one.holds
            for one in check(
                row,
                pending_before=before.get(row.key or 0, 0),
                adjustments=adjusted.get(row.key or 0, 0),
            )
        )
    ]


def _judged_on(period: ReportPeriod, today: date) -> date:
    if period.from_on > today:
        raise DomainError("Kỳ báo cáo chưa bắt đầu; chọn kỳ có ngày bắt đầu không sau hôm nay.", "from_on")
    return min(period.to_on, today)


def _rows(session: Session, by: str, counted: dict[int, dict[CellName, int]], at_on: date) -> list[TallyRow]:
    nothing = dict.fromkeys(CELLS, 0)
    if by == "sector":
        return [TallyRow(key, name, counted.get(key, nothing)) for key, name in queries.sector_names(session)]
    names = queries.procedure_names(session, list(counted), at_on)
    rows = [TallyRow(key, name, counted[key], code) for key, code, name in names]
    return [row for row in rows if row.cells[CellName.RECEIVED_TOTAL]]


def _form_row(row: TallyRow, separate: bool) -> spreadsheet.Ii06aRow:
    c, name = row.cells, CellName
    return spreadsheet.Ii06aRow(
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


def _notes(tally: Tally) -> list[str]:
    returned = tally.total.cells[CellName.RETURNED]
    notes = []
    if returned:
        notes.append(f"Trong số hồ sơ đã giải quyết có {returned} hồ sơ trả lại (từ chối giải quyết).")
    if tally.at_on < tally.period.to_on:
        notes.append(f"Kỳ báo cáo chưa kết thúc; số liệu tính đến hết ngày {tally.at_on:%d/%m/%Y}.")
    return notes


def _why(span: DossierSpan, from_on: date, at_on: date) -> str:
    parts = [f"tiếp nhận {span.received_on:%d/%m/%Y}"]
    if span.received_counted_on < from_on:
        parts.append("kỳ trước chuyển sang")
    if span.ended_on is None:
        parts.append(f"chưa kết thúc đến hết {at_on:%d/%m/%Y}")
        if span.waiting:
            parts.append("đang tạm dừng tính thời hạn")
    else:
        kind = span.end_kind or EndKind.RESOLVED
        parts.append(f"{kind.label.lower()} {span.ended_on:%d/%m/%Y}")
    parts.append(f"hẹn trả {span.due_on:%d/%m/%Y}")
    if span.first_due_on != span.due_on:
        parts.append(f"hẹn đầu {span.first_due_on:%d/%m/%Y}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:]
