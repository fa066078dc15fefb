"""What tests do with questions to other agencies: ask, answer, list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tthc.db.models import DueDateRow, ProcedureCase, ProcedureVersion
from tthc.domain.vocabulary import (
    SubjectKind,
)
from tthc.services import consultations
from tthc.services.agency_views import ConsultationView

AGENCY = "Sở Xây dựng"


def consult(
    office: Any, code: str, *, by: str = "officer", occurred: str | None = None, **changes: Any
) -> None:
    arguments: dict[str, Any] = {"agency": AGENCY, "question": "Quy hoạch khu đất", **changes}
    if not {"working_days", "due_on", "segment_no"} & set(changes):
        arguments["working_days"] = 3
    consultations.consult_agency(office.session, call=office.call(code, by, occurred), **arguments)


def answered(office: Any, code: str, at: int = -1, *, by: str = "officer", **changes: Any) -> None:
    """The answer to one of the questions, the newest by default."""
    arguments = {
        "consultation_id": asked(office, code)[at].id,
        "answer": "Văn bản số 12/SXD: thống nhất",
        **changes,
    }
    consultations.receive_opinion(office.session, call=office.call(code, by), **arguments)


def asked(office: Any, code: str) -> list[ConsultationView]:
    return list(office.view(code).consultations)


def deadlines(office: Any) -> list[DueDateRow]:
    office.session.rollback()
    return list(
        office.session.scalars(
            select(DueDateRow)
            .where(DueDateRow.subject_kind == SubjectKind.CONSULTATION)
            .order_by(DueDateRow.id)
        )
    )


def shared_case(office: Any, local_no: int = 1) -> int:
    """25 days at the board, then 7 working days at the provincial committee."""
    case_id: int = office.session.scalars(
        select(ProcedureCase.id)
        .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
        .where(
            ProcedureVersion.procedure_id == office.procedure_id(local_no),
            ProcedureCase.name == "UBND cấp tỉnh quyết định",
        )
    ).one()
    return case_id


def shared(office: Any, when: str = "01/06/2026") -> str:
    """Received on Mon 01/06/2026: the board's part ends on 26/06, the whole on 07/07."""
    office.stand(when)
    code: str = office.receive(1, case_id=shared_case(office), confirm_unverified=True)
    return code


def overdue(office: Any) -> dict[str, str]:
    return {row.code: row.late_at for row in office.listed(bucket="overdue")}
