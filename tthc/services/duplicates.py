"""Dossiers that would be received a second time: same applicant, same procedure, not ended yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tthc.db.queries import intake as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import fold, squeeze
from tthc.domain.vocabulary import DomainError
from tthc.services.applicants import ApplicantInput
from tthc.services.views import OpenDossier


def find_duplicates(
    session: Session, *, actor: Actor, procedure_id: int, applicant: ApplicantInput
) -> Sequence[OpenDossier]:
    """Open dossiers of the unit under this procedure whose owner has the number, or without one the name."""
    actor.require(Action.VIEW_DOSSIERS)
    number, name = "".join(applicant.id_number.split()), fold(squeeze(applicant.name))
    if not number and not name:
        return []
    found = queries.open_alike(session, actor.unit_id, procedure_id, id_number=number, name_folded=name)
    return [OpenDossier(*one) for one in found]


def refuse_duplicates(
    session: Session, *, actor: Actor, procedure_id: int, applicant: ApplicantInput
) -> None:
    """Refuse a duplicate that nobody has confirmed, naming the dossiers that are open."""
    found = find_duplicates(session, actor=actor, procedure_id=procedure_id, applicant=applicant)
    if found:
        codes = ", ".join(one.code for one in found)
        raise DomainError(
            f"Chủ hồ sơ đang có hồ sơ chưa giải quyết xong về thủ tục này: {codes}. Nếu đây là hồ sơ khác, "
            "đánh dấu xác nhận rồi tiếp nhận.",
            "confirm_duplicate",
        )
