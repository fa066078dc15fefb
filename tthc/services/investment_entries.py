"""Putting a certificate on record and changing it, within the caller's transaction; its history beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, InvestmentCertificate, InvestmentChange
from tthc.db.queries import investment as queries
from tthc.db.queries import search
from tthc.db.queries.investment import NamedDossier
from tthc.domain.investment import (
    SECTOR,
    Certificate,
    CertificateChangeKind,
    CertificateKind,
    gives_certificate,
)
from tthc.domain.permissions import Actor
from tthc.domain.text import fold
from tthc.domain.vocabulary import DomainError, EndKind, Outcome
from tthc.services import audit
from tthc.services.dossier_views import DossierView
from tthc.services.views import DossierRow

#: How an action is named in the audit chain.
_ACTIONS = {
    CertificateChangeKind.RECORDED: "record_certificate",
    CertificateChangeKind.CORRECTED: "correct_certificate",
    CertificateChangeKind.CANCELLED: "cancel_certificate",
}


def enter(
    session: Session, *, now: datetime, actor: Actor, certificate: Certificate, dossier_id: int | None
) -> InvestmentCertificate:
    """A new entry with its first state; the caller has checked it and writes the audit."""
    row = InvestmentCertificate(
        unit_id=actor.unit_id, recorded_at=now, recorded_by=actor.account_id, version=1
    )
    _fill(row, certificate, dossier_id)
    session.add(row)
    session.flush()
    _note_state(session, now, actor, row, CertificateChangeKind.RECORDED, "")
    search.write_of_dossiers(session, [dossier_id])
    return row


def change(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    row: InvestmentCertificate,
    certificate: Certificate,
    dossier_id: int | None,
    reason: str,
) -> None:
    """Give an entry another content; the one that it had stays in its history."""
    before = row.dossier_id
    _fill(row, certificate, dossier_id)
    row.version += 1
    session.flush()
    search.write_of_dossiers(session, [before, dossier_id])
    _note_state(session, now, actor, row, CertificateChangeKind.CORRECTED, reason)


def cancel(session: Session, *, now: datetime, actor: Actor, row: InvestmentCertificate, reason: str) -> None:
    """Take an entry out of every count; it stays on record."""
    row.cancelled_at = now
    row.version += 1
    session.flush()
    _note_state(session, now, actor, row, CertificateChangeKind.CANCELLED, reason)


def note_audit(
    session: Session, *, now: datetime, actor: Actor, row: InvestmentCertificate, what: CertificateChangeKind
) -> None:
    """Chain that something was done; what it was is in the entry's own history."""
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=_ACTIONS[what],
        subject=f"investment_certificate:{row.id}",
        detail={"no": row.version},
    )


def said_by(row: InvestmentCertificate | InvestmentChange) -> Certificate:
    """What an entry, or one state of it, says."""
    return Certificate(
        number=row.number,
        kind=row.kind,
        origin=row.origin,
        issued_on=row.issued_on,
        usd=row.capital_usd,
        vnd=row.capital_vnd,
        project=row.project,
        note=row.note,
    )


def refuse_double(
    one: Certificate, known: Sequence[InvestmentCertificate], *, but: int | None = None
) -> None:
    """Raise where an entry stands for the same thing already; ``known`` are those of the same number."""
    for row in known:
        if row.id == but:
            continue
        if (row.kind, row.issued_on) == (one.kind, one.issued_on):
            raise DomainError(
                f"Giấy chứng nhận số {one.number}, {one.kind.label.lower()}, ngày {one.issued_on:%d/%m/%Y} "
                "đã được ghi.",
                "number",
            )
        if row.kind is one.kind is CertificateKind.NEW:
            raise DomainError(
                f"Số {one.number} đã được ghi là cấp mới ngày {row.issued_on:%d/%m/%Y}; lần sau của cùng "
                "dự án là điều chỉnh.",
                "number",
            )


def may_give(named: NamedDossier | DossierRow) -> bool:
    """Whether a dossier is one that may give a certificate."""
    return fold(named.sector) == fold(SECTOR) or gives_certificate(named.procedure)


def is_granted(dossier: Dossier | DossierView) -> bool:
    """Whether a dossier was resolved as it was asked for."""
    return dossier.end_kind is EndKind.RESOLVED and dossier.outcome is Outcome.GRANTED


def refuse_dossier(named: NamedDossier) -> None:
    """Raise where a dossier is none that gave a certificate."""
    code = named.dossier.code
    if not may_give(named):
        raise DomainError(
            f"Hồ sơ {code} thuộc lĩnh vực {named.sector}, không cấp Giấy chứng nhận đăng ký đầu tư.",
            "dossier_code",
        )
    if not is_granted(named.dossier):
        raise DomainError(
            f"Hồ sơ {code} chưa có kết quả “{Outcome.GRANTED.label}”; kết thúc xử lý hồ sơ trước.",
            "dossier_code",
        )


def refuse_early(dossier: Dossier, one: Certificate) -> None:
    """Raise where a certificate is older than the dossier that is said to have given it."""
    if one.issued_on < dossier.received_on:
        raise DomainError(
            f"Ngày cấp trước ngày tiếp nhận hồ sơ {dossier.code} ({dossier.received_on:%d/%m/%Y}).",
            "issued_on",
        )


def dossier_named(session: Session, actor: Actor, code: str) -> Dossier:
    """The granted dossier of a certificate by its code."""
    found = queries.dossiers_named(session, actor.unit_id, [code]).get(code)
    if found is None:
        raise DomainError(f"Không tìm thấy hồ sơ {code[:64]}.", "dossier_code")
    refuse_dossier(found)
    return found.dossier


def _fill(row: InvestmentCertificate, one: Certificate, dossier_id: int | None) -> None:
    row.number, row.kind, row.origin, row.issued_on = one.number, one.kind, one.origin, one.issued_on
    row.capital_usd, row.capital_vnd = one.usd, one.vnd
    row.project, row.note = one.project, one.note
    row.folded = fold(f"{one.number} {one.project} {one.note}")
    row.dossier_id = dossier_id


def _note_state(
    session: Session,
    now: datetime,
    actor: Actor,
    row: InvestmentCertificate,
    what: CertificateChangeKind,
    reason: str,
) -> None:
    session.add(
        InvestmentChange(
            unit_id=row.unit_id,
            certificate_id=row.id,
            no=row.version,
            what=what,
            dossier_id=row.dossier_id,
            number=row.number,
            kind=row.kind,
            origin=row.origin,
            capital_vnd=row.capital_vnd,
            capital_usd=row.capital_usd,
            issued_on=row.issued_on,
            project=row.project,
            note=row.note,
            reason=reason,
            recorded_at=now,
            recorded_by=actor.account_id,
        )
    )
    session.flush()
