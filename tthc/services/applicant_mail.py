"""What applicants and the webhook are told of a dossier, where the office wants it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, EventRow, ProcedureVersion
from tthc.db.queries import outbox as queries
from tthc.domain.calendar import office_time
from tthc.domain.outbox import MessageKind, Way
from tthc.domain.settings import TELL_APPLICANTS, TELL_WEBHOOK, YES
from tthc.domain.vocabulary import EventKind
from tthc.services import outbox, settings
from tthc.services.outbox import Message

_TOLD = {
    EventKind.RECEIVE: MessageKind.RECEIVED,
    EventKind.REQUEST_SUPPLEMENT: MessageKind.SUPPLEMENT,
    EventKind.RESOLVE: MessageKind.READY,
}


def tell_applicant(session: Session, *, now: datetime, dossier: Dossier, row: EventRow, moved: bool) -> None:
    """Write what the applicant is told of an event, in its transaction; ``moved``: to another day.

    An import tells nobody: it speaks of what happened elsewhere, often long ago.
    """
    kind = _TOLD.get(row.kind, MessageKind.DATE_MOVED if moved else None)
    if kind is None:
        return
    today = office_time(now).date()
    asked = (TELL_APPLICANTS, TELL_WEBHOOK)
    wanted, hooked = (told == YES for told in settings.get_all(session, dossier.unit_id, asked, today))
    wanted = wanted and bool(queries.applicant_email(session, dossier.applicant_id))
    if not wanted and not hooked:
        return
    procedure = session.get_one(ProcedureVersion, dossier.version_id)
    payload = {
        "code": dossier.code,
        "procedure": procedure.name,
        "due_on": dossier.due_on.isoformat(),
        "on": row.occurred_on.isoformat(),
    }
    found = []
    if wanted:
        found.append(Message(kind, f"applicant:{row.id}", f"applicant:{dossier.applicant_id}", payload))
    if hooked:
        found.append(
            Message(kind, f"webhook:event:{row.id}", "webhook:", payload, urgent=True, way=Way.WEBHOOK)
        )
    outbox.write(session, now=now, unit_id=dossier.unit_id, found=found)
