"""The receipt and appointment slip (form 01): what stands on it, and its printing on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.queries import documents as queries
from tthc.db.queries import dossier_page as page_queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import fees as fee_queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.time_limits import TimeLimit
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
    facts = page_queries.facts_of(session, actor.unit_id, code)
    document = documents.reprint_or_issue(
        session,
        now=now,
        actor=actor,
        dossier=dossier,
        form=FORM,
        content=_content(facts, basis_of(session, facts)),
        last=earlier[-1][0] if earlier else None,
        due_date_id=dossier.due_date_id,
    )
    return FORM.template, documents.paper(session, document, dossier, FORM, demo=demo)


@dataclass(frozen=True)
class Basis:
    """What a receipt says beside the facts of the dossier: who received it, and the rows that it rests on."""

    clerk: str
    limit: TimeLimit
    fees: Sequence[Any]
    extensions: Sequence[Any]


def basis_of(session: Session, facts: Any) -> Basis:
    """The basis of a receipt that is printed or compared now."""
    return Basis(
        clerk=dossier_queries.timeline_of(session, facts.id)[0].name or "",
        limit=catalogue.limit_of(session, facts.case_id),
        fees=fee_queries.of_dossier(session, facts.id),
        extensions=dossier_queries.extensions_of(session, facts.id),
    )


def outdated(facts: Any, last: Any, basis: Basis) -> bool:
    """Whether the newest printed receipt has to be printed again.

    So it is while the dossier is open and a receipt printed now would say something else. ``facts``: of
    :func:`tthc.db.queries.dossier_page.facts_of`.
    """
    return facts.ended_at is None and bool(last.data_json["content"] != _content(facts, basis))


def _content(dossier: Any, basis: Basis) -> dict[str, Any]:
    """Everything on the receipt that comes from the dossier, as text."""
    firm = dossier.owner_kind is not ApplicantKind.CITIZEN
    note = _appointment_note(dossier, basis.extensions)
    return {
        "code": dossier.code,
        "register_volume": f"{dossier.register_volume}/{dossier.register_year}",
        "register_no": str(dossier.register_no),
        "applicant": dossier.owner,
        "submitter": dossier.owner if dossier.submitter is None else dossier.submitter,
        "address": dossier.address,
        "phone": dossier.submitter_phone or dossier.phone,
        "email": dossier.email,
        "id_number": dossier.id_number,
        "id_label": "Mã số thuế/Mã số doanh nghiệp" if firm else "Số căn cước/Hộ chiếu",
        "subject": dossier.subject,
        "procedure": f"{dossier.procedure} ({dossier.national_code})"
        if dossier.national_code
        else dossier.procedure,
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
        "limit_label": basis.limit.label,
        "received_line": moment_line(dossier.received_at),
        "due_line": moment_line(dossier.due_at),
        "fee_line": _fee_line(dossier, basis.fees),
        "result_delivery": "",
        "provisional_note": (
            "Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận."
            if dossier.provisional
            else ""
        ),
        "warning_note": "",
        "clerk": basis.clerk,
        # Only where there is one: a receipt without it says the same as one of before there were any.
        **({"appointment_note": note} if note else {}),
    }


def _appointment_note(dossier: Any, extensions: Sequence[Any]) -> str:
    """What a letter of extension has made of the appointment; empty where none stands."""
    letters = [row.letter_on for row in extensions if row.letter_on]
    if not letters:
        return ""
    letter = f"văn bản xin lỗi ngày {letters[-1]:%d/%m/%Y}"
    if dossier.appointment_on > dossier.due_on:
        return f"Hẹn lại trả kết quả ngày {dossier.appointment_on:%d/%m/%Y} theo {letter}."
    if dossier.due_on != dossier.first_due_on:
        return f"Gia hạn theo {letter}; ngày hẹn đầu: {dossier.first_due_on:%d/%m/%Y}."
    return ""


def _fee_line(dossier: Any, entries: Sequence[Any]) -> str:
    """What was due and paid with the receipt; money that comes later makes no receipt out of date."""
    entry = fees.at_receipt(entries, dossier.recorded_at)
    if entry is None:
        return _fee(dossier.fee)
    if entry.exempt_reason:
        return f"Miễn ({entry.exempt_reason})"
    told = _fee(entry.due)
    return f"{told}; đã nộp {_fee(entry.paid)}, biên lai số {entry.receipt_no}" if entry.paid else told


def _fee(fee: int | None) -> str:
    if fee is None:
        return "Theo quy định hiện hành"
    return f"{fee:,}".replace(",", ".") + " đồng" if fee else "Không"
