"""The procedures as the intake form offers them: what is received most comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tthc.db.queries import intake as queries
from tthc.domain.permissions import Actor
from tthc.domain.procedure_search import initials, rank
from tthc.domain.vocabulary import OFFICE_ZONE
from tthc.services import catalogue
from tthc.services.views import ProcedureRow

#: What was received in these days tells what will be asked for next.
_LATELY = timedelta(days=90)
#: So many lead the list.
_LEADING = 8


@dataclass(frozen=True)
class PickerEntry:
    """A procedure to pick; ``used``: its place among those received most, 1 the first, 0 none."""

    row: ProcedureRow
    initials: str
    used: int


def picker_entries(session: Session, *, actor: Actor, now: datetime) -> list[PickerEntry]:
    """Every procedure in force: those that this person, then the unit, received most lately come first."""
    on = now.astimezone(OFFICE_ZONE).date()
    rows = catalogue.list_procedures(session, actor=actor, on=on)
    lately = queries.received_lately(session, actor.unit_id, actor.account_id, on - _LATELY)
    leading = sorted(lately, key=lambda one: (-one[1], -one[2], one[0]))[:_LEADING]
    place = {procedure_id: number for number, (procedure_id, _, _) in enumerate(leading, 1)}
    entries = [PickerEntry(row, initials(row.name), place.get(row.id, 0)) for row in rows]
    return sorted(entries, key=lambda one: (one.used or _LEADING + 1, one.row.local_no))


def matching(entries: Sequence[PickerEntry], query: str) -> list[PickerEntry]:
    """The entries that answer a query, the best first, those received most before the others."""
    ranked = [
        (found, number, entry)
        for number, entry in enumerate(entries)
        if (
            found := rank(
                query,
                local_no=entry.row.local_no,
                national_code=entry.row.national_code,
                name=entry.row.name,
            )
        )
        is not None
    ]
    best = sorted(ranked, key=lambda one: one[:2])
    if best and best[0][0] == 0:
        # Whoever types a whole number or code means that one procedure.
        best = best[:1]
    return [entry for _, _, entry in best]
