"""The papers of a filing: request for more (form 02) and refusal (form 03), on record like the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Filing
from tthc.db.queries import documents as document_queries
from tthc.db.queries import filings as queries
from tthc.documents import printing
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import lines_of
from tthc.domain.vocabulary import OFFICE_ZONE, ApplicantKind, FilingState
from tthc.services import documents, letters
from tthc.services.documents import moment_line
from tthc.services.legal_bases import one_request_rule
from tthc.services.transaction import NotFound, transaction

_SUPPLEMENT = documents.Form(
    document_queries.SUPPLEMENT, "phiếu yêu cầu bổ sung", template="supplement", template_version="1"
)
_REFUSAL = documents.Form(
    document_queries.REFUSAL, "phiếu từ chối tiếp nhận", template="refusal", template_version="1"
)


def print_refusal(
    session: Session, *, now: datetime, actor: Actor, filing_id: int, demo: bool = False
) -> bytes:
    """Why a filing was not accepted, as an A5 PDF; printed again it is the paper of its first day."""
    return _print(session, now=now, actor=actor, filing_id=filing_id, form=_REFUSAL, demo=demo)


def print_supplement(
    session: Session, *, now: datetime, actor: Actor, filing_id: int, demo: bool = False
) -> bytes:
    """What a filing lacks, by the newest request, as an A5 PDF."""
    return _print(session, now=now, actor=actor, filing_id=filing_id, form=_SUPPLEMENT, demo=demo)


def _print(
    session: Session, *, now: datetime, actor: Actor, filing_id: int, form: documents.Form, demo: bool
) -> bytes:
    actor.require(Action.VIEW_DOSSIERS)
    with transaction(session):
        filing = queries.by_id(session, actor.unit_id, filing_id, lock=True)
        if filing is None:
            raise NotFound("Không tìm thấy hồ sơ chờ tiếp nhận này.")
        last = document_queries.last_of_filing(session, form.number, filing.id)
        if form is _REFUSAL:
            content = _refusal(session, filing)
        else:
            content = _supplement(session, filing)
            content |= letters.supplement_words(session, content, unit_id=filing.unit_id, now=now, last=last)
        document = documents.reprint_or_issue(
            session,
            now=now,
            actor=actor,
            dossier=filing,
            form=form,
            content=content,
            last=last,
        )
        paper = documents.paper(session, document, filing, form, demo=demo)
    return printing.render_pdf(form.template, paper)


def _facts(session: Session, filing: Filing) -> dict[str, Any]:
    """What both forms say of who filed what."""
    found = queries.one(session, filing.unit_id, filing.id)
    if found is None:
        raise NotFound("Không tìm thấy hồ sơ chờ tiếp nhận này.")
    _, owner, procedure = found
    submitter = queries.submitter_of(session, filing)
    firm = owner.kind is not ApplicantKind.CITIZEN
    return {
        "code": filing.number,
        "applicant": owner.name,
        "submitter": submitter.name if submitter else owner.name,
        "address": owner.address,
        "phone": (submitter.phone if submitter else "") or owner.phone,
        "email": owner.email,
        "id_number": owner.id_number,
        "id_label": "Mã số thuế/Mã số doanh nghiệp" if firm else "Số căn cước/Hộ chiếu",
        "subject": filing.subject,
        "procedure": procedure,
        "received_line": moment_line(filing.submitted_at),
    }


def _refusal(session: Session, filing: Filing) -> dict[str, Any]:
    if filing.state is not FilingState.REFUSED or filing.refused_at is None:
        raise NotFound(f"Hồ sơ {filing.number} không bị từ chối tiếp nhận.")
    return {
        **_facts(session, filing),
        "refused_line": moment_line(filing.refused_at),
        "reason": filing.refusal_reason,
        "clerk": queries.name_of(session, filing.refused_by),
    }


def _supplement(session: Session, filing: Filing) -> dict[str, Any]:
    asked = queries.supplements_of(session, [filing.id])
    if not asked:
        raise NotFound(f"Hồ sơ {filing.number} chưa có yêu cầu bổ sung nào.")
    newest, clerk = asked[-1]
    submitted_on = filing.submitted_at.astimezone(OFFICE_ZONE).date()
    return {
        **_facts(session, filing),
        "requested_line": moment_line(newest.requested_at),
        "missing": lines_of(newest.missing),
        "reason": newest.reason,
        "consequence": (
            "Hồ sơ chưa được tiếp nhận; thời hạn giải quyết được tính từ khi hồ sơ đủ và được tiếp nhận."
        ),
        "once_note": (
            "Việc bổ sung, hoàn thiện hồ sơ chỉ yêu cầu một lần, đầy đủ, chính xác "
            f"({one_request_rule(submitted_on)})."
            if len(asked) == 1
            else ""
        ),
        "clerk": clerk,
    }
