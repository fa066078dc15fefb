"""The dossiers that one number of a tally counts, and why each is among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import tallies as queries
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import EndKind
from tthc.services.views import PAGE_SIZE, CellRow, Page

#: The key of the row of dossiers that nobody has; ``None`` is the total row's.
NOBODY = 0


def number_of(
    source: queries.Source, *, from_on: date, at_on: date, by: str, row_key: int | str | None, cell: CellName
) -> queries.CellQuery:
    """One number of a table: of the row with a key as tables give it, or with ``None`` of the total row."""
    return queries.CellQuery(
        source=source,
        from_on=from_on,
        at_on=at_on,
        by=by,
        name=cell,
        row_key=None if row_key == NOBODY else row_key,
        whole=row_key is None,
    )


def page_of(
    session: Session, wanted: queries.ListedQuery, *, page: int = 1, size: int | None = PAGE_SIZE
) -> Page[CellRow]:
    """A page of the dossiers behind a number, whatever it is read from; ``size`` ``None``: all of them."""
    total = queries.count_cell(session, wanted)
    number = max(1, page)
    found = queries.list_cell(session, wanted, offset=(number - 1) * size if size else 0, limit=size)
    rows = [
        CellRow(
            code=code,
            procedure=procedure,
            sector=sector,
            applicant=applicant,
            channel=facts.channel,
            received_on=facts.received_on,
            due_on=facts.due_on,
            ended_on=facts.ended_on,
            end_kind=facts.end_kind,
            why=_why(facts, wanted.from_on, wanted.at_on),
        )
        for facts, code, procedure, sector, applicant in found
    ]
    return Page(rows, total, number, size or max(1, total))


def _why(span: Any, from_on: date, at_on: date) -> str:
    parts = [f"tiếp nhận {span.received_on:%d/%m/%Y}{_late(span.received_on, span.received_counted_on)}"]
    if span.received_counted_on < from_on:
        parts.append("kỳ trước chuyển sang")
    if span.ended_on is None:
        parts.append(f"chưa kết thúc đến hết {at_on:%d/%m/%Y}")
        if span.waiting:
            parts.append("đang tạm dừng tính thời hạn")
    else:
        kind = span.end_kind or EndKind.RESOLVED
        late = _late(span.ended_on, span.ended_counted_on)
        parts.append(f"{kind.label.lower()} {span.ended_on:%d/%m/%Y}{late}")
    parts.append(f"hẹn trả {span.due_on:%d/%m/%Y}")
    if span.first_due_on != span.due_on:
        parts.append(f"hẹn đầu {span.first_due_on:%d/%m/%Y}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _late(on: date, counted_on: date) -> str:
    """Where an event is counted that was entered late for a closed period."""
    return f" (nhập sau khi chốt kỳ, tính từ {counted_on:%d/%m/%Y})" if counted_on > on else ""
