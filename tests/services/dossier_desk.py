"""What tests do with a dossier: receive it, and read what was promised."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tthc.db.models import DueDateRow
from tthc.domain.vocabulary import (
    DossierState,
    DueCause,
    SubjectKind,
)

S = DossierState


def received(office: Any, when: str = "10/06", local_no: int = 37, **more: Any) -> str:
    """Received on a Monday, 05 working days: due on Monday 17/06/2024."""
    office.stand(when)
    code: str = office.receive(local_no, **more)
    return code


def promises(office: Any, code: str) -> list[tuple[DueCause, str]]:
    rows = office.session.scalars(
        select(DueDateRow)
        .where(
            DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == office.dossier(code).id
        )
        .order_by(DueDateRow.no)
    )
    return [(row.cause, f"{row.due_on:%d/%m}") for row in rows]
