"""Applicants: one row for one person or firm, found again by number and name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tthc.db.models import Applicant
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import intake as queries
from tthc.db.queries import search
from tthc.db.writing import store
from tthc.domain.permissions import Action, Actor
from tthc.domain.refusals import check_all
from tthc.domain.text import fold, is_email, squeeze, vietnamese_name_key, vietnamese_order_key
from tthc.domain.vocabulary import ApplicantKind, DomainError
from tthc.services.transaction import NotFound

_PHONE = re.compile(r"\+?\d{8,14}")
_NUMBER = re.compile(r"[0-9A-Za-z./-]{5,32}")


@dataclass(frozen=True)
class ApplicantInput:
    """An applicant as typed or imported."""

    kind: ApplicantKind
    name: str
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True)
class KnownApplicant:
    """An applicant of earlier dossiers; ``filed`` counts them."""

    id: int
    data: ApplicantInput
    filed: int


def clean(data: ApplicantInput) -> ApplicantInput:
    """The input with spaces and marks in order; refuses all that cannot be right."""
    name, number, phone, email = check_all(
        lambda: _name(data.name),
        lambda: _id_number(data.id_number),
        lambda: _phone(data.phone),
        lambda: _email(data.email),
    )
    return ApplicantInput(data.kind, name, number, phone, email, squeeze(data.address))


def _name(typed: str) -> str:
    name = squeeze(typed)
    if not name:
        raise DomainError("Nhập tên chủ hồ sơ.", "applicant_name")
    if len(name) > 300:
        raise DomainError("Tên chủ hồ sơ dài quá 300 ký tự; rút gọn lại.", "applicant_name")
    return name


def _id_number(typed: str) -> str:
    number = re.sub(r"\s", "", typed)
    if number and not _NUMBER.fullmatch(number):
        raise DomainError("Số giấy tờ (CCCD, mã số thuế) chỉ gồm chữ và số, từ 5 đến 32 ký tự.", "id_number")
    return number


def _phone(typed: str) -> str:
    phone = re.sub(r"[\s.()-]", "", typed)
    if phone and not _PHONE.fullmatch(phone):
        raise DomainError("Số điện thoại gồm 8 đến 14 chữ số, ví dụ 0912345678.", "phone")
    return phone


def _email(typed: str) -> str:
    email = typed.strip()
    if email and not is_email(email):
        raise DomainError("Thư điện tử chưa đúng dạng, ví dụ ten@congty.vn.", "email")
    return email


def order_key(kind: ApplicantKind, name: str) -> str:
    """By what lists are ordered: a citizen by the given name, whoever else by the name from its beginning."""
    return vietnamese_name_key(name) if kind is ApplicantKind.CITIZEN else vietnamese_order_key(name)


def compose(data: ApplicantInput) -> Applicant:
    """A new applicant from input in order (:func:`clean`), not added yet."""
    applicant = Applicant(
        kind=data.kind,
        name=data.name,
        name_folded=fold(data.name),
        name_key=order_key(data.kind, data.name),
        id_kind=None,
        id_number=data.id_number,
        phone=data.phone,
        email=data.email,
        address=data.address,
        version=1,
    )
    applicant.search_text = applicant.words()
    return applicant


def find_or_add(session: Session, data: ApplicantInput) -> Applicant:
    """The applicant of this number and name (without a number: of this name and phone), or a new one.

    Contact details that were typed replace older ones; empty ones leave them. Part of the caller's
    transaction.
    """
    data = clean(data)
    found = dossier_queries.applicants_like(
        session, id_number=data.id_number, name=data.name, name_folded=fold(data.name), phone=data.phone
    )
    applicant = present(session, found[0]) if found else None
    if applicant is None or applicant.blanked_at is not None:
        applicant = compose(data)
        store(session, [applicant])
        return applicant
    changed = False
    for name in ("phone", "email", "address"):
        typed = getattr(data, name)
        if typed and typed != getattr(applicant, name):
            setattr(applicant, name, typed)
            changed = True
    if changed:
        applicant.version += 1
        search.write_of_applicants(session, [applicant.id])
    return applicant


def present(session: Session, applicant: Applicant) -> Applicant:
    """The entry in use of an applicant: itself, or the one into which it was merged."""
    while applicant.merged_into_id is not None:
        applicant = session.get_one(Applicant, applicant.merged_into_id)
    return applicant


def find_applicants(session: Session, *, actor: Actor, q: str, limit: int = 8) -> list[KnownApplicant]:
    """Applicants of earlier dossiers, by a number of theirs or by words of the name.

    Of a number the beginning is enough, of a phone also the last four digits. Words may come in any order and
    without diacritics; a query of one sign finds nobody.
    """
    actor.require(Action.RECEIVE_DOSSIER)
    text = squeeze(q)
    if len(text) < 2:
        return []
    # Numbers are kept without blanks; a tax code of a branch keeps its hyphen.
    number = re.sub(r"[\s.]", "", text)
    digits = sum(sign.isdigit() for sign in number)
    rows = queries.find_applicants(
        session,
        number=number if number.isascii() and digits >= 2 and digits >= len(number) - 2 else "",
        words=fold(text).split(),
        limit=limit,
    )
    return [_known(row, filed) for row, filed in rows]


def get_applicant(session: Session, *, actor: Actor, applicant_id: int) -> KnownApplicant:
    """One applicant, to be filled into the form of an intake."""
    actor.require(Action.RECEIVE_DOSSIER)
    row = session.get(Applicant, applicant_id)
    if row is None or row.merged_into_id is not None or row.blanked_at is not None:
        raise NotFound("Không tìm thấy chủ hồ sơ này; tìm lại hoặc nhập mới.")
    return _known(row, 0)


def owner_of(session: Session, *, actor: Actor, code: str) -> tuple[ApplicantInput, str]:
    """The applicant of a dossier and the name of who brought it, for a further dossier of theirs."""
    actor.require(Action.RECEIVE_DOSSIER)
    dossier = dossier_queries.by_code(session, actor.unit_id, code)
    if dossier is None:
        raise NotFound(f"Không tìm thấy hồ sơ {code}.")
    submitter = session.get(Applicant, dossier.submitter_id) if dossier.submitter_id else None
    owner = session.get_one(Applicant, dossier.applicant_id)
    return _known(owner, 0).data, submitter.name if submitter else ""


def _known(row: Applicant, filed: int) -> KnownApplicant:
    data = ApplicantInput(row.kind, row.name, row.id_number, row.phone, row.email, row.address)
    return KnownApplicant(row.id, data, filed)
