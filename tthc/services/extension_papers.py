"""The apology with a new appointment (form 04): put on record with the approval, printed from the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Document, Dossier, Extension, Procedure, ProcedureVersion
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.documents import printing
from tthc.domain.letters import LetterKind, written
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import lines_of
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import delegations, documents, letters, units
from tthc.services.documents import moment_line
from tthc.services.legal_bases import extension_rule
from tthc.services.transaction import NotFound

FORM = documents.Form(queries.EXTENSION, "văn bản xin lỗi", template="extension", template_version="1")


def told_line(dossier: Dossier) -> str:
    """The appointment that the applicant was told last, as the letter names it."""
    if dossier.appointment_on > dossier.due_on:
        return f"ngày {dossier.appointment_on:%d/%m/%Y}"
    return moment_line(dossier.due_at)


def issue_letter(
    session: Session,
    *,
    at: datetime,
    actor: Actor,
    dossier: Dossier,
    extension: Extension,
    former_line: str,
    new_at: datetime,
    added_days: int,
) -> Document:
    """Put the letter of an approved extension on record, dated ``at``, within the caller's transaction.

    What it says is settled here: neither a correction nor another calendar changes a letter that went out.
    ``added_days``: the working days from the former appointment to the new one.
    """
    owner = session.get_one(Applicant, dossier.applicant_id)
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    name = f"{version.name} ({procedure.national_code})" if procedure.national_code else version.name
    content: dict[str, Any] = {
        "code": dossier.code,
        "applicant": owner.name,
        "address": owner.address,
        "subject": dossier.subject,
        "procedure": name,
        "received_line": moment_line(dossier.received_at),
        "former_line": former_line,
        "new_line": moment_line(new_at),
        "reason": "\n".join(lines_of(extension.reason)),
        # A letter that comes late tells a new date and claims nothing else.
        "added_line": f"{added_days:02d} ngày làm việc" if extension.in_time else "",
        "basis": extension_rule(dossier.received_on) if extension.in_time else "",
    }
    issued_on = at.astimezone(OFFICE_ZONE).date()
    unit = units.header(session, issued_on, dossier.unit_id)
    kind = LetterKind.EXTENSION if extension.in_time else LetterKind.EXTENSION_LATE
    text = letters.text_on(session, kind, documents.set_on(issued_on), issued_on)
    values = {
        "ma_ho_so": dossier.code,
        "chu_ho_so": owner.name,
        "ten_tthc": version.name,
        "noi_dung": dossier.subject or version.name,
        "ngay_tiep_nhan": content["received_line"],
        "ngay_hen_tra": former_line,
        "don_vi": unit.name,
        "bo_phan": unit.reception_desk,
        "ly_do": content["reason"],
        "can_cu": content["basis"],
        "ngay_hen_moi": content["new_line"],
        "thoi_gian_gia_han": content["added_line"],
    }
    if text.version:
        # The form's own words are laid out by its template; only other words are kept with the letter.
        content |= {"paragraphs": written(text.body, values), "letter_version": text.version}
    signed = delegations.signature_of(
        session, unit_id=actor.unit_id, account_id=actor.account_id, on=issued_on
    )
    if signed.title:
        content |= {"capacity": signed.capacity, "signer_title": signed.title, "signer": signed.name}
    return documents.reprint_or_issue(
        session,
        now=at,
        actor=actor,
        dossier=dossier,
        form=FORM,
        content=content,
        last=None,
        due_date_id=extension.due_date_id,
        event_id=extension.closed_event_id,
    )


def print_letter(session: Session, *, actor: Actor, code: str, demo: bool = False) -> bytes:
    """The letter of the newest approved extension as an A5 PDF, as it was put on record."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    events = [
        row.closed_event_id
        for row in dossier_queries.extensions_of(session, dossier.id)
        if row.approved_by and row.closed_event_id
    ]
    document = queries.last_for_event(session, FORM.number, events[-1]) if events else None
    if document is None:
        raise NotFound(f"Hồ sơ {code} chưa có lần gia hạn nào được duyệt.")
    return printing.render_pdf(FORM.template, documents.paper(session, document, dossier, FORM, demo=demo))
