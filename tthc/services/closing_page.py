"""Closed periods and the one that comes next, as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from tthc.db.models import PeriodClose
from tthc.db.queries import closes as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import tallies as tally_queries
from tthc.domain import closing as rules
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.tallies import CELLS, Cell, CellName, Tally
from tthc.domain.vocabulary import CloseState, DomainError
from tthc.services import closing, closing_papers, tallies, tally_cells, tally_lists
from tthc.services.closing import Adjustment, NextClose
from tthc.services.closing_papers import PaperView
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, CellRow, Page

#: Who acts where nobody is signed in.
_SYSTEM = "Hệ thống"
#: A late entry for which nobody wrote anything else.
_LATE = "Nhập sau khi kỳ đã chốt"


@dataclass(frozen=True)
class ClosingRow:
    """One closing of the chain; ``newest``: the last that is closed, which alone may be reopened."""

    id: int
    period: ReportPeriod
    no: int
    state: CloseState
    checksum: str
    at: datetime
    by: str
    reason: str
    reopened_at: datetime | None
    reopened_by: str
    reopen_reason: str
    newest: bool


@dataclass(frozen=True)
class LateEntry:
    """An event that happened in a closed period, was entered later and is counted in an open one."""

    code: str
    what: str
    occurred_on: date
    counted_on: date
    recorded_at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class ChainPage:
    """What is to be closed next (``None``: nothing was ever received), and the chain, newest first."""

    following: NextClose | None
    late: Page[LateEntry]
    chain: Page[ClosingRow]


@dataclass(frozen=True)
class ClosingView:
    """A closing with the first of its lists.

    ``changes`` against ``earlier``, the id of the closing of the same period before it.
    """

    row: ClosingRow
    tally: Tally
    adjustments: Page[Adjustment]
    late: Page[LateEntry]
    changes: Sequence[rules.Change]
    earlier: int | None
    papers: Sequence[PaperView]


@dataclass(frozen=True)
class Members:
    """The dossiers that a number of a closing counts; ``line`` is empty for the total."""

    row: ClosingRow
    cell: Cell
    line: str
    page: Page[CellRow]

    @property
    def title(self) -> str:
        """What the number counts."""
        return f"{self.cell.label} – {self.line}" if self.line else self.cell.label


def open_chain(session: Session, *, actor: Actor, now: datetime, page: int = 1) -> ChainPage:
    """The page of the chain."""
    following = closing.next_close(session, actor=actor, now=now)
    late: Page[LateEntry] = Page([], 0, 1)
    if following is not None:
        late = _late_entries(session, actor, following.period, None, 1)
    return ChainPage(following, late, list_closings(session, actor=actor, page=page))


def list_closings(
    session: Session, *, actor: Actor, page: int = 1, size: int | None = PAGE_SIZE
) -> Page[ClosingRow]:
    """The chain, newest first, with what was reopened; ``size`` ``None``: all of it."""
    actor.require(Action.VIEW_TALLIES)
    number = max(1, page)
    total = queries.count_closings(session, actor.unit_id)
    limit = size or max(1, total)
    rows = queries.closings(session, actor.unit_id, offset=(number - 1) * limit, limit=limit)
    return Page(_rows(session, actor, rows), total, number, limit)


def get_closing(session: Session, *, actor: Actor, close_id: int, by: str = "sector") -> ClosingView:
    """A closing by itself, whatever came after it; ``by`` is what it kept its figures by."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    close = closing_papers.closing_of(session, actor, close_id)
    if by not in close.figures_json:
        raise DomainError("Số liệu đã chốt được xem theo lĩnh vực hoặc theo thủ tục.", "by")
    period = _period(close)
    tally = tallies.closed_tally(close, by=by, title=period.title)
    earlier = queries.earlier_closing(session, close)
    changed = rules.changes(tallies.closed_tally(earlier, by=by), tally) if earlier else ()
    return ClosingView(
        row=_rows(session, actor, [close])[0],
        tally=tally,
        adjustments=_kept_adjustments(session, close, 1),
        late=_late_entries(session, actor, period, close.at, 1),
        changes=changed,
        earlier=earlier.id if earlier else None,
        papers=closing_papers.papers_of(session, close.id),
    )


def list_members(
    session: Session,
    *,
    actor: Actor,
    close_id: int,
    by: str,
    row_key: int | str | None,
    cell: CellName,
    page: int = 1,
    size: int | None = PAGE_SIZE,
) -> Members:
    """The dossiers behind a number of a closing, read from what it kept; ``size`` ``None``: all of them."""
    actor.require(Action.VIEW_TALLIES)
    if by not in tallies.GROUPS:
        raise NotFound("Bảng số liệu không có dòng này.")
    begin_snapshot(session)
    close = closing_papers.closing_of(session, actor, close_id)
    wanted = tally_cells.number_of(
        tally_queries.closed([close.id]),
        from_on=close.from_on,
        at_on=close.to_on,
        by=by,
        row_key=row_key,
        cell=cell,
    )
    return Members(
        row=_rows(session, actor, [close])[0],
        cell=CELLS[cell],
        line=tally_lists.line_of(session, by, row_key, close.to_on),
        page=tally_cells.page_of(session, wanted, page=page, size=size),
    )


def export_members(
    session: Session,
    *,
    actor: Actor,
    close_id: int,
    by: str,
    row_key: int | str | None,
    cell: CellName,
    format: str,  # noqa: A002
) -> bytes:
    """The same list whole as a file, "xlsx" or "csv"."""
    found = list_members(
        session, actor=actor, close_id=close_id, by=by, row_key=row_key, cell=cell, size=None
    )
    period, row = found.row.period, found.row
    words = f"{period.title} " if period.title else "Kỳ "
    return tally_lists.write(
        session,
        actor=actor,
        title=found.title,
        subtitle=(
            f"{words}(từ ngày {period.from_on:%d/%m/%Y} đến ngày {period.to_on:%d/%m/%Y}); "
            f"số liệu chốt lần {row.no}, mã kiểm tra {row.checksum[:12]}"
        ),
        on=period.to_on,
        rows=found.page.rows,
        format=format,
    )


def list_adjustments(
    session: Session, *, actor: Actor, close_id: int | None = None, page: int = 1
) -> tuple[ReportPeriod, Page[Adjustment]]:
    """The period and its adjustments: as a closing kept them, or (``None``) of the period that comes next."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    if close_id is not None:
        close = closing_papers.closing_of(session, actor, close_id)
        return _period(close), _kept_adjustments(session, close, page)
    period = _following(session, actor)
    found = closing.adjustments_of(session, actor.unit_id, period)
    number = max(1, page)
    start = (number - 1) * PAGE_SIZE
    return period, Page(found[start : start + PAGE_SIZE], len(found), number)


def list_late_entries(
    session: Session, *, actor: Actor, close_id: int | None = None, page: int = 1
) -> tuple[ReportPeriod, Page[LateEntry]]:
    """The period and what was entered late for closed ones and counts in it; see :func:`list_adjustments`."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    if close_id is not None:
        close = closing_papers.closing_of(session, actor, close_id)
        return _period(close), _late_entries(session, actor, _period(close), close.at, page)
    period = _following(session, actor)
    return period, _late_entries(session, actor, period, None, page)


def _following(session: Session, actor: Actor) -> ReportPeriod:
    period = closing.next_period(session, actor.unit_id)
    if period is None:
        raise NotFound("Chưa có hồ sơ nào nên chưa có kỳ nào để chốt.")
    return period


def _period(close: PeriodClose) -> ReportPeriod:
    return ReportPeriod(close.from_on, close.to_on, rules.title(close.from_on, close.to_on))


def _rows(session: Session, actor: Actor, closes: Sequence[PeriodClose]) -> list[ClosingRow]:
    names = dossier_queries.people_named(
        session, [account for close in closes for account in (close.by, close.reopened_by)]
    )
    last = dossier_queries.last_close(session, actor.unit_id)
    return [
        ClosingRow(
            id=close.id,
            period=_period(close),
            no=close.no,
            state=close.state,
            checksum=close.checksum,
            at=close.at,
            by=names.get(close.by or 0, _SYSTEM),
            reason=close.reason,
            reopened_at=close.reopened_at,
            reopened_by=names.get(close.reopened_by or 0, _SYSTEM) if close.reopened_at else "",
            reopen_reason=close.reopen_reason,
            newest=last is not None and last.id == close.id,
        )
        for close in closes
    ]


def _kept_adjustments(session: Session, close: PeriodClose, page: int) -> Page[Adjustment]:
    number = max(1, page)
    rows = queries.kept_adjustments(session, close.id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    names = _procedures(session, [row[2] for row in rows], close.to_on)
    found = []
    for _, of_dossier in groupby(rows, key=lambda row: row[0]):
        moved = list(of_dossier)
        way = {sign: names[procedure] for _, _, procedure, sign, _ in moved}
        found.append(Adjustment(moved[0][1], way.get(-1, ""), way.get(1, ""), moved[0][4]))
    return Page(found, queries.count_kept_adjustments(session, close.id), number)


def _procedures(session: Session, ids: Sequence[int], on: date) -> Mapping[int, str]:
    return {key: name for key, _, name in tally_queries.procedure_names(session, sorted(set(ids)), on)}


def _late_entries(
    session: Session, actor: Actor, period: ReportPeriod, recorded_until: datetime | None, page: int
) -> Page[LateEntry]:
    number = max(1, page)
    span = (actor.unit_id, period.from_on, period.to_on)
    rows = queries.late_entries(
        session, *span, recorded_until=recorded_until, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    entries = [
        LateEntry(
            code=code,
            what=event.kind.label,
            occurred_on=event.occurred_on,
            counted_on=event.counted_on,
            recorded_at=event.recorded_at,
            by=name or _SYSTEM,
            reason=event.reason or event.note or _LATE,
        )
        for event, code, name in rows
    ]
    return Page(entries, queries.count_late(session, *span, recorded_until), number)
