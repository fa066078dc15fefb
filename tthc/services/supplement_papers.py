"""The request to supplement a dossier (form 02): what stands on it, and its printing on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, Procedure, ProcedureVersion, Supplement
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import lines_of
from tthc.domain.vocabulary import DomainError, SupplementMode
from tthc.services import documents, letters
from tthc.services.documents import moment_line
from tthc.services.legal_bases import one_request_rule, supplement_rule
from tthc.services.register_changes import FROM_FILE
from tthc.services.transaction import NotFound, transaction

FORM = documents.Form(
    queries.SUPPLEMENT, "phiếu yêu cầu bổ sung", template="supplement", template_version="1"
)


def print_supplement(
    session: Session, *, now: datetime, actor: Actor, code: str, demo: bool = False
) -> bytes:
    """The newest request to supplement a dossier as an A5 PDF, on record like the receipt.

    A second request is a paper of its own and replaces none. A request that came with an imported register
    is refused: what was missing stands only on the paper that was issued elsewhere.
    """
    actor.require(Action.VIEW_DOSSIERS)
    with transaction(session):
        dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=True)
        if dossier is None:
            raise NotFound(f"Không tìm thấy hồ sơ {code}.")
        requests = dossier_queries.supplements_of(session, dossier.id)
        if not requests:
            raise NotFound(f"Hồ sơ {code} chưa có yêu cầu bổ sung nào.")
        newest = requests[-1]
        if not printable(newest):
            raise DomainError(
                "Yêu cầu bổ sung này được nhập từ tệp, không có nội dung cần bổ sung; dùng phiếu đã phát "
                "hành ở hệ thống cũ."
            )
        content = _content(session, dossier, newest, first=len(requests) == 1)
        last = queries.last_for_event(session, FORM.number, newest.opened_event_id)
        content |= letters.supplement_words(session, content, unit_id=dossier.unit_id, now=now, last=last)
        document = documents.reprint_or_issue(
            session,
            now=now,
            actor=actor,
            dossier=dossier,
            form=FORM,
            content=content,
            last=last,
            event_id=newest.opened_event_id,
        )
        paper = documents.paper(session, document, dossier, FORM, demo=demo)
    return printing.render_pdf(FORM.template, paper)


def printable(request: Supplement) -> bool:
    """Whether it is known what the applicant was asked for."""
    return request.missing != FROM_FILE


def _content(session: Session, dossier: Dossier, request: Supplement, *, first: bool) -> dict[str, Any]:
    """Everything on the form that comes from the dossier, as text."""
    owner = session.get_one(Applicant, dossier.applicant_id)
    submitter = session.get_one(Applicant, dossier.submitter_id) if dossier.submitter_id else owner
    version = session.get_one(ProcedureVersion, dossier.version_id)
    procedure = session.get_one(Procedure, dossier.procedure_id)
    event = next(
        one for one in dossier_queries.timeline_of(session, dossier.id) if one.id == request.opened_event_id
    )
    return {
        "code": dossier.code,
        "applicant": owner.name,
        "submitter": submitter.name,
        "address": owner.address,
        "phone": submitter.phone or owner.phone,
        "email": owner.email,
        "subject": dossier.subject,
        "procedure": f"{version.name} ({procedure.national_code})"
        if procedure.national_code
        else version.name,
        "received_line": moment_line(dossier.received_at),
        "requested_line": moment_line(event.occurred_at),
        "missing": lines_of(request.missing),
        "reason": event.reason,
        "consequence": _consequence(dossier, request.mode),
        "once_note": (
            "Việc bổ sung, hoàn thiện hồ sơ chỉ yêu cầu một lần, đầy đủ, chính xác "
            f"({one_request_rule(dossier.received_on)})."
            if first
            else ""
        ),
        "clerk": event.name or "",
    }


def _consequence(dossier: Dossier, mode: SupplementMode) -> str:
    if mode is SupplementMode.RESTART:
        return (
            "Thời hạn giải quyết được tính lại từ đầu sau khi nhận đủ hồ sơ "
            f"({supplement_rule(dossier.received_on)})."
        )
    return (
        "Thời gian bổ sung, hoàn thiện hồ sơ không tính vào thời hạn giải quyết; sau khi nhận đủ hồ sơ, thời "
        "hạn được tính tiếp."
    )
