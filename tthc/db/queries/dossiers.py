"""Reads of dossiers, their events, promises, spans and applicants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session, defer

from tthc.db.models import (
    Account,
    Alert,
    Applicant,
    Dossier,
    DossierSpan,
    DueDateRow,
    EventRow,
    Extension,
    Filing,
    PauseRow,
    PeriodClose,
    ProcedureCase,
    ProcedureVersion,
    Supplement,
)
from tthc.db.queries import take_over
from tthc.db.queries.accounts import shown_name
from tthc.db.session import read
from tthc.domain.vocabulary import CloseState, EventKind, SubjectKind

_NAME = shown_name()

# What a use-case or the page of a dossier asks, built once.
_BY_CODE = select(Dossier).where(Dossier.unit_id == bindparam("unit_id"), Dossier.code == bindparam("code"))
_EVENTS = select(EventRow).where(EventRow.dossier_id == bindparam("dossier_id")).order_by(EventRow.seq)
_TIMELINE = (
    select(EventRow, _NAME.label("name"))
    .outerjoin(Account, Account.id == EventRow.actor_id)
    .where(EventRow.dossier_id == bindparam("dossier_id"))
    .order_by(EventRow.seq)
)
_PEOPLE = select(Account.id, _NAME).where(Account.id.in_(bindparam("ids", expanding=True)))
_CASES = (
    select(ProcedureCase.id, ProcedureVersion.name, ProcedureCase.name)
    .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
    .where(ProcedureCase.id.in_(bindparam("ids", expanding=True)))
)
_PROMISES = (
    select(DueDateRow)
    .where(DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == bindparam("dossier_id"))
    .order_by(DueDateRow.no)
)
_LAST_PROMISE_NO = select(func.max(DueDateRow.no)).where(
    DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == bindparam("dossier_id")
)
_OPEN_SPAN = select(DossierSpan).where(
    DossierSpan.dossier_id == bindparam("dossier_id"),
    DossierSpan.valid_to.is_(None),
    DossierSpan.known_to.is_(None),
)
_CODE_TAKEN = select(
    or_(
        exists().where(Dossier.code == bindparam("code")),
        exists().where(Filing.number == bindparam("code")),
    )
)
#: Written out, as the index of closed periods serves no statement that does not say so itself. They follow
#: one upon the other, so the one that begins last ends last.
_CLOSED = PeriodClose.state == literal_column(f"'{CloseState.CLOSED}'")
_LAST_CLOSE = (
    select(PeriodClose)
    .options(defer(PeriodClose.figures_json))
    .where(PeriodClose.unit_id == bindparam("unit_id"), _CLOSED)
    .order_by(PeriodClose.from_on.desc())
    .limit(1)
)
_CLOSED_TO = (
    select(PeriodClose.to_on, PeriodClose.id)
    .where(PeriodClose.unit_id == bindparam("unit_id"), _CLOSED)
    .order_by(PeriodClose.from_on.desc())
    .limit(1)
)
_NUMBERED = (
    select(Applicant.id)
    .where(
        Applicant.blanked_at.is_(None),
        Applicant.name_folded == bindparam("name_folded"),
        Applicant.name == bindparam("name"),
        Applicant.id_number == bindparam("id_number"),
    )
    .order_by(case((Applicant.merged_into_id.is_(None), 0), else_=1), Applicant.id)
    .limit(1)
)
_NUMBERLESS = _NUMBERED.where(Applicant.phone == bindparam("phone"))
_SUPPLEMENTS = (
    select(Supplement, DueDateRow.due_on)
    .outerjoin(DueDateRow, DueDateRow.id == Supplement.due_date_id)
    .where(Supplement.dossier_id == bindparam("dossier_id"))
    .order_by(Supplement.id)
)
_EXTENSIONS = select(Extension).where(Extension.dossier_id == bindparam("dossier_id")).order_by(Extension.id)


def by_code(session: Session, unit_id: int, code: str, *, lock: bool = False) -> Dossier | None:
    """The dossier with ``code`` in the unit; ``lock`` holds it until the transaction ends."""
    query = _BY_CODE.with_for_update() if lock else _BY_CODE
    return session.scalars(query, {"unit_id": unit_id, "code": code}).one_or_none()


def by_codes(
    session: Session, unit_id: int, codes: Sequence[str], *, lock: bool = False
) -> dict[str, Dossier]:
    """Dossiers of the unit by code; ``lock`` holds them until the transaction ends."""
    query = select(Dossier).where(Dossier.unit_id == unit_id, Dossier.code.in_(codes)).order_by(Dossier.id)
    if lock:
        query = query.with_for_update()
    return {row.code: row for row in session.scalars(query)}


def titles_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The procedure and the applicant of each of some dossiers, by the dossier's id."""
    query = (
        select(Dossier.id, ProcedureVersion.name, Applicant.name)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .join(Applicant, Applicant.id == Dossier.applicant_id)
        .where(Dossier.id.in_(dossier_ids))
    )
    return {key: (procedure, applicant) for key, procedure, applicant in session.execute(query)}


def code_taken(session: Session, code: str) -> bool:
    """Whether a dossier or a filing already carries ``code``."""
    return bool(read(session, _CODE_TAKEN, code=code).scalar_one())


def events_of(session: Session, dossier_id: int) -> Sequence[EventRow]:
    """The dossier's events, oldest first."""
    return session.scalars(_EVENTS, {"dossier_id": dossier_id}).all()


def timeline_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of the events, each with the ``name`` of the person who recorded it."""
    found: Sequence[Any] = read(session, _TIMELINE, dossier_id=dossier_id).all()
    return found


def people_named(session: Session, account_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of accounts, also of those that are no longer active."""
    wanted = sorted({account_id for account_id in account_ids if account_id})
    return dict(read(session, _PEOPLE, ids=wanted).all()) if wanted else {}


def case_names(session: Session, case_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The name of the procedure, in its version, and of the case itself, by case."""
    rows = read(session, _CASES, ids=sorted(set(case_ids)))
    return {case_id: (procedure, case) for case_id, procedure, case in rows}


def promises_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of every due date that was computed for the dossier, oldest first."""
    found: Sequence[Any] = read(session, _PROMISES, dossier_id=dossier_id).all()
    return found


def due_date(session: Session, due_date_id: int) -> DueDateRow:
    """One computed due date."""
    return session.get_one(DueDateRow, due_date_id)


def last_promise_no(session: Session, dossier_id: int) -> int:
    """The number of the newest due date, 0 when there is none."""
    return read(session, _LAST_PROMISE_NO, dossier_id=dossier_id).scalar() or 0


def open_span(session: Session, dossier_id: int) -> DossierSpan | None:
    """The span that is open on both axes."""
    return session.scalars(_OPEN_SPAN, {"dossier_id": dossier_id}).one_or_none()


def known_spans(session: Session, dossier_id: int) -> Sequence[DossierSpan]:
    """The spans as they are known now, in the order of the dates for which they hold."""
    return session.scalars(
        select(DossierSpan)
        .where(DossierSpan.dossier_id == dossier_id, DossierSpan.known_to.is_(None))
        .order_by(DossierSpan.valid_from)
    ).all()


def open_supplement(session: Session, dossier_id: int) -> Supplement | None:
    """The supplement request that has no answer yet."""
    return session.scalars(
        select(Supplement).where(Supplement.dossier_id == dossier_id, Supplement.closed_event_id.is_(None))
    ).one_or_none()


def supplements_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of all supplement requests and until when each was waited for, oldest first."""
    found: Sequence[Any] = read(session, _SUPPLEMENTS, dossier_id=dossier_id).all()
    return found


def requested_on(session: Session, dossier_id: int) -> Sequence[date]:
    """The dates of all requests to supplement, oldest first."""
    return session.scalars(
        select(EventRow.occurred_on)
        .where(EventRow.dossier_id == dossier_id, EventRow.kind == EventKind.REQUEST_SUPPLEMENT)
        .order_by(EventRow.seq)
    ).all()


def open_extension(session: Session, dossier_id: int) -> Extension | None:
    """The proposed extension that nobody has decided yet."""
    return session.scalars(
        select(Extension).where(Extension.dossier_id == dossier_id, Extension.closed_event_id.is_(None))
    ).one_or_none()


def extensions_of(session: Session, dossier_id: int) -> Sequence[Any]:
    """The columns of all extensions that were proposed, oldest first."""
    found: Sequence[Any] = read(session, _EXTENSIONS, dossier_id=dossier_id).all()
    return found


def open_pause(session: Session, dossier_id: int) -> PauseRow | None:
    """The pause that has not ended."""
    return session.scalars(
        select(PauseRow).where(PauseRow.dossier_id == dossier_id, PauseRow.closed_event_id.is_(None))
    ).one_or_none()


def withdraw_alerts(session: Session, dossier: Dossier, *, now: datetime) -> int:
    """Withdraw the dossier's open alerts that its present state no longer calls for."""
    stale = update(Alert).where(
        Alert.subject_kind == SubjectKind.DOSSIER,
        Alert.subject_id == dossier.id,
        Alert.withdrawn_at.is_(None),
    )
    if dossier.ended_at is None and not dossier.waiting:
        stale = stale.where(Alert.due_date_id != dossier.due_date_id)
    result: Any = session.execute(stale.values(withdrawn_at=now))
    return int(result.rowcount)


def last_close(session: Session, unit_id: int) -> PeriodClose | None:
    """The newest closed period of the unit; its figures are read when they are asked for."""
    return session.scalars(_LAST_CLOSE, {"unit_id": unit_id}).one_or_none()


@dataclass(frozen=True)
class Settled:
    """Up to and with which day nothing is counted any more; ``id`` is the closing, ``None``: a take-over."""

    to_on: date
    id: int | None


def settled(session: Session, unit_id: int) -> Settled | None:
    """The end of the newest closed period, or of the last paper report before the chain begins."""
    close = read(session, _CLOSED_TO, unit_id=unit_id).first()
    if close is not None:
        return Settled(close.to_on, close.id)
    begins_on = take_over.confirmed_on(session, unit_id)
    return Settled(begins_on - timedelta(days=1), None) if begins_on else None


def applicants_like(
    session: Session, *, id_number: str, name: str, name_folded: str, phone: str
) -> Sequence[Applicant]:
    """The applicant of this very name: with the number, or without a number and with the phone or none.

    One that was merged into another is found as well, after those in use. The folded name is asked because
    it has the index; alone it would take Hoa for Hòa.
    """
    wanted = {"name_folded": name_folded, "name": name, "id_number": id_number}
    if id_number:
        found = read(session, _NUMBERED, **wanted)
    else:
        found = read(session, _NUMBERLESS, **wanted, phone=phone)
    return [session.get_one(Applicant, key) for key in found.scalars()]
