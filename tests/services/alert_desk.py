"""What tests do with alerts: receive, ask an agency, look at the board, answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.services.conftest import in_brief
from tthc.db.models import Alert
from tthc.domain.vocabulary import (
    AlertStage,
    OverdueReason,
    SubjectKind,
)
from tthc.services import alert_board, alerts, consultations
from tthc.services.alert_board import BoardFilter

SOON, OVERDUE, ESCALATED = AlertStage.DUE_SOON, AlertStage.OVERDUE, AlertStage.ESCALATED


def received(office: Any, when: str = "10/06", **more: Any) -> str:
    """Received on a Monday, 05 working days: due on Monday 17/06/2024, soon from Thursday 13/06 on."""
    office.stand(when)
    code: str = office.receive(37, **more)
    return code


def raised(office: Any, code: str) -> list[str]:
    """The alerts of a dossier in brief, oldest first."""
    rows = office.session.scalars(
        select(Alert)
        .where(Alert.subject_kind == SubjectKind.DOSSIER, Alert.subject_id == office.dossier(code).id)
        .order_by(Alert.id)
    )
    return [in_brief(row) for row in rows]


def board(office: Any, by: str = "supervisor", **filters: Any) -> Any:
    return alert_board.get_board(
        office.session, actor=office.person(by), now=office.now, chosen=BoardFilter(**filters)
    )


def answer(office: Any, alert_id: int, by: str = "supervisor", **changes: Any) -> None:
    arguments: dict[str, Any] = {
        "reason_code": OverdueReason.STAFF,
        "reason": "Thiếu người",
        "promised_on": None,
        **changes,
    }
    alerts.acknowledge_alert(
        office.session, now=office.now, actor=office.person(by), alert_id=alert_id, **arguments
    )


def asked(
    office: Any, code: str, days: int = 3, agency: str = "Sở Xây dựng", occurred: str | None = None
) -> None:
    consultations.consult_agency(
        office.session,
        call=office.call(code, "officer", occurred),
        agency=agency,
        question="Quy hoạch khu đất",
        working_days=days,
    )
