"""What tests do with the catalogue: draft, publish, change, remove, ask which limit holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import Office
from tthc.db.models import (
    Procedure,
)
from tthc.domain.catalogue import CaseContent, ContentRefused
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import (
    Channel,
    LimitUnit,
)
from tthc.services import (
    catalogue,
    catalogue_drafts,
    catalogue_versions,
    procedure_terms,
)
from tthc.services.catalogue_versions import Publication

REASON = "Theo quyết định công bố mới"


def draft(office: Office, local_no: int = 37, **more: Any) -> catalogue_drafts.Draft:
    return catalogue_drafts.draft_version(
        office.session, actor=office.person("admin"), on=office.today, local_no=local_no, **more
    )


def publish(office: Office, since: str, local_no: int = 37, **changes: Any) -> int:
    """A version of a procedure that differs by ``changes`` from the one in force."""
    release = {
        "valid_from": office.on(since),
        "reason": REASON,
        "decision": "1/QĐ-UBND",
        "confirm_received": True,
    }
    release |= {name: changes.pop(name) for name in tuple(changes) if name in release}
    begun = draft(office, local_no)
    return catalogue_versions.publish_version(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=local_no,
        seen=changes.pop("seen", begun.seen),
        content=replace(begun.content, **changes),
        publication=Publication(**release),
    )


def limit(amount: int, unit: LimitUnit = LimitUnit.WORKING_DAY) -> tuple[CaseContent, ...]:
    return (CaseContent("Trường hợp chung", None, True, (LimitSegment(amount, unit),)),)


def limit_on(office: Office, on: str, local_no: int = 37) -> str:
    view = catalogue.get_procedure(
        office.session, actor=office.person("clerk"), on=office.on(on), local_no=local_no
    )
    return view.row.limit_label


def offered(office: Office, on: str, local_no: int = 37) -> tuple[str, list[str]]:
    """The usual limit and the papers of what is received on a date, as a process keeps them."""
    procedure = office.session.scalars(select(Procedure).where(Procedure.local_no == local_no)).one()
    version = procedure_terms.get_terms(office.session, procedure.id).received_under(office.on(on))
    return version.default_case(Channel.COUNTER).limit_label, [paper.name for paper in version.requirements]


def refused(office: Office, since: str = "01/07/2024", **changes: Any) -> list[tuple[str | int, ...]]:
    before = office.everything()
    with pytest.raises(ContentRefused) as caught:
        publish(office, since, **changes)
    assert office.everything() == before
    return [fault.place for fault in caught.value.faults]


def change(office: Office, version_id: int, since: str, **changes: Any) -> None:
    begun = catalogue_drafts.draft_planned(
        office.session,
        actor=office.person("admin"),
        on=office.today,
        local_no=37,
        version_id=version_id,
    )
    assert begun.planned
    catalogue_versions.change_planned(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=37,
        version_id=version_id,
        seen=begun.seen,
        content=replace(begun.content, **changes),
        publication=Publication(office.on(since), "Sửa lỗi đánh máy", "1/QĐ-UBND"),
    )


def remove(office: Office, version_id: int, reason: str = "Quyết định bị thu hồi") -> None:
    catalogue_versions.remove_planned(
        office.session,
        now=office.now,
        actor=office.person("admin"),
        local_no=37,
        version_id=version_id,
        seen=draft(office).seen,
        reason=reason,
    )
