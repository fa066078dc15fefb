"""Further papers of a dossier: which it calls for, issuing and printing them, and those issued before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier
from tthc.db.queries import documents as queries
from tthc.db.queries import dossiers as dossier_queries
from tthc.documents import printing
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError, DossierState, EndKind, Outcome
from tthc.services import (
    documents,
    extension_papers,
    paper_contents,
    receipts,
    supplement_papers,
)
from tthc.services.documents import Form
from tthc.services.transaction import NotFound, transaction

REFUSAL = Form(queries.REFUSAL, "phiếu từ chối", template="letter", template_version="1")
STOP = Form(
    queries.STOP,
    "thông báo dừng giải quyết",
    template="letter",
    template_version="1",
    printed={"2018": "", "2025": "05"},
)
CONTROL = Form(
    queries.CONTROL,
    "phiếu kiểm soát",
    template="control",
    template_version="1",
    printed={"2018": "05", "2025": "06"},
)
SLIP = Form(
    queries.SLIP,
    "phiếu chuyển xử lý",
    template="letter",
    template_version="1",
    printed={"2018": "", "2025": ""},
)
HAND_OVER = Form(
    queries.HAND_OVER,
    "phiếu trả kết quả",
    template="letter",
    template_version="1",
    printed={"2018": "", "2025": ""},
)

#: Every form that is issued for a dossier, by the key under which it is kept.
FORMS: Mapping[str, Form] = {
    form.number: form
    for form in (
        receipts.FORM,
        supplement_papers.FORM,
        REFUSAL,
        extension_papers.FORM,
        STOP,
        CONTROL,
        SLIP,
        HAND_OVER,
    )
}

#: What people call them in lists.
TITLES: Mapping[str, str] = {
    queries.RECEIPT: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    queries.SUPPLEMENT: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
    queries.REFUSAL: "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
    queries.EXTENSION: "Văn bản xin lỗi, hẹn lại ngày trả kết quả",
    queries.STOP: "Thông báo dừng giải quyết hồ sơ",
    queries.CONTROL: "Phiếu kiểm soát quá trình giải quyết hồ sơ",
    queries.SLIP: "Phiếu chuyển xử lý",
    queries.HAND_OVER: "Phiếu trả kết quả giải quyết hồ sơ",
}

#: States in which there is a result to be signed for.
READY = frozenset({DossierState.RESOLVED, DossierState.HANDED_OVER})

#: As many dossiers as one file of forms holds.
MOST_PRINTED = 100


@dataclass(frozen=True)
class IssuedPaper:
    """A paper on record, to be printed again."""

    id: int
    title: str
    note: str
    no: int
    issued_at: datetime
    replaced: bool


@dataclass(frozen=True)
class PaperChoice:
    """A paper that can be issued for a dossier as it stands: its key in addresses, and what it is called."""

    slug: str
    title: str


HAND_OVER_SLUG = "phieu-tra-ket-qua"

#: The part of an address under which each is printed.
SLUGS: Mapping[str, str] = {
    "phieu-tu-choi": queries.REFUSAL,
    "thong-bao-dung": queries.STOP,
    "phieu-kiem-soat": queries.CONTROL,
    "phieu-chuyen": queries.SLIP,
    HAND_OVER_SLUG: queries.HAND_OVER,
}


def possible(dossier: Any, *, asked: bool) -> list[PaperChoice]:
    """Which of these papers the dossier calls for; ``asked``: another agency was asked something."""
    wanted = {
        queries.REFUSAL: dossier.outcome is Outcome.REFUSED,
        queries.STOP: dossier.end_kind is EndKind.STOPPED,
        queries.CONTROL: True,
        queries.SLIP: asked,
        queries.HAND_OVER: dossier.state in READY,
    }
    return [PaperChoice(slug, TITLES[form]) for slug, form in SLUGS.items() if wanted[form]]


def told_of(documents_of: Sequence[Any]) -> list[IssuedPaper]:
    """The papers that were issued for a dossier as its page tells them, oldest first."""
    return [
        IssuedPaper(
            id=row.id,
            title=TITLES.get(row.form, row.form),
            note=FORMS[row.form].note(row.form_set) if row.form in FORMS else "",
            no=row.no,
            issued_at=row.printed_at,
            replaced=row.replaced_by_id is not None,
        )
        for row in documents_of
    ]


def print_paper(
    session: Session, *, now: datetime, actor: Actor, code: str, slug: str, demo: bool = False
) -> bytes:
    """One of these papers as an A5 PDF, put on record when it says something new."""
    actor.require(Action.VIEW_DOSSIERS)
    with transaction(session):
        data = _issue(session, now=now, actor=actor, code=code, form=_form(slug), demo=demo)
    return printing.render_pdf(*data)


def print_again(session: Session, *, actor: Actor, code: str, document_id: int, demo: bool = False) -> bytes:
    """A paper as it was issued."""
    actor.require(Action.VIEW_DOSSIERS)
    dossier = _dossier(session, actor, code)
    document = queries.by_id(session, dossier.id, document_id)
    if document is None or document.form not in FORMS:
        raise NotFound(f"Hồ sơ {code} không có văn bản này.")
    form = FORMS[document.form]
    return printing.render_pdf(form.template, documents.paper(session, document, dossier, form, demo=demo))


def print_many(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    codes: Sequence[str],
    slug: str,
    demo: bool = False,
) -> bytes:
    """A paper of several dossiers in one PDF, in the order of the codes; all of them or none.

    ``slug``: one of :data:`SLUGS`, or "giay-tiep-nhan" for the receipt.
    """
    actor.require(Action.VIEW_DOSSIERS)
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise DomainError("Chọn ít nhất một hồ sơ để in.", "codes")
    if len(wanted) > MOST_PRINTED:
        raise DomainError(f"Mỗi lần in nhiều nhất {MOST_PRINTED} hồ sơ; chọn ít hơn.", "codes")
    with transaction(session):
        if slug == RECEIPT_SLUG:
            papers = [
                receipts.issue(session, now=now, actor=actor, code=code, demo=demo) for code in sorted(wanted)
            ]
            order = dict(zip(sorted(wanted), papers, strict=True))
        else:
            form = _form(slug)
            order = {
                code: _issue(session, now=now, actor=actor, code=code, form=form, demo=demo)
                for code in sorted(wanted)
            }
    return printing.join_pdfs([printing.render_pdf(*order[code]) for code in wanted])


RECEIPT_SLUG = "giay-tiep-nhan"


def _form(slug: str) -> Form:
    if slug not in SLUGS:
        raise NotFound("Không có loại văn bản này.")
    return FORMS[SLUGS[slug]]


def _dossier(session: Session, actor: Actor, code: str, *, lock: bool = False) -> Dossier:
    dossier = dossier_queries.by_code(session, actor.unit_id, code, lock=lock)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    return dossier


def _issue(
    session: Session, *, now: datetime, actor: Actor, code: str, form: Form, demo: bool
) -> tuple[str, dict[str, Any]]:
    """The template and the data of a paper, on record, within the caller's transaction."""
    dossier = _dossier(session, actor, code, lock=True)
    content, event_id, last = paper_contents.CONTENTS[form.number](session, dossier, office_time(now).date())
    document = documents.reprint_or_issue(
        session,
        now=now,
        actor=actor,
        dossier=dossier,
        form=form,
        content=content,
        last=last,
        event_id=event_id,
    )
    return form.template, documents.paper(session, document, dossier, form, demo=demo)
