"""Taking over the numbers of an office that begins in mid-year: paper report, open dossiers, difference, yes.

The state of each step is in the database: whoever comes back, or comes after, goes on where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import TakeOver
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import take_over as queries
from tthc.db.queries import tallies as tally_queries
from tthc.documents.sheets import read_sheet
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.take_over import MOST, agrees, check_total
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError, TakeOverState
from tthc.services import audit
from tthc.services.imported_files import RowError
from tthc.services.register_columns import key, known_headings
from tthc.services.take_over_rows import read_rows
from tthc.services.take_over_views import sector_lines
from tthc.services.transaction import NotFound, StaleVersion, transaction

_WHAT = "Việc tiếp quản số liệu"
_FIRST_DAY = date(2016, 1, 1)


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
    rows, errors = read_rows(heading, body, sectors)
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
    if not agrees(sector_lines(session, found), unmatched):
        raise DomainError("Số liệu trên hệ thống còn lệch với báo cáo giấy; xử lý hết chênh lệch ở bước 3.")


def _report_no(text: str) -> str:
    number = squeeze(text)
    if not number:
        raise DomainError("Nhập số, ngày của báo cáo giấy gần nhất.", "report_no")
    if len(number) > 120:
        raise DomainError("Viết ngắn hơn: tối đa 120 ký tự.", "report_no")
    return number


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
