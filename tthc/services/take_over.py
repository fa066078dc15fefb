"""Taking over the numbers of an office that begins in mid-year: paper report, open dossiers, difference, yes.

The state of each step is in the database: whoever comes back, or comes after, goes on where it stands.
"""

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
from tthc.documents.sheets import read_sheet
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.take_over import MOST, SectorLine, agrees, check_total, compare
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError, TakeOverState
from tthc.services import audit
from tthc.services.imported_files import RowError, RowReader, place_headings
from tthc.services.register_columns import FIELDS_BY_HEADING, UNUSED_HEADINGS, Field, key, known_headings
from tthc.services.transaction import NotFound, StaleVersion, begin_snapshot, transaction
from tthc.services.views import PAGE_SIZE, Page

_WHAT = "Việc tiếp quản số liệu"
_FIRST_DAY = date(2016, 1, 1)


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
        lines=_lines(session, found),
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


def save_paper(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    version: int,
    on: date,
    report_no: str,
    figures: Mapping[int, int],
    total: int,
) -> None:
    """Step 1: the day, and what the last paper report had pending in each sector (0: nothing was begun yet).

    Typed figures take the place of a list.
    """
    actor.require(Action.PREPARE_REPORT)
    number = _report_no(report_no)
    with transaction(session, alone=True):
        known = {key for key, _ in tally_queries.sector_names(session)}
        if not set(figures) <= known or any(not 0 <= one <= MOST for one in figures.values()):
            raise DomainError("Số hồ sơ của mỗi lĩnh vực là số nguyên không âm.", "total")
        check_total(figures, total)
        found = _draft(session, now, actor, version, on, number)
        kept = {sector: one for sector, one in figures.items() if one}
        if kept != queries.figures(session, actor.unit_id, on):
            # Typed otherwise than the list says: the list is not what stands on paper.
            queries.keep_items(session, found.id, [])
        queries.keep_figures(session, actor.unit_id, on, kept, number)
        _record(session, now, actor, "prepare_take_over", found, {"figures": _named(kept)})


def save_list(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    version: int,
    on: date,
    report_no: str,
    content: bytes,
) -> Sequence[RowError]:
    """Step 1 from a file: one row for each dossier that the paper report counts as pending.

    Every bad row is answered with what is wrong in it, and then nothing is saved.
    """
    actor.require(Action.PREPARE_REPORT)
    number = _report_no(report_no)
    heading, *body = read_sheet(content, known_headings)
    sectors = {key(name): sector_id for sector_id, name in tally_queries.sector_names(session)}
    rows, errors = _read(heading, body, sectors)
    if errors:
        return errors
    with transaction(session, alone=True):
        found = _draft(session, now, actor, version, on, number)
        queries.keep_items(session, found.id, rows)
        kept: dict[int, int] = {}
        for row in rows:
            kept[row["sector_id"]] = kept.get(row["sector_id"], 0) + 1
        queries.keep_figures(session, actor.unit_id, on, kept, number)
        _record(
            session, now, actor, "prepare_take_over", found, {"figures": _named(kept), "listed": len(rows)}
        )
    return []


def submit(session: Session, *, now: datetime, actor: Actor, version: int) -> None:
    """Step 3: whoever prepared it says that both sides agree, and hands it to a supervisor."""
    actor.require(Action.PREPARE_REPORT)
    with transaction(session, alone=True):
        found = _locked(session, actor, version)
        if found.state is not TakeOverState.DRAFT:
            raise DomainError("Số liệu tiếp quản đã được trình.")
        _must_agree(session, found)
        found.state = TakeOverState.SUBMITTED
        found.prepared_at, found.prepared_by = now, actor.account_id
        found.version += 1
        _record(session, now, actor, "submit_take_over", found, {})


def confirm(session: Session, *, now: datetime, actor: Actor, version: int) -> None:
    """A supervisor who did not prepare it says yes: the closing chain begins with these figures."""
    actor.require(Action.CLOSE_PERIOD)
    # Nobody enters a dossier between the comparison and the yes.
    with transaction(session, alone=True):
        found = _locked(session, actor, version)
        if found.state is not TakeOverState.SUBMITTED:
            raise DomainError("Số liệu tiếp quản chưa được cán bộ tổng hợp trình để xác nhận.")
        if found.prepared_by is not None and found.prepared_by == actor.account_id:
            raise DomainError("Người trình không tự xác nhận; cần một lãnh đạo khác xác nhận.")
        _must_agree(session, found)
        found.state = TakeOverState.CONFIRMED
        found.confirmed_at, found.confirmed_by = now, actor.account_id
        found.version += 1
        figures = queries.figures(session, actor.unit_id, found.on)
        _record(session, now, actor, "confirm_take_over", found, {"figures": _named(figures)})


def undo(session: Session, *, now: datetime, actor: Actor, version: int, reason: str) -> None:
    """Take it back while nothing is closed; what was entered stays on record."""
    actor.require(Action.CLOSE_PERIOD)
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Nhập lý do hủy việc tiếp quản số liệu.", "reason")
    with transaction(session, alone=True):
        found = _locked(session, actor, version)
        figures = queries.figures(session, actor.unit_id, found.on)
        queries.keep_figures(session, actor.unit_id, found.on, {}, "")
        found.state = TakeOverState.UNDONE
        found.undone_at, found.undone_by, found.undo_reason = now, actor.account_id, because
        found.version += 1
        _record(session, now, actor, "undo_take_over", found, {"reason": because, "figures": _named(figures)})


# --- the lists behind the numbers ---------------------------------------------------------------------


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


# --- within the transactions --------------------------------------------------------------------------


def _draft(session: Session, now: datetime, actor: Actor, version: int, on: date, report_no: str) -> TakeOver:
    """The take-over to be prepared, new or as it was shown; whatever changes is to be submitted again."""
    if not _FIRST_DAY <= on <= office_time(now).date():
        raise DomainError("Ngày tiếp quản không sau hôm nay.", "on")
    _nothing_closed(session, actor)
    found = queries.live(session, actor.unit_id, lock=True)
    if (found.version if found else 0) != version:
        raise StaleVersion(_WHAT)
    if found is None:
        found = TakeOver(unit_id=actor.unit_id, version=0)
        session.add(found)
    elif found.state is TakeOverState.CONFIRMED:
        raise DomainError("Số liệu tiếp quản đã được xác nhận; hủy việc tiếp quản rồi nhập lại.")
    found.on, found.report_no = on, report_no
    found.state = TakeOverState.DRAFT
    found.prepared_at, found.prepared_by = now, actor.account_id
    found.version += 1
    session.flush()
    return found


def _locked(session: Session, actor: Actor, version: int) -> TakeOver:
    found = queries.live(session, actor.unit_id, lock=True)
    if found is None:
        raise NotFound("Chưa có việc tiếp quản số liệu nào.")
    if found.version != version:
        raise StaleVersion(_WHAT)
    _nothing_closed(session, actor)
    return found


def _nothing_closed(session: Session, actor: Actor) -> None:
    if dossier_queries.last_close(session, actor.unit_id) is not None:
        raise DomainError("Đã có kỳ được chốt nên không nhập, sửa hoặc hủy số liệu tiếp quản được nữa.")


def _must_agree(session: Session, found: TakeOver) -> None:
    unmatched = 0
    if queries.count_items(session, found.id):
        unmatched = queries.count_only_paper(session, found) + queries.count_only_here(session, found)
    if not agrees(_lines(session, found), unmatched):
        raise DomainError("Số liệu trên hệ thống còn lệch với báo cáo giấy; xử lý hết chênh lệch ở bước 3.")


def _lines(session: Session, found: TakeOver) -> list[SectorLine]:
    return compare(
        tally_queries.sector_names(session),
        queries.figures(session, found.unit_id, found.on),
        queries.count_here(session, found.unit_id, found.on),
    )


def _report_no(text: str) -> str:
    number = squeeze(text)
    if not number:
        raise DomainError("Nhập số, ngày của báo cáo giấy gần nhất.", "report_no")
    if len(number) > 120:
        raise DomainError("Viết ngắn hơn: tối đa 120 ký tự.", "report_no")
    return number


def _read(
    heading: Any, body: Sequence[Any], sectors: Mapping[str, int]
) -> tuple[list[dict[str, Any]], list[RowError]]:
    """The rows of the list, and everything that is wrong in it."""
    places, errors = place_headings(
        heading, FIELDS_BY_HEADING, unused=UNUSED_HEADINGS, needed=(Field.CODE, Field.SECTOR)
    )
    if errors:
        return [], errors
    rows: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for one in body:
        reader = RowReader(one, places)
        code = reader.text(Field.CODE)
        if not code and not reader.is_wrong(Field.CODE):
            reader.error(Field.CODE, "Thiếu mã hồ sơ.")
        elif len(code) > 64:
            reader.error(Field.CODE, "Mã hồ sơ dài quá 64 ký tự.")
        elif code in seen:
            reader.error(Field.CODE, f"Hồ sơ này đã có ở dòng {seen[code]}.")
        seen.setdefault(code, one.number)
        sector_id = reader.word(Field.SECTOR, sectors, "tên lĩnh vực như trong danh mục")
        note = reader.text(Field.NOTE) if Field.NOTE in places else ""
        errors += reader.errors
        if sector_id is not None:
            rows.append({"code": code, "sector_id": sector_id, "note": note})
    return rows, errors


def _named(figures: Mapping[int, int]) -> dict[str, int]:
    return {str(sector): number for sector, number in sorted(figures.items())}


def _record(
    session: Session, now: datetime, actor: Actor, action: str, found: TakeOver, detail: Mapping[str, Any]
) -> None:
    session.flush()
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"take_over:{found.id}",
        detail={"on": found.on.isoformat(), "report_no": found.report_no, **detail},
    )
