"""The receipt and appointment slip (form 01): what stands on it, and its printing on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Document, Dossier, Procedure, ProcedureVersion
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import ApplicantKind
from tthc.services import catalogue, documents, fees
from tthc.services.documents import moment_line
from tthc.services.transaction import NotFound, transaction

FORM = documents.Form(queries.RECEIPT, "giấy tiếp nhận", template="receipt", template_version="2")


def print_receipt(session: Session, *, now: datetime, actor: Actor, code: str, demo: bool = False) -> bytes:
    """The receipt of a dossier as an A5 PDF.

    Printed again unchanged it is the same paper, dated as the first time. When the promise or anything
    else on it has changed, a new receipt is put on record which says that it replaces the old one.
    """
    actor.require(Action.VIEW_DOSSIERS)
    with transaction(session):
        template, paper = issue(session, now=now, actor=actor, code=code, demo=demo)
    return printing.render_pdf(template, paper)


def issue(
    session: Session, *, now: datetime, actor: Actor, code: str, demo: bool = False
) -> tuple[str, dict[str, Any]]:
    """The template and the data of a receipt that is on record now, within the caller's transaction."""
    dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=True)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    earlier = queries.receipts_of(session, dossier.id)
    document = documents.reprint_or_issue(
        session,
        now=now,
        actor=actor,
        dossier=dossier,
        form=FORM,
        content=_content(session, dossier),
        last=earlier[-1][0] if earlier else None,
        due_date_id=dossier.due_date_id,
    )
    return FORM.template, documents.paper(session, document, dossier, FORM, demo=demo)


def outdated(session: Session, dossier: Dossier, printed: Sequence[tuple[Document, date]]) -> bool:
    """Whether the newest printed receipt has to be printed again.

    So it is while the dossier is open and a receipt printed now would say something else.
    """
    if not printed or dossier.ended_at is not None:
        return False
    return bool(printed[-1][0].data_json["content"] != _content(session, dossier))


def _content(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Everything on the receipt that comes from the dossier, as text."""
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get_one(Applicant, dossier.submitter_id) if dossier.submitter_id else owner
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    firm = owner.kind is not ApplicantKind.CITIZEN
    _, clerk = dossier_queries.timeline_of(session, dossier.id)[0]
    note = _appointment_note(session, dossier)
    return {
        "code": dossier.code,
        "register_volume": f"{dossier.register_volume}/{dossier.register_year}",
        "register_no": str(dossier.register_no),
        "applicant": owner.name,
        "submitter": submitter.name,
        "address": owner.address,
        "phone": submitter.phone or owner.phone,
        "email": owner.email,
        "id_number": owner.id_number,
        "id_label": "Mã số thuế/Mã số doanh nghiệp" if firm else "Số căn cước/Hộ chiếu",
        "subject": dossier.subject,
        "procedure": f"{version.name} ({procedure.national_code})"
        if procedure.national_code
        else version.name,
        "papers": [
            {
                "no": str(number),
                "name": paper["name"],
                "originals": str(paper["originals"] or ""),
                "certified": str(paper["certified"] or ""),
                "copies": str(paper["copies"] or ""),
            }
            for number, paper in enumerate(dossier.papers_json, 1)
        ],
        "sets": f"{dossier.sets:02d}",
        "limit_label": catalogue.limit_of(session, dossier.case_id).label,
        "received_line": moment_line(dossier.received_at),
        "due_line": moment_line(dossier.due_at),
        "fee_line": _fee_line(session, dossier, version),
        "result_delivery": "",
        "provisional_note": (
            "Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận."
            if dossier.provisional
            else ""
        ),
        "warning_note": "",
        "clerk": clerk or "",
        # Only where there is one: a receipt without it says the same as one of before there were any.
        **({"appointment_note": note} if note else {}),
    }


def _appointment_note(session: Session, dossier: Dossier) -> str:
    """What a letter of extension has made of the appointment; empty where none stands."""
    letters = [row.letter_on for row in dossier_queries.extensions_of(session, dossier.id) if row.letter_on]
    if not letters:
        return ""
    letter = f"văn bản xin lỗi ngày {letters[-1]:%d/%m/%Y}"
    if dossier.appointment_on > dossier.due_on:
        return f"Hẹn lại trả kết quả ngày {dossier.appointment_on:%d/%m/%Y} theo {letter}."
    if dossier.due_on != dossier.first_due_on:
        return f"Gia hạn theo {letter}; ngày hẹn đầu: {dossier.first_due_on:%d/%m/%Y}."
    return ""


def _fee_line(session: Session, dossier: Dossier, version: ProcedureVersion) -> str:
    """What was due and paid with the receipt; money that comes later makes no receipt out of date."""
    entry = fees.at_receipt(session, dossier)
    if entry is None:
        return _fee(version.fee)
    if entry.exempt_reason:
        return f"Miễn ({entry.exempt_reason})"
    told = _fee(entry.due)
    return f"{told}; đã nộp {_fee(entry.paid)}, biên lai số {entry.receipt_no}" if entry.paid else told


def _fee(fee: int | None) -> str:
    if fee is None:
        return "Theo quy định hiện hành"
    return f"{fee:,}".replace(",", ".") + " đồng" if fee else "Không"
