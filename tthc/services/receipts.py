"""The receipt and appointment slip (form 01): what stands on it, and its printing on record."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Document, Dossier, Procedure, ProcedureVersion
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import OFFICE_ZONE, ApplicantKind
from tthc.services import catalogue, units
from tthc.services.transaction import NotFound, transaction

#: Circular 03/2025/TT-VPCP took the place of 01/2018 on this day; the day of issue of the paper decides.
_SET_2025_FROM = date(2025, 9, 15)
_SETS = {"2018": "Thông tư số 01/2018/TT-VPCP", "2025": "Thông tư số 03/2025/TT-VPCP"}

#: Raised when the layout changes, so that a stored receipt says by which it was printed.
_TEMPLATE_VERSION = "1"


def print_receipt(session: Session, *, now: datetime, actor: Actor, code: str, demo: bool = False) -> bytes:
    """The receipt of a dossier as an A5 PDF.

    Printed again unchanged it is the same paper, dated as the first time. When the promise or anything
    else on it has changed, a new receipt is put on record which says that it replaces the old one.
    """
    actor.require(Action.VIEW_DOSSIERS)
    with transaction(session):
        dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {code}.")
        content = _content(session, dossier)
        earlier = queries.receipts_of(session, dossier.id)
        last = earlier[-1][0] if earlier else None
        if last is not None and last.data_json["content"] == content:
            document = last
        else:
            # Whoever only looks may have a copy of the paper that was issued, not issue another.
            actor.require(Action.PROCESS_DOSSIER)
            document = _put_on_record(session, now=now, dossier=dossier, content=content, replaced=last)
        paper = _paper(session, document, dossier)
    paper["demo_note"] = "DỮ LIỆU MINH HỌA – KHÔNG CÓ GIÁ TRỊ" if demo else ""
    return printing.render_pdf("receipt", paper)


def _put_on_record(
    session: Session, *, now: datetime, dossier: Dossier, content: dict[str, Any], replaced: Document | None
) -> Document:
    issued_on = now.astimezone(OFFICE_ZONE).date()
    body = json.dumps(content, ensure_ascii=False, sort_keys=True)
    document = Document(
        unit_id=dossier.unit_id,
        dossier_id=dossier.id,
        form=queries.RECEIPT,
        form_set="2025" if issued_on >= _SET_2025_FROM else "2018",
        no=queries.last_no(session, dossier.id, queries.RECEIPT) + 1,
        template_version=_TEMPLATE_VERSION,
        data_json={
            "content": content,
            "replaces": f"{replaced.printed_at.astimezone(OFFICE_ZONE):%d/%m/%Y}" if replaced else "",
        },
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        printed_at=now,
        due_date_id=dossier.due_date_id,
    )
    session.add(document)
    session.flush()
    if replaced is not None:
        replaced.replaced_by_id = document.id
        session.flush()
    return document


def _paper(session: Session, document: Document, dossier: Dossier) -> dict[str, Any]:
    """The stored content with what depends on the day of issue."""
    issued_on = document.printed_at.astimezone(OFFICE_ZONE).date()
    unit = units.header(session, issued_on, dossier.unit_id)
    replaces = document.data_json["replaces"]
    return {
        **document.data_json["content"],
        "superior": unit.superior,
        "unit": unit.name,
        "place": unit.place,
        "reception_desk": unit.reception_desk,
        "issued_on": f"ngày {issued_on:%d} tháng {issued_on:%m} năm {issued_on:%Y}",
        "form_note": f"Mẫu số 01 – {_SETS[document.form_set]}",
        "qr_svg": printing.qr_svg(dossier.code),
        "replaces": f"Thay thế giấy tiếp nhận đã in ngày {replaces}." if replaces else "",
    }


def _content(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Everything on the receipt that comes from the dossier, as text."""
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get_one(Applicant, dossier.submitter_id) if dossier.submitter_id else owner
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    firm = owner.kind is not ApplicantKind.CITIZEN
    _, clerk = dossier_queries.timeline_of(session, dossier.id)[0]
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
        "received_line": _moment(dossier.received_at),
        "due_line": _moment(dossier.due_at),
        "fee_line": _fee(version.fee),
        "result_delivery": "",
        "provisional_note": (
            "Ngày hẹn trả tạm tính: lịch nghỉ trong thời gian này chưa được xác nhận."
            if dossier.provisional
            else ""
        ),
        "warning_note": "",
        "clerk": clerk or "",
    }


def _moment(at: datetime) -> str:
    local = at.astimezone(OFFICE_ZONE)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d/%m/%Y}"


def _fee(fee: int | None) -> str:
    if fee is None:
        return "Theo quy định hiện hành"
    return f"{fee:,}".replace(",", ".") + " đồng" if fee else "Không"
