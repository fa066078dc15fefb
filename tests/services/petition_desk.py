"""What tests do with petitions, through the services alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.services.conftest import Office
from tthc.db.models import Petition
from tthc.domain.vocabulary import ApplicantKind, DomainError, PetitionKind, PetitionState
from tthc.services import petition_changes, petitions
from tthc.services.applicants import ApplicantInput
from tthc.services.petition_changes import PetitionCall
from tthc.services.petition_contents import PetitionContent
from tthc.services.petitions import PetitionFilter

CONDUCT, REGULATION = PetitionKind
PENDING, ANSWERED, AWAY = PetitionState
BASIS = "Văn bản thử nghiệm, khoản 1 Điều 1"
FIRM = ApplicantInput(ApplicantKind.ENTERPRISE, "Doanh nghiệp 900", "1001234567", "0912345678")


def content(office: Office, **more: Any) -> PetitionContent:
    """Received now, due on Monday 24/06/2024."""
    typed = PetitionContent(
        kind=CONDUCT,
        subject="Phản ánh việc hướng dẫn thủ tục nhiều lần",
        applicant=FIRM,
        received_at=office.now,
        due_on=date(2024, 6, 24),
        legal_basis=BASIS,
    )
    return replace(typed, **more)


def record(office: Office, *, by: str = "clerk", not_complaint: bool = False, **more: Any) -> int:
    return petition_changes.record_petition(
        office.session,
        now=office.now,
        actor=office.person(by),
        content=content(office, **more),
        not_complaint=not_complaint,
    )


def stored(office: Office, petition_id: int) -> Petition:
    office.session.rollback()
    return office.session.get_one(Petition, petition_id)


def call(office: Office, petition_id: int, by: str = "officer") -> PetitionCall:
    return PetitionCall(office.now, office.person(by), petition_id, stored(office, petition_id).version)


def answer(office: Office, petition_id: int, by: str = "officer", **more: Any) -> None:
    arguments = {"answer": "Công văn số 1: đã chấn chỉnh.", "ended_on": office.today, **more}
    petition_changes.answer_petition(office.session, call=call(office, petition_id, by), **arguments)


def transfer(office: Office, petition_id: int, by: str = "officer", **more: Any) -> None:
    arguments = {"transferred_to": "Sở Công Thương", "ended_on": office.today, **more}
    petition_changes.transfer_petition(office.session, call=call(office, petition_id, by), **arguments)


def publish(office: Office, petition_id: int, by: str = "officer", **more: Any) -> None:
    arguments = {"published_in": "Trang thông tin điện tử của Ban", "published_on": office.today, **more}
    petition_changes.publish_petition(office.session, call=call(office, petition_id, by), **arguments)


def correct(office: Office, petition_id: int, by: str = "supervisor", **changes: Any) -> None:
    reason, not_complaint = changes.pop("reason", "Ghi nhầm"), changes.pop("not_complaint", False)
    shown = view(office, petition_id).content
    petition_changes.correct_petition(
        office.session,
        call=call(office, petition_id, by),
        content=replace(shown, **changes),
        reason=reason,
        not_complaint=not_complaint,
    )


def view(office: Office, petition_id: int, by: str = "supervisor") -> Any:
    office.session.rollback()
    return petitions.get_petition(
        office.session, actor=office.person(by), today=office.today, petition_id=petition_id
    )


def listed(office: Office, by: str = "supervisor", **criteria: Any) -> list[int]:
    page = petitions.list_petitions(
        office.session, actor=office.person(by), today=office.today, criteria=PetitionFilter(**criteria)
    )
    assert page.total >= len(page.rows)
    return [row.id for row in page.rows]


def refusal(act: Callable[[], object]) -> tuple[str | None, str]:
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.field, refused.value.message
