"""Who looked at whose data: every look at a dossier, a filing or an applicant is attributable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from tthc.db.queries import access as queries
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import squeeze, vietnamese_name_key
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError
from tthc.services.transaction import transaction
from tthc.services.views import PAGE_SIZE, Choice

DOSSIER, APPLICANT, FILING = "dossier", "applicant", "filing"


@dataclass(frozen=True)
class Look:
    """Somebody opened a page with data of an applicant; ``subject`` as of :func:`subject_of`."""

    at: datetime
    account_id: int
    subject: str


@dataclass(frozen=True)
class LookRow:
    """A look as the log shows it: ``kind`` and ``key`` say at what."""

    at: datetime
    by: str
    kind: str
    key: str


@dataclass(frozen=True)
class LookPage:
    """Looks, newest first; ``older``: the id below which there are more."""

    rows: Sequence[LookRow]
    older: int | None


def subject_of(kind: str, key: str | int) -> str:
    """How the log names what was looked at: "dossier:" with its code, "applicant:" with its number."""
    return f"{kind}:{key}"


def record(session: Session, looks: Sequence[Look]) -> None:
    """Write what was looked at since the last time."""
    if looks:
        with transaction(session):
            queries.add(session, [(look.at, look.account_id, look.subject) for look in looks])


def list_looks(
    session: Session,
    *,
    actor: Actor,
    subject: str = "",
    account_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    before: int | None = None,
) -> LookPage:
    """Who looked, newest first; a ``subject`` without a kind is the code of a dossier."""
    actor.require(Action.VIEW_ACCESS_LOG)
    if from_on is not None and to_on is not None and from_on > to_on:
        raise DomainError("Ngày đầu phải trước hoặc trùng ngày cuối.", "from_on")
    wanted = squeeze(subject)
    if wanted and wanted.partition(":")[0] not in (DOSSIER, APPLICANT, FILING):
        wanted = subject_of(DOSSIER, wanted)
    rows = queries.looks(
        session,
        actor.unit_id,
        subject=wanted,
        account_id=account_id,
        from_at=_midnight(from_on),
        to_at=_midnight(to_on + timedelta(days=1)) if to_on else None,
        before=before,
        limit=PAGE_SIZE + 1,
    )
    shown = rows[:PAGE_SIZE]
    return LookPage(
        [LookRow(row.at, row.by, *row.subject.split(":", 1)) for row in shown],
        shown[-1].id if len(rows) > PAGE_SIZE else None,
    )


def people(session: Session, *, actor: Actor) -> list[Choice]:
    """Whose looks can be asked for, in the Vietnamese order of names."""
    actor.require(Action.VIEW_ACCESS_LOG)
    rows = queries.people(session, actor.unit_id)
    ordered = sorted(rows, key=lambda row: (vietnamese_name_key(row.name), row.id))
    return [Choice(str(row.id), row.name) for row in ordered]


def _midnight(on: date | None) -> datetime | None:
    return None if on is None else datetime.combine(on, time(), OFFICE_ZONE)
