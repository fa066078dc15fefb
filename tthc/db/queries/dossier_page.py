"""A dossier in one row with its procedure, its people and its place in the lists: the ground of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session, aliased

from tthc.db.models import Applicant, Dossier, Procedure, ProcedureCase, ProcedureVersion, Sector
from tthc.db.queries.worklists import COLUMNS, LISTED
from tthc.db.session import read

_Submitter = aliased(Applicant)
_FACTS = (
    LISTED.add_columns(
        # A column that has its name from two of these tables cannot be asked for by it.
        *(column for column in Dossier.__table__.columns if column.key not in {one.key for one in COLUMNS}),
        ProcedureVersion.name.label("procedure"),
        ProcedureVersion.fee,
        ProcedureVersion.limit_confirmed,
        ProcedureVersion.supplement_mode,
        Procedure.national_code,
        Procedure.replaced_by,
        ProcedureCase.name.label("case_name"),
        Sector.name.label("sector"),
        Applicant.kind.label("owner_kind"),
        Applicant.name.label("owner"),
        Applicant.id_number,
        Applicant.phone,
        Applicant.email,
        Applicant.address,
        _Submitter.name.label("submitter"),
        _Submitter.phone.label("submitter_phone"),
    )
    .join(ProcedureCase, ProcedureCase.id == Dossier.case_id)
    .outerjoin(_Submitter, _Submitter.id == Dossier.submitter_id)
    .where(Dossier.unit_id == bindparam("unit_id"), Dossier.code == bindparam("code"))
)


def facts_of(session: Session, unit_id: int, code: str) -> Any | None:
    """The columns of a dossier, and under names of their own those of procedure, case, owner and submitter.

    ``submitter`` is ``None`` where the owner filed it.
    """
    return read(session, _FACTS, unit_id=unit_id, code=code).one_or_none()


def listed(facts: Any) -> Sequence[Any]:
    """Of these columns those of a row of a list, as :func:`tthc.db.queries.worklists.rows` has them."""
    columns: Sequence[Any] = facts[: len(COLUMNS)]
    return columns
