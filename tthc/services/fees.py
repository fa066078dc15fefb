"""Fees (phí, lệ phí): recorded with the dossier, paid, waived, corrected, and added up by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, FeePayment
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import fees as queries
from tthc.db.queries.fees import DayRow
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable, Sum
from tthc.domain.fees import FeeEntry, FeeInput, FeeState, check, standing
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, Role
from tthc.services import accounts, units
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import PAGE_SIZE, Choice, Page

_COLUMNS = (
    Column("no", "STT", "number", 6),
    Column("at", "Thời điểm", "datetime", 17),
    Column("code", "Mã hồ sơ", width=26),
    Column("applicant", "Chủ hồ sơ", width=36),
    Column("receipt_no", "Biên lai số", width=14),
    Column("amount", "Số tiền (đồng)", "number", 16),
    Column("by", "Người thu", width=24),
    Column("reason", "Lý do điều chỉnh", width=30),
)


@dataclass(frozen=True)
class FeeEntryView:
    """An entry of a dossier as its page shows it."""

    id: int
    at: datetime
    by: str
    due: int
    paid: int
    receipt_no: str
    exempt_reason: str
    reason: str
    corrected: bool


@dataclass(frozen=True)
class FeesView:
    """The fees of a dossier; ``seen`` is the newest entry (0: none) that whoever looks has before them."""

    code: str
    state: FeeState | None
    entries: Sequence[FeeEntryView]
    seen: int


@dataclass(frozen=True)
class DayView:
    """What a day took in, by person and in all."""

    on: date
    page: Page[DayRow]
    people: Sequence[tuple[int | None, str, int, int]]
    total: int


def get_fees(session: Session, *, actor: Actor, code: str) -> FeesView:
    """What was due, paid and waived for a dossier."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = _dossier(session, actor, code)
    rows = queries.of_dossier(session, dossier.id)
    corrected = {row.corrects_id for row in rows}
    return FeesView(
        code=code,
        state=state_of(rows),
        entries=[
            FeeEntryView(
                id=row.id,
                at=row.at,
                by=row.by,
                due=row.due,
                paid=row.paid,
                receipt_no=row.receipt_no,
                exempt_reason=row.exempt_reason,
                reason=row.reason,
                corrected=row.id in corrected,
            )
            for row in rows
        ],
        seen=rows[-1].id if rows else 0,
    )


def record_fee(session: Session, *, now: datetime, actor: Actor, code: str, fee: FeeInput, seen: int) -> None:
    """Record a payment, a waiver or a new amount due."""
    actor.require(Action.RECORD_FEE)
    with transaction(session):
        dossier = _dossier(session, actor, code, lock=True)
        entries = _fresh(session, dossier, seen)
        if fee.empty:
            raise DomainError("Nhập số tiền phải nộp, đã thu hoặc lý do miễn.", "fee_due")
        add_fee(session, now=now, actor=actor, dossier=dossier, fee=fee, before=standing(entries))


def correct_fee(
    session: Session, *, now: datetime, actor: Actor, code: str, fee: FeeInput, reason: str, seen: int
) -> None:
    """Put a further entry in the place of the newest one that counts; the wrong one stays on record.

    The difference counts on the day of the correction: what an earlier day took in does not change.
    """
    actor.require(Action.RECORD_FEE)
    why = squeeze(reason)
    if not why:
        raise DomainError("Ghi lý do điều chỉnh.", "reason")
    with transaction(session):
        dossier = _dossier(session, actor, code, lock=True)
        entries = _fresh(session, dossier, seen)
        corrected = {one.corrects_id for one in entries}
        counting = [one for one in entries if one.id not in corrected]
        if not counting:
            raise DomainError("Hồ sơ chưa ghi phí, lệ phí nào để điều chỉnh.")
        wrong = counting[-1]
        add_fee(
            session,
            now=now,
            actor=actor,
            dossier=dossier,
            fee=fee,
            before=standing(counting[:-1]),
            corrects_id=wrong.id,
            reason=why,
        )


def add_fee(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    dossier: Dossier,
    fee: FeeInput,
    before: FeeState | None = None,
    corrects_id: int | None = None,
    reason: str = "",
) -> None:
    """Add an entry within the caller's transaction, who holds the dossier or has just made it."""
    clean = replace(fee, receipt_no=squeeze(fee.receipt_no), exempt_reason=squeeze(fee.exempt_reason))
    if len(clean.receipt_no) > 32:
        raise DomainError("Số biên lai dài quá 32 ký tự.", "fee_receipt_no")
    check(clean, paid_before=before.paid if before else 0)
    session.add(
        FeePayment(
            unit_id=dossier.unit_id,
            dossier_id=dossier.id,
            due=clean.due,
            paid=clean.paid,
            receipt_no=clean.receipt_no,
            exempt_reason=clean.exempt_reason,
            at=now,
            recorded_by=actor.account_id,
            corrects_id=corrects_id,
            reason=reason,
        )
    )
    session.flush()


def receipt_warning(session: Session, *, actor: Actor, code: str) -> str:
    """A sentence where the number of the newest receipt of a dossier was written before, else nothing.

    A receipt may stand for several fees, so this warns and refuses nothing. Numbers begin anew with new books
    of receipts, so that what is older than a year is not looked at.
    """
    actor.require(Action.VIEW_DOSSIERS)
    rows = queries.of_dossier(session, _dossier(session, actor, code).id)
    if not rows or not rows[-1].receipt_no:
        return ""
    number, since = rows[-1].receipt_no, rows[-1].at - timedelta(days=365)
    first = queries.first_use(session, actor.unit_id, number, since=since, before=rows[-1].id)
    if first is None:
        return ""
    where = "một lần thu khác của hồ sơ này" if first == code else f"hồ sơ {first}"
    return f"Biên lai số {number} đã được ghi ở {where}; kiểm tra lại số biên lai, điều chỉnh nếu ghi nhầm."


def get_day(
    session: Session, *, actor: Actor, on: date, account_id: int | None = None, page: int = 1
) -> DayView:
    """What a day took in; ``account_id``: by one person alone."""
    actor.require(Action.VIEW_FEES)
    start, end = _bounds(on)
    people = queries.totals(session, actor.unit_id, start, end)
    shown = [one for one in people if account_id is None or one[0] == account_id]
    rows = queries.day(
        session,
        actor.unit_id,
        start,
        end,
        account_id=account_id,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return DayView(
        on=on,
        page=Page(rows, sum(count for _, _, count, _ in shown), page),
        people=people,
        total=sum(amount for _, _, _, amount in shown),
    )


def collectors(session: Session, *, actor: Actor, on: date) -> list[Choice]:
    """Those whose takings of a day can be asked for: who took money on it, and every clerk of that day."""
    actor.require(Action.VIEW_FEES)
    people = queries.totals(session, actor.unit_id, *_bounds(on))
    took = [Choice(str(who), name) for who, name, _, _ in people if who is not None]
    known = {one.value for one in took}
    clerks = accounts.people_of(session, actor.unit_id, on, Role.CLERK)
    return took + [one for one in clerks if one.value not in known]


def export_day(session: Session, *, actor: Actor, on: date, account_id: int | None = None) -> bytes:
    """What a day took in, whole, as a spreadsheet; of one person it says whose takings they are."""
    actor.require(Action.VIEW_FEES)
    start, end = _bounds(on)
    rows = queries.day(session, actor.unit_id, start, end, account_id=account_id)
    cells: list[list[object]] = [
        [number, row.at, row.code, row.applicant, row.receipt_no, row.amount, row.by, row.reason]
        for number, row in enumerate(rows, 1)
    ]
    total = Sum(sum(row.amount for row in rows), range(len(rows)))
    unit = units.header(session, on, actor.unit_id)
    known = collectors(session, actor=actor, on=on) if account_id is not None else []
    by = [f", người thu: {one.label}" for one in known if one.value == str(account_id)]
    return spreadsheet.write_table(
        ReportTable(
            title="Bảng kê thu phí, lệ phí",
            subtitle="".join([f"Ngày {on:%d/%m/%Y}", *by]),
            columns=_COLUMNS,
            rows=cells,
            total=[None, "Tổng cộng", None, None, None, total, None, None],
            header_left=(unit.superior, unit.name),
            signers=("Người lập", "Thủ quỹ"),
        )
    )


def standing_of(session: Session, dossier_id: int) -> FeeState | None:
    """Where a dossier stands; ``None`` when nothing was recorded."""
    return state_of(queries.of_dossier(session, dossier_id))


def state_of(entries: Sequence[Any]) -> FeeState | None:
    """The same of entries that were read already."""
    return standing([_entry(row) for row in entries])


def left_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, int]:
    """What is still to be paid for each of some dossiers, in đồng; those that owe nothing are left out."""
    entries: dict[int, list[FeeEntry]] = {}
    for row in queries.of_dossiers(session, dossier_ids):
        entries.setdefault(row.dossier_id, []).append(_entry(row))
    states = {key: standing(those) for key, those in entries.items()}
    return {key: state.left for key, state in states.items() if state is not None and state.left}


def at_receipt(entries: Sequence[Any], recorded_at: datetime) -> Any | None:
    """Of the entries of a dossier that made with its receipt, as it was corrected since."""
    entry = next((row for row in entries if row.corrects_id is None and row.at == recorded_at), None)
    for row in entries:
        if entry is not None and row.corrects_id == entry.id:
            entry = row
    return entry


def _bounds(on: date) -> tuple[datetime, datetime]:
    start = datetime.combine(on, time.min, OFFICE_ZONE)
    return start, start + timedelta(days=1)


def _dossier(session: Session, actor: Actor, code: str, *, lock: bool = False) -> Dossier:
    dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=lock)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    return dossier


def _fresh(session: Session, dossier: Dossier, seen: int) -> list[FeeEntry]:
    """The entries, when nobody has added one since they were looked at."""
    entries = [_entry(row) for row in queries.of_dossier(session, dossier.id)]
    if (entries[-1].id if entries else 0) != seen:
        raise StaleVersion("Phí, lệ phí của hồ sơ")
    return entries


def _entry(row: FeePayment) -> FeeEntry:
    return FeeEntry(row.id, row.due, row.paid, row.exempt_reason, row.corrects_id)
