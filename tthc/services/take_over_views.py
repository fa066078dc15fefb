"""The take-over as pages tell it: how far it has come, what paper and system say, and what has no partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import TakeOver
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import take_over as queries
from tthc.db.queries import tallies as tally_queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.take_over import SectorLine, agrees, compare
from tthc.domain.vocabulary import TakeOverState
from tthc.services.transaction import NotFound, begin_snapshot
from tthc.services.views import PAGE_SIZE, Page


@dataclass(frozen=True)
class Undone:
    """A take-over that was taken back."""

    on: date
    report_no: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class TakeOverView:
    """How far the take-over has come.

    ``state`` is ``None`` where none has begun; ``closed``: a period is closed, so that nothing can be begun
    or undone any more. ``lines`` compare paper and system at the end of ``until`` by sector. With a list of
    the paper's dossiers (``listed`` of them), ``only_paper`` and ``only_here`` count what has no partner.
    """

    state: TakeOverState | None
    closed: bool
    sectors: Sequence[tuple[int, str]]
    version: int = 0
    on: date | None = None
    report_no: str = ""
    lines: Sequence[SectorLine] = ()
    listed: int = 0
    only_paper: int = 0
    only_here: int = 0
    prepared_at: datetime | None = None
    prepared_by: str = ""
    own: bool = False
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    undone: Sequence[Undone] = ()

    @property
    def until(self) -> date | None:
        """The last day of the paper report."""
        return self.on - timedelta(days=1) if self.on else None

    @property
    def paper(self) -> int:
        """All that was pending on paper."""
        return sum(line.paper for line in self.lines)

    @property
    def here(self) -> int:
        """All that was pending that day in this system."""
        return sum(line.here for line in self.lines)

    @property
    def agrees(self) -> bool:
        """Whether both sides are the same."""
        return agrees(self.lines, self.only_paper + self.only_here)

    @property
    def figures(self) -> Mapping[int, int]:
        """The paper's figures by sector."""
        return {line.sector_id: line.paper for line in self.lines}


@dataclass(frozen=True)
class PaperRow:
    """A dossier of the paper's list, and why it has no partner here (empty: not asked)."""

    code: str
    sector: str
    note: str
    why: str = ""
    here: bool = False


@dataclass(frozen=True)
class HereRow:
    """A dossier that is pending here and not on paper."""

    code: str
    sector: str
    procedure: str
    applicant: str
    received_on: date


def get_take_over(session: Session, *, actor: Actor) -> TakeOverView:
    """The take-over as it stands."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    sectors = tally_queries.sector_names(session)
    closed = dossier_queries.last_close(session, actor.unit_id) is not None
    history = [
        Undone(one.on, one.report_no, one.undone_at, who or "Hệ thống", one.undo_reason)
        for one, who in queries.undone(session, actor.unit_id)
        if one.undone_at is not None
    ]
    found = queries.live(session, actor.unit_id)
    if found is None:
        return TakeOverView(None, closed, sectors, undone=history)
    names = dossier_queries.people_named(session, [found.prepared_by, found.confirmed_by])
    listed = queries.count_items(session, found.id)
    return TakeOverView(
        state=found.state,
        closed=closed,
        sectors=sectors,
        version=found.version,
        on=found.on,
        report_no=found.report_no,
        lines=sector_lines(session, found),
        listed=listed,
        only_paper=queries.count_only_paper(session, found) if listed else 0,
        only_here=queries.count_only_here(session, found) if listed else 0,
        prepared_at=found.prepared_at,
        prepared_by=names.get(found.prepared_by or 0, "Hệ thống"),
        own=found.prepared_by is not None and found.prepared_by == actor.account_id,
        confirmed_at=found.confirmed_at,
        confirmed_by=names.get(found.confirmed_by or 0, "Hệ thống"),
        undone=history,
    )


def begins_on(session: Session, *, actor: Actor) -> date | None:
    """The day from which numbers are counted here, while its take-over is being prepared."""
    actor.require(Action.PREPARE_REPORT)
    found = queries.live(session, actor.unit_id)
    preparing = found is not None and found.state is not TakeOverState.CONFIRMED
    return found.on if found is not None and preparing else None


def counted_from(session: Session, *, actor: Actor, period_from: date) -> date | None:
    """The first day that is counted here, if a period begins before it: its numbers are then not whole."""
    actor.require(Action.VIEW_TALLIES)
    first = queries.confirmed_on(session, actor.unit_id)
    return first if first is not None and period_from < first else None


def list_paper(
    session: Session, *, actor: Actor, sector_id: int | None = None, page: int = 1
) -> tuple[TakeOverView, Page[PaperRow]]:
    """The dossiers that the paper names, of one sector or of all."""
    view, found = _listed(session, actor)
    number = max(1, page)
    rows = queries.items(session, found.id, sector_id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    shown = [PaperRow(item.code, sector, item.note) for item, sector in rows]
    return view, Page(shown, queries.count_items(session, found.id, sector_id), number)


def list_only_paper(session: Session, *, actor: Actor, page: int = 1) -> tuple[TakeOverView, Page[PaperRow]]:
    """What the paper names and is not pending here, and why."""
    view, found = _listed(session, actor)
    number = max(1, page)
    rows = queries.only_paper(session, found, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    shown = [
        PaperRow(item.code, sector, item.note, _why(dossier, here, found.on), here=dossier is not None)
        for item, sector, dossier, here in rows
    ]
    return view, Page(shown, view.only_paper, number)


def list_only_here(session: Session, *, actor: Actor, page: int = 1) -> tuple[TakeOverView, Page[HereRow]]:
    """What is pending here and not on paper."""
    view, found = _listed(session, actor)
    number = max(1, page)
    rows = queries.only_here(session, found, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    shown = [
        HereRow(dossier.code, sector, procedure, applicant, dossier.received_on)
        for dossier, sector, procedure, applicant in rows
    ]
    return view, Page(shown, view.only_here, number)


def sector_lines(session: Session, found: TakeOver) -> list[SectorLine]:
    """Paper and system on the day of a take-over, sector by sector."""
    return compare(
        tally_queries.sector_names(session),
        queries.figures(session, found.unit_id, found.on),
        queries.count_here(session, found.unit_id, found.on),
    )


def _why(dossier: Any, here: str | None, on: date) -> str:
    if dossier is None:
        return "chưa có trên hệ thống"
    if here is not None:
        return f"trên hệ thống thuộc lĩnh vực {here}"
    if dossier.received_on >= on:
        return f"trên hệ thống tiếp nhận ngày {dossier.received_on:%d/%m/%Y}, từ ngày tiếp quản"
    if dossier.ended_on is not None:
        return f"trên hệ thống đã kết thúc ngày {dossier.ended_on:%d/%m/%Y}"
    return "trên hệ thống được tính từ ngày tiếp quản"


def _listed(session: Session, actor: Actor) -> tuple[TakeOverView, TakeOver]:
    view = get_take_over(session, actor=actor)
    found = queries.live(session, actor.unit_id)
    if found is None:
        raise NotFound("Chưa có việc tiếp quản số liệu nào.")
    return view, found
