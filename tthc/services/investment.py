"""Certificates of investment: recorded, corrected, cancelled, listed and shown with their history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tthc.db.models import Dossier, InvestmentCertificate, InvestmentChange
from tthc.db.queries import investment as queries
from tthc.domain.amounts import show_amount
from tthc.domain.investment import (
    Certificate,
    CertificateChangeKind,
    CertificateKind,
    InvestmentOrigin,
    checked,
    gives_certificate,
    usual_kind,
)
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError
from tthc.services.dossier_views import DossierView
from tthc.services.investment_entries import (
    cancel,
    change,
    dossier_named,
    enter,
    is_granted,
    may_give,
    note_audit,
    refuse_dossier,
    refuse_double,
    refuse_early,
    said_by,
)
from tthc.services.investment_views import (
    CertificateChange,
    CertificateDraft,
    CertificateList,
    CertificateRow,
    CertificateView,
    DossierCertificates,
    MissingCertificate,
)
from tthc.services.transaction import NotFound, StaleVersion, transaction
from tthc.services.views import PAGE_SIZE, Page
from tthc.services.worklists import office_day

#: More candidates than anybody compares by eye.
_CANDIDATES = 20


@dataclass(frozen=True)
class CertificateFilter:
    """The whole state of a list, as its address holds it; both days are inside."""

    q: str = ""
    from_on: date | None = None
    to_on: date | None = None
    origin: InvestmentOrigin | None = None
    kind: CertificateKind | None = None
    unlinked: bool = False
    cancelled: bool = False
    page: int = 1


# --- writing ------------------------------------------------------------------------------------------


def record_certificate(
    session: Session, *, now: datetime, actor: Actor, certificate: Certificate, dossier_code: str = ""
) -> int:
    """Put a certificate on record, of a granted dossier or by itself; the id of the entry."""
    actor.require(Action.RECORD_INVESTMENT)
    with _one_at_a_time(session):
        one = checked(certificate, office_day(now))
        dossier = _dossier(session, actor, dossier_code, one)
        refuse_double(one, queries.numbered(session, actor.unit_id, one.number))
        row = enter(
            session, now=now, actor=actor, certificate=one, dossier_id=dossier.id if dossier else None
        )
        note_audit(session, now=now, actor=actor, row=row, what=CertificateChangeKind.RECORDED)
        return row.id


def correct_certificate(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    certificate_id: int,
    version: int,
    certificate: Certificate,
    dossier_code: str,
    reason: str,
) -> None:
    """Change what an entry says, with a reason; what it said before stays in its history."""
    actor.require(Action.RECORD_INVESTMENT)
    with _one_at_a_time(session):
        row = _row(session, actor, certificate_id, version)
        because = _because(reason)
        one = checked(certificate, office_day(now))
        linked = session.get(Dossier, row.dossier_id) if row.dossier_id else None
        if linked is not None and linked.code == squeeze(dossier_code):
            # What has become of the dossier since does not stand against another correction.
            refuse_early(linked, one)
            dossier: Dossier | None = linked
        else:
            dossier = _dossier(session, actor, dossier_code, one)
        dossier_id = dossier.id if dossier else None
        if (one, dossier_id) == (said_by(row), row.dossier_id):
            raise DomainError("Chưa có nội dung nào được sửa.")
        refuse_double(one, queries.numbered(session, actor.unit_id, one.number), but=row.id)
        change(session, now=now, actor=actor, row=row, certificate=one, dossier_id=dossier_id, reason=because)
        note_audit(session, now=now, actor=actor, row=row, what=CertificateChangeKind.CORRECTED)


def cancel_certificate(
    session: Session, *, now: datetime, actor: Actor, certificate_id: int, version: int, reason: str
) -> None:
    """Take a wrong entry out of every count, with a reason; it stays to be seen."""
    actor.require(Action.RECORD_INVESTMENT)
    with transaction(session):
        row = _row(session, actor, certificate_id, version)
        cancel(session, now=now, actor=actor, row=row, reason=_because(reason))
        note_audit(session, now=now, actor=actor, row=row, what=CertificateChangeKind.CANCELLED)


@contextmanager
def _one_at_a_time(session: Session) -> Iterator[None]:
    """A transaction in which two who record the same certificate at once do not both succeed."""
    try:
        with transaction(session):
            yield
    except IntegrityError:
        raise DomainError(
            "Giấy chứng nhận này vừa được người khác ghi; xem lại danh sách.", "number"
        ) from None


def _dossier(session: Session, actor: Actor, code: str, one: Certificate) -> Dossier | None:
    named = squeeze(code)
    if not named:
        return None
    dossier = dossier_named(session, actor, named)
    refuse_early(dossier, one)
    return dossier


def _row(session: Session, actor: Actor, certificate_id: int, version: int) -> InvestmentCertificate:
    """An entry to be changed, as it was looked at."""
    row = queries.by_id(session, actor.unit_id, certificate_id)
    if row is None:
        raise NotFound("Không tìm thấy Giấy chứng nhận này.")
    if row.cancelled_at is not None:
        raise DomainError("Bản ghi này đã hủy; ghi lại Giấy chứng nhận thành bản ghi mới nếu cần.")
    if row.version != version:
        raise StaleVersion("Giấy chứng nhận")
    return row


def _because(reason: str) -> str:
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Ghi lý do.", "reason")
    return because


# --- reading ------------------------------------------------------------------------------------------


def list_certificates(session: Session, *, actor: Actor, criteria: CertificateFilter) -> CertificateList:
    """One page of the entries that ``criteria`` admits, and the sum of all of them."""
    actor.require(Action.VIEW_TALLIES)
    where = admitted(actor, criteria)
    number = max(1, criteria.page)
    total = queries.total(session, where)
    found = queries.rows(session, where, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return CertificateList(Page([row_of(*raw) for raw in found], total.count, number), total)


def admitted(actor: Actor, criteria: CertificateFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter."""
    return queries.conditions(
        actor.unit_id,
        q=criteria.q,
        from_on=criteria.from_on,
        to_on=criteria.to_on,
        origin=criteria.origin,
        kind=criteria.kind,
        unlinked=criteria.unlinked,
        cancelled=criteria.cancelled,
    )


def get_certificate(session: Session, *, actor: Actor, certificate_id: int) -> CertificateView:
    """One entry with its history."""
    actor.require(Action.VIEW_TALLIES)
    found = queries.rows(session, queries.the_one(actor.unit_id, certificate_id))
    if not found:
        raise NotFound("Không tìm thấy Giấy chứng nhận này.")
    states = queries.changes(session, certificate_id)
    return CertificateView(
        row=row_of(*found[0]),
        version=found[0][0].version,
        history=[
            CertificateChange(
                no=state.no,
                what=state.what,
                at=state.recorded_at,
                by=name or "Hệ thống",
                reason=state.reason,
                differences=_differences(states[place - 1], states[place]) if place else (),
            )
            for place, (state, name, _) in enumerate(states)
        ],
    )


def certificates_of_dossier(session: Session, *, actor: Actor, view: DossierView) -> DossierCertificates:
    """What the page of a dossier says of its certificates."""
    actor.require(Action.VIEW_DOSSIERS)
    granted = is_granted(view)
    rows = [row_of(raw, raw.code, raw.applicant) for raw in queries.of_dossier(session, view.id)]
    return DossierCertificates(
        rows=rows,
        offered=granted and may_give(view.row),
        expected=granted and gives_certificate(view.row.procedure) and not rows,
        unsettled=bool(rows) and not granted,
    )


def draft_for_dossier(session: Session, *, actor: Actor, code: str) -> CertificateDraft:
    """With what the form for the certificate of a dossier begins; refused as its entry would be."""
    actor.require(Action.RECORD_INVESTMENT)
    found = queries.dossiers_named(session, actor.unit_id, [code]).get(code)
    if found is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    refuse_dossier(found)
    dossier = found.dossier
    candidates = queries.conditions(
        actor.unit_id, from_on=dossier.received_on, to_on=dossier.ended_on, unlinked=True
    )
    return CertificateDraft(
        dossier_code=dossier.code,
        procedure=found.procedure,
        applicant=found.applicant,
        issued_on=dossier.ended_on,
        kind=usual_kind(found.procedure),
        candidates=[row_of(*raw) for raw in queries.rows(session, candidates, limit=_CANDIDATES)],
    )


def list_missing(
    session: Session, *, actor: Actor, from_on: date, to_on: date, page: int = 1
) -> Page[MissingCertificate]:
    """Dossiers granted in a span of days whose certificate is not on record."""
    actor.require(Action.VIEW_TALLIES)
    where = queries.missing(actor.unit_id, from_on, to_on)
    number = max(1, page)
    found = queries.list_missing(session, where, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page([MissingCertificate(*raw) for raw in found], queries.count_missing(session, where), number)


def row_of(row: InvestmentCertificate, code: str | None, applicant: str | None) -> CertificateRow:
    """An entry as lists show it."""
    return CertificateRow(
        id=row.id,
        certificate=said_by(row),
        dossier_code=code or "",
        applicant=applicant or "",
        cancelled=row.cancelled_at is not None,
        corrected=row.version > 1 and row.cancelled_at is None,
    )


def _differences(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """What two states of an entry say differently, in words; each is (state, name, code of its dossier)."""
    old, new = (_told(state, code) for state, _, code in (before, after))
    return [(what, old[what], text) for what, text in new.items() if old[what] != text]


def _told(state: InvestmentChange, code: str | None) -> dict[str, str]:
    one = said_by(state)
    return {
        "Số": one.number,
        "Ngày cấp": f"{one.issued_on:%d/%m/%Y}",
        "Nguồn vốn": one.origin.label,
        "Loại": one.kind.label,
        "Vốn (triệu USD)": show_amount(one.usd),
        "Vốn (tỷ đồng)": show_amount(one.vnd),
        "Tên dự án": one.project or "–",
        "Hồ sơ": code or "–",
        "Ghi chú": one.note or "–",
    }
