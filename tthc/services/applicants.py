"""Applicants: one row for one person or firm, found again by number and name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tthc.db.models import Applicant
from tthc.db.queries import dossiers as queries
from tthc.db.queries import search
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import fold, squeeze, vietnamese_name_key
from tthc.domain.vocabulary import ApplicantKind, DomainError

_PHONE = re.compile(r"\+?\d{8,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
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


def clean(data: ApplicantInput) -> ApplicantInput:
    """The input with spaces and marks in order; refuses what cannot be right."""
    name = squeeze(data.name)
    if not name:
        raise DomainError("Nhập tên chủ hồ sơ.", "applicant_name")
    if len(name) > 300:
        raise DomainError("Tên chủ hồ sơ dài quá 300 ký tự; rút gọn lại.", "applicant_name")
    phone = re.sub(r"[\s.()-]", "", data.phone)
    if phone and not _PHONE.fullmatch(phone):
        raise DomainError("Số điện thoại gồm 8 đến 14 chữ số, ví dụ 0912345678.", "phone")
    email = data.email.strip()
    if email and not _EMAIL.fullmatch(email):
        raise DomainError("Thư điện tử chưa đúng dạng, ví dụ ten@congty.vn.", "email")
    number = re.sub(r"\s", "", data.id_number)
    if number and not _NUMBER.fullmatch(number):
        raise DomainError("Số giấy tờ (CCCD, mã số thuế) chỉ gồm chữ và số, từ 5 đến 32 ký tự.", "id_number")
    return ApplicantInput(data.kind, name, number, phone, email, squeeze(data.address))


def compose(data: ApplicantInput) -> Applicant:
    """A new applicant from input in order (:func:`clean`), not added yet."""
    return Applicant(
        kind=data.kind,
        name=data.name,
        name_folded=fold(data.name),
        name_key=vietnamese_name_key(data.name),
        id_kind=None,
        id_number=data.id_number,
        phone=data.phone,
        email=data.email,
        address=data.address,
    )


def find_or_add(session: Session, data: ApplicantInput) -> Applicant:
    """The applicant of this number and name (without a number: of this name and phone), or a new one.

    Contact details that were typed replace older ones; empty ones leave them. Part of the caller's
    transaction.
    """
    data = clean(data)
    found = queries.applicants_like(
        session, id_number=data.id_number, name=data.name, name_folded=fold(data.name), phone=data.phone
    )
    if not found:
        applicant = compose(data)
        session.add(applicant)
        session.flush()
        return applicant
    applicant = found[0]
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


def find_applicants(session: Session, *, actor: Actor, q: str, limit: int = 10) -> Sequence[ApplicantInput]:
    """Applicants of earlier dossiers whose number, phone or name begins with ``q``."""
    actor.require(Action.RECEIVE_DOSSIER)
    text = squeeze(q)
    if len(text) < 2:
        return []
    digits = re.sub(r"[\s.-]", "", text)
    rows = queries.search_applicants(
        session, folded=fold(text), digits=digits if digits.isdigit() else "", limit=limit
    )
    return [
        ApplicantInput(row.kind, row.name, row.id_number, row.phone, row.email, row.address) for row in rows
    ]
