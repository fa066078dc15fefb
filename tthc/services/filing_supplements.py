"""Filings that lack something: asked for more before they are accepted, answered anew once it has come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import FilingSupplement
from tthc.db.queries import filings as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc
from tthc.domain.vocabulary import DomainError
from tthc.services import filings
from tthc.services.transaction import transaction


def request_supplement(
    session: Session, *, now: datetime, actor: Actor, filing_id: int, missing: str, reason: str
) -> None:
    """Ask for what a filing lacks, with form 02; meanwhile the office owes no answer."""
    actor.require(Action.RECEIVE_DOSSIER)
    asked, why = nfc(missing).strip(), nfc(reason).strip()
    if not asked:
        raise DomainError("Nhập những giấy tờ, nội dung cần bổ sung, mỗi dòng một mục.", "missing")
    if not why:
        raise DomainError("Nhập lý do yêu cầu bổ sung; lý do được in trên phiếu (mẫu 02).", "why")
    with transaction(session):
        filing = filings.waiting(session, actor, filing_id)
        if _open(session, filing.id) is not None:
            raise DomainError(f"Hồ sơ {filing.number} đang chờ bổ sung; nhận bổ sung trước khi yêu cầu tiếp.")
        session.add(
            FilingSupplement(
                filing_id=filing.id,
                requested_at=now,
                requested_by=actor.account_id,
                missing=asked,
                reason=why,
            )
        )
        filing.version += 1


def receive_supplement(
    session: Session, *, now: datetime, actor: Actor, filing_id: int, papers: Collection[str] = ()
) -> None:
    """What was asked for has come: the time to answer begins anew.

    ``papers``: names of required papers that are complete with it; the receipt will certify them.
    """
    actor.require(Action.RECEIVE_DOSSIER)
    with transaction(session):
        filing = filings.waiting(session, actor, filing_id)
        supplement = _open(session, filing.id)
        if supplement is None:
            raise DomainError(f"Hồ sơ {filing.number} không chờ bổ sung.")
        filing.papers_json = filings.completed(session, filing, papers)
        supplement.received_at, supplement.received_by = now, actor.account_id
        filing.answer_due_at = filings.answer_due_at(session, actor.unit_id, now)
        filing.version += 1


def _open(session: Session, filing_id: int) -> FilingSupplement | None:
    found = queries.supplements_of(session, [filing_id])
    return next((row for row, _ in found if row.received_at is None), None)
