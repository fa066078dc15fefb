"""Closing a period (chốt kỳ): one chain a unit, monthly, each closing a snapshot that nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import DossierSpan, PeriodClose
from tthc.db.queries import closes as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import take_over as take_over_queries
from tthc.db.queries import tallies as tally_queries
from tthc.domain import closing
from tthc.domain.calendar import office_time
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Action, Actor
from tthc.domain.settings import TALLY_CUTOFF
from tthc.domain.tallies import Tally
from tthc.domain.text import nfc
from tthc.domain.vocabulary import CloseState, DomainError, PeriodCutoff
from tthc.services import audit, closing_papers, readiness, report_chain, settings, tallies
from tthc.services.readiness import Point
from tthc.services.transaction import begin_snapshot, transaction
from tthc.services.vault import Vault

#: What a closing keeps the figures of; further groupings are read from the members.
_KEPT = ("sector", "procedure")
_SHOWN = "sector"


@dataclass(frozen=True)
class Adjustment:
    """A dossier that moved between pending of the period before and carried over of this one, and why.

    ``lost`` and ``gained`` are the procedures from and to which it moved, empty where there is none.
    """

    code: str
    lost: str
    gained: str
    reason: str


@dataclass(frozen=True)
class NextClose:
    """The period that is to be closed next, and what speaks against it.

    ``figures`` is the checksum of what was shown, which :func:`close_period` asks for again; ``ended`` False:
    the period still runs, and has no ``tally`` that could be kept.
    """

    period: ReportPeriod
    ended: bool
    points: Sequence[Point]
    figures: str
    tally: Tally | None
    adjustments: Sequence[Adjustment]

    @property
    def blocked(self) -> bool:
        """Whether something has to be put right first."""
        return any(point.blocks and point.count for point in self.points)

    @property
    def needs_reason(self) -> bool:
        """Whether whoever closes has to say why in spite of what is open."""
        return any(point.count for point in self.points)


def next_close(session: Session, *, actor: Actor, now: datetime) -> NextClose | None:
    """What is to be closed next; ``None`` while nothing was ever received."""
    actor.require(Action.VIEW_TALLIES)
    begin_snapshot(session)
    period = next_period(session, actor.unit_id)
    if period is None:
        return None
    ended = period.to_on < office_time(now).date()
    figures = _figures(session, actor, period) if ended else {}
    return NextClose(
        period=period,
        ended=ended,
        points=readiness.points(session, actor=actor, now=now, period=period, figures=figures),
        figures=_checksum_of(figures),
        tally=tallies.kept_tally(figures[_SHOWN], period=period, by=_SHOWN) if ended else None,
        adjustments=adjustments_of(session, actor.unit_id, period),
    )


def next_period(session: Session, unit_id: int) -> ReportPeriod | None:
    """Where the chain goes on, or begins: with the take-over, else with the month of the first dossier."""
    last = dossier_queries.last_close(session, unit_id)
    if last is not None:
        start = last.to_on + timedelta(days=1)
        return closing.month_from(start, cutoff_on(session, unit_id, start))
    begins_on = take_over_queries.confirmed_on(session, unit_id)
    if begins_on is not None:
        return closing.month_from(begins_on, cutoff_on(session, unit_id, begins_on))
    first = queries.first_counted_on(session, unit_id)
    if first is None:
        return None
    cutoff = cutoff_on(session, unit_id, first)
    return closing.month_from(closing.month_start(first, cutoff), cutoff)


def cutoff_on(session: Session, unit_id: int, on: date) -> PeriodCutoff:
    """Where the month ends in which a date lies."""
    return PeriodCutoff(settings.get(session, unit_id, TALLY_CUTOFF, on))


def close_period(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    from_on: date,
    to_on: date,
    figures: str,
    vault: Vault,
    reason: str = "",
    demo: bool = False,
) -> int:
    """Close the next period of the chain and return the id of the closing.

    ``figures`` is the checksum of the figures that whoever closes has seen: others are refused. A point of
    the readiness list that blocks is refused, any other needs ``reason``. The official form is kept in
    ``vault``, signed; ``demo``: marked as of no value.
    """
    actor.require(Action.CLOSE_PERIOD)
    period = ReportPeriod(from_on, to_on, closing.title(from_on, to_on))
    # An event that is being recorded has already asked which periods are closed: it is waited for.
    with transaction(session, alone=True):
        last = dossier_queries.last_close(session, actor.unit_id)
        closing.must_follow(last.to_on if last else None, period, office_time(now).date())
        if period != next_period(session, actor.unit_id):
            raise DomainError("Kỳ này không phải kỳ được chốt tiếp theo; xem lại kỳ ở đầu trang.", "to_on")
        kept = _figures(session, actor, period)
        if _checksum_of(kept) != figures:
            raise DomainError(
                "Số liệu đã thay đổi từ lúc được hiển thị. Xem lại số liệu mới nhất bên dưới rồi chốt lại."
            )
        points = readiness.points(session, actor=actor, now=now, period=period, figures=kept)
        close = PeriodClose(
            unit_id=actor.unit_id,
            from_on=from_on,
            to_on=to_on,
            no=queries.last_no(session, actor.unit_id, from_on) + 1,
            state=CloseState.CLOSED,
            figures_json=kept,
            checksum="",
            at=now,
            by=actor.account_id,
            reason=_because(points, reason),
        )
        session.add(close)
        session.flush()
        queries.keep_members(session, close=close)
        _keep_adjustments(session, close)
        close.checksum = checksum(session, close)
        closing_papers.issue(session, actor=actor, now=now, close=close, vault=vault, demo=demo)
        _note(session, now, actor, "close_period", close, close.reason)
        report_chain.follow(session, now=now, actor=actor)
        return close.id


def reopen_period(session: Session, *, now: datetime, actor: Actor, close_id: int, reason: str) -> None:
    """Open the newest closed period again; its figures stay readable as they were closed."""
    actor.require(Action.CLOSE_PERIOD)
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Nhập lý do mở lại kỳ đã chốt.", "reason")
    with transaction(session, alone=True):
        close = closing_papers.closing_of(session, actor, close_id)
        last = dossier_queries.last_close(session, actor.unit_id)
        if last is None or last.id != close.id:
            raise DomainError("Chỉ mở lại được kỳ chốt sau cùng; mở lại lần lượt từ kỳ mới nhất.")
        close.state = CloseState.REOPENED
        close.reopened_at, close.reopened_by, close.reopen_reason = now, actor.account_id, because
        _note(session, now, actor, "reopen_period", close, because)
        session.flush()
        report_chain.follow(session, now=now, actor=actor)


def is_whole(session: Session, *, actor: Actor, close_id: int) -> bool:
    """Whether a closing is still what its checksum says."""
    actor.require(Action.VIEW_TALLIES)
    close = closing_papers.closing_of(session, actor, close_id)
    return checksum(session, close) == close.checksum


def checksum(session: Session, close: PeriodClose) -> str:
    """SHA-256 over the period, the kept figures and every member, in one fixed order.

    Counted again from the database it must give what was kept: then neither was changed.
    """
    digest = hashlib.sha256()
    head = [close.unit_id, close.from_on.isoformat(), close.to_on.isoformat(), close.no]
    digest.update(_canonical([head, close.figures_json]))
    for row in queries.members_in_order(session, close.id):
        digest.update(b"\n")
        digest.update(_canonical([value.isoformat() if isinstance(value, date) else value for value in row]))
    return digest.hexdigest()


def _figures(session: Session, actor: Actor, period: ReportPeriod) -> dict[str, Any]:
    return tallies.figures_of(session, actor=actor, period=period, groups=_KEPT)


def _because(points: Sequence[Point], reason: str) -> str:
    """Why it is closed in spite of what is open; refused without, and where a point blocks."""
    blocking = [point.label for point in points if point.blocks and point.count]
    if blocking:
        raise DomainError(f"Chưa chốt được kỳ: {'; '.join(blocking)}.")
    because = nfc(reason).strip()
    if any(point.count for point in points) and not because:
        raise DomainError("Còn điểm cần lưu ý; nhập lý do vẫn chốt kỳ.", "reason")
    return because


def _keep_adjustments(session: Session, close: PeriodClose) -> None:
    """Two rows for every dossier that moved: −1 where it was pending before, +1 where it is carried over."""
    found = tally_queries.adjustments(
        session, unit_id=close.unit_id, from_on=close.from_on, at_on=close.to_on, by="procedure"
    )
    ids = [dossier_id for dossier_id, _, _ in found]
    if not ids:
        return
    reasons = queries.reasons_of_adjustment(session, ids, close.from_on)
    before = queries.spans_at(session, ids, close.from_on - timedelta(days=1))
    now = queries.spans_at(session, ids, close.to_on)
    queries.add_members(
        session,
        [
            _adjustment_row(close, span, sign, reasons.get(dossier_id, ""))
            for dossier_id, lost, gained in found
            for sign, moved, span in ((-1, lost, before[dossier_id]), (1, gained, now[dossier_id]))
            if moved is not None
        ],
    )


def _adjustment_row(close: PeriodClose, span: DossierSpan, sign: int, reason: str) -> dict[str, Any]:
    return {
        "close_id": close.id,
        "dossier_id": span.dossier_id,
        "sector_id": span.sector_id,
        "procedure_id": span.procedure_id,
        "start_class": None,
        "end_class": None,
        "adjustment": sign,
        "reason": reason,
        **{name: getattr(span, name) for name in queries.FACTS},
    }


def adjustments_of(session: Session, unit_id: int, period: ReportPeriod) -> list[Adjustment]:
    """What moved between pending of the period before and carried over of an open one."""
    found = tally_queries.adjustments(
        session, unit_id=unit_id, from_on=period.from_on, at_on=period.to_on, by="procedure"
    )
    ids = [dossier_id for dossier_id, _, _ in found]
    keys = sorted({key for row in found for key in row[1:] if isinstance(key, int)})
    names = {key: name for key, _, name in tally_queries.procedure_names(session, keys, period.to_on)}
    reasons = queries.reasons_of_adjustment(session, ids, period.from_on)
    codes = queries.codes_of(session, ids)
    return [
        Adjustment(
            codes[dossier_id],
            names.get(lost, "") if isinstance(lost, int) else "",
            names.get(gained, "") if isinstance(gained, int) else "",
            reasons.get(dossier_id, ""),
        )
        for dossier_id, lost, gained in found
    ]


def _note(
    session: Session, now: datetime, actor: Actor, action: str, close: PeriodClose, reason: str
) -> None:
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"period_close:{close.id}",
        detail={
            "from_on": close.from_on.isoformat(),
            "to_on": close.to_on.isoformat(),
            "no": close.no,
            "checksum": close.checksum,
            "reason": reason,
        },
    )


def _checksum_of(figures: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(figures)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
