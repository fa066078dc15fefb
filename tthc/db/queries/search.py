"""Finding dossiers and applicants by words: one question, the same answer on both databases.

SQLite has an FTS5 table, PostgreSQL a table of tsvectors. Both hold the bare words of
:mod:`tthc.domain.search` as they stand, so that neither reads or folds anything itself; triggers write them
in the transaction that writes the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    String,
    bindparam,
    column,
    false,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import FunctionElement

from tthc.db.models import (
    Applicant,
    Consultation,
    Dossier,
    EventRow,
    Filing,
    HandOver,
    InvestmentCertificate,
    Procedure,
    ProcedureVersion,
    SearchEntry,
    StepMove,
)
from tthc.db.queries.register import portions
from tthc.db.session import read as ask
from tthc.db.triggers import fill_search_indexes
from tthc.db.writing import store
from tthc.domain.search import Phrase, Question, index_text, phone_forms, read, with_tail
from tthc.domain.text import fold
from tthc.domain.vocabulary import FilingState

DOSSIERS = "search_index"
APPLICANTS = "search_index_applicant"

#: Up to so many rows are sorted here. PostgreSQL, asked for the newest of a rare word, may walk through all
#: rows from the newest on; asked for any of them it goes by the index.
_FEW = 2_000


class _Found(FunctionElement[bool]):
    """Whether a key is in the index under a question: key, question for FTS5, question for PostgreSQL."""

    type = Boolean()
    inherit_cache = True
    index = DOSSIERS


class _FoundApplicant(_Found):
    inherit_cache = True
    index = APPLICANTS


@compiles(_Found, "sqlite")
def _in_fts5(element: _Found, compiler: Any, **more: Any) -> str:
    key, question, _ = element.clauses
    asked = compiler.process(question, **more)
    found = f"SELECT rowid FROM {element.index} WHERE {element.index} MATCH {asked}"  # noqa: S608 - constants
    return f"{compiler.process(key, **more)} IN ({found})"


@compiles(_Found, "postgresql")
def _in_tsvectors(element: _Found, compiler: Any, **more: Any) -> str:
    key, _, question = element.clauses
    asked = compiler.process(question, **more)
    found = f"SELECT row_id FROM {element.index} WHERE words @@ CAST({asked} AS tsquery)"  # noqa: S608
    return f"{compiler.process(key, **more)} IN ({found})"


def matches(q: str) -> ColumnElement[bool]:
    """Dossiers in whose words every word of ``q`` begins one; none for a text without words."""
    return _matches(_Found, Dossier.id, read(q))


def matches_applicant(q: str) -> ColumnElement[bool]:
    """The same for applicants, who are also found by the last digits of their phone."""
    question = read(q)
    return _matches(_FoundApplicant, Applicant.id, question and with_tail(question, q))


def _matches(kind: Callable[..., _Found], key: Any, question: Question | None) -> ColumnElement[bool]:
    if question is None:
        return false()
    return cast("ColumnElement[bool]", kind(key, *map(literal, _asked(question).values())))


def _asked(question: Question) -> dict[str, str]:
    """A question as each index reads it."""
    return {"fts5": _for_fts5(question), "tsquery": _for_postgresql(question)}


@cache
def _within(index: str, words: str) -> Any:
    """One of the questions to an index, in the words of its own database."""
    return text(words.format(index=index)).columns(column("key", Integer))


_NEWEST_IN_FTS5 = (
    "SELECT rowid AS key FROM {index} WHERE {index} MATCH :fts5 AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)
_SOME_TSVECTORS = "SELECT row_id AS key FROM {index} WHERE words @@ CAST(:tsquery AS tsquery) LIMIT :most"
_NEWEST_TSVECTORS = (
    "SELECT row_id AS key FROM {index} WHERE words @@ CAST(:tsquery AS tsquery) AND row_id < :below "
    "ORDER BY row_id DESC LIMIT :most"
)


def newest(
    session: Session, index: str, question: Question, *, before: int | None, limit: int
) -> Sequence[int]:
    """The newest ids that answer, newest first, of those below ``before``.

    The order is that of the ids: to rank by words would mean to read every row that has them.
    """
    asked = _asked(question)
    place = {"below": 2**31 - 1 if before is None else before, "most": limit}
    if session.get_bind().dialect.name == "sqlite":
        query = _within(index, _NEWEST_IN_FTS5)
        return [key for (key,) in ask(session, query, fts5=asked["fts5"], **place)]
    tsquery = asked["tsquery"]
    some = ask(session, _within(index, _SOME_TSVECTORS), tsquery=tsquery, most=_FEW + 1).scalars().all()
    if len(some) <= _FEW:
        return sorted((key for key in some if key < place["below"]), reverse=True)[:limit]
    rows = ask(session, _within(index, _NEWEST_TSVECTORS), tsquery=tsquery, **place)
    return [key for (key,) in rows]


def _for_fts5(question: Question) -> str:
    def begun(phrase: Phrase) -> str:
        return f'"{" ".join(phrase)}" *'

    return " OR ".join(
        [
            f"({' AND '.join(begun(phrase) for phrase in question.phrases)})",
            *(begun((number,)) for number in question.numbers),
        ]
    )


def _for_postgresql(question: Question) -> str:
    def begun(phrase: Phrase) -> str:
        return f"({' <-> '.join(phrase)}:*)"

    return " | ".join(
        [
            f"({' & '.join(begun(phrase) for phrase in question.phrases)})",
            *(begun((number,)) for number in question.numbers),
        ]
    )


# --- writing ------------------------------------------------------------------------------------------


def write(session: Session, dossier: Dossier) -> None:
    """Write the words of a dossier, in the transaction that changed what it says."""
    session.flush()
    write_of_dossiers(session, [dossier.id])


def add(session: Session, told: Sequence[tuple[Dossier, tuple[str, str | None], Iterable[EventRow]]]) -> None:
    """Write the words of dossiers that have none yet: what their procedure is called, all their events."""
    entries = []
    for dossier, called, events in told:
        said = [one for event in events for one in (event.reason, event.note)]
        shown = {key for key in (dossier.applicant_id, dossier.submitter_id) if key is not None}
        people = {key: session.get_one(Applicant, key) for key in shown}
        words = _words(dossier, called, people, said)
        entries.append(SearchEntry(dossier_id=dossier.id, folded=words))
    store(session, entries, done=True)


def write_of_applicants(session: Session, applicant_ids: Iterable[int]) -> int:
    """Write anew the words of every dossier that shows one of the applicants; how many there are."""
    session.flush()
    found: set[int] = set()
    for portion in portions(applicant_ids):
        theirs = Dossier.applicant_id.in_(portion) | Dossier.submitter_id.in_(portion)
        found.update(session.scalars(select(Dossier.id).where(theirs)))
    write_of_dossiers(session, found)
    return len(found)


def write_of_dossiers(session: Session, dossier_ids: Iterable[int | None]) -> None:
    """Write anew the words of some dossiers, many with few statements; ``None`` is nobody's."""
    for portion in portions(sorted({one for one in dossier_ids if one is not None})):
        said = told(session, portion)
        entries = {
            entry.dossier_id: entry
            for entry in session.scalars(select(SearchEntry).where(SearchEntry.dossier_id.in_(portion)))
        }
        dossiers = session.scalars(select(Dossier).where(Dossier.id.in_(portion))).all()
        shown = {key for one in dossiers for key in (one.applicant_id, one.submitter_id)}
        found = session.scalars(select(Applicant).where(Applicant.id.in_(shown - {None})))
        people = {applicant.id: applicant for applicant in found}
        called = _called(session, (dossier.version_id for dossier in dossiers))
        for dossier in dossiers:
            words = _words(dossier, called[dossier.version_id], people, said[dossier.id])
            if dossier.id not in entries:
                session.add(SearchEntry(dossier_id=dossier.id, folded=words))
            elif entries[dossier.id].folded != words:
                entries[dossier.id].folded = words
        session.flush()


def rebuild(session: Session, *, after: int, limit: int) -> Sequence[int]:
    """Write anew the words of the next dossiers by id; the ids, empty at the end."""
    found = session.scalars(
        select(Dossier.id).where(Dossier.id > after).order_by(Dossier.id).limit(limit)
    ).all()
    write_of_dossiers(session, found)
    return found


def rebuild_applicants(session: Session, *, after: int, limit: int) -> Sequence[int]:
    """The same for applicants."""
    people = session.scalars(
        select(Applicant).where(Applicant.id > after).order_by(Applicant.id).limit(limit)
    ).all()
    for applicant in people:
        applicant.search_text = applicant.words()
    session.flush()
    return [applicant.id for applicant in people]


def fill_indexes(session: Session) -> None:
    """Make the indexes anew from the words that are stored, inside the caller's transaction."""
    fill_search_indexes(session.connection())


_CALLED = (
    select(ProcedureVersion.id, ProcedureVersion.name, Procedure.national_code)
    .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
    .where(ProcedureVersion.id.in_(bindparam("ids", expanding=True)))
)


def _called(session: Session, version_ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    """Name and national code of the procedures behind versions."""
    rows = ask(session, _CALLED, ids=sorted(set(version_ids)))
    return {version_id: (name, code) for version_id, name, code in rows}


def _words(
    dossier: Dossier,
    called: tuple[str, str | None],
    people: Mapping[int, Applicant],
    said: Iterable[str],
) -> str:
    names = [
        part
        for one in (people[dossier.applicant_id], people.get(dossier.submitter_id or 0))
        if one is not None
        for part in (one.name, one.id_number, phone_forms(one.phone), one.email)
    ]
    shown = (dossier.code, *names, *called, dossier.subject, dossier.note)
    return index_text((*shown, *said))


# --- what an answer says ------------------------------------------------------------------------------


_SOURCES: tuple[tuple[Any, ...], ...] = (
    (EventRow.dossier_id, EventRow.reason, EventRow.note),
    (Consultation.dossier_id, Consultation.agency, Consultation.question, Consultation.answer),
    (InvestmentCertificate.dossier_id, InvestmentCertificate.number),
    (StepMove.dossier_id, StepMove.note),
    (HandOver.dossier_id, HandOver.name, HandOver.paper_no, HandOver.tracking_no, HandOver.fee_reason),
)
_TOLD = tuple(
    select(key, *columns).where(key.in_(bindparam("ids", expanding=True))).order_by(key, key.class_.id)
    for key, *columns in _SOURCES
)
_Submitter = aliased(Applicant)
_FACTS = (
    select(
        Dossier.id,
        Dossier.unit_id,
        Dossier.code,
        Dossier.state,
        Dossier.due_on,
        Dossier.ended_on,
        Dossier.subject,
        Dossier.note,
        ProcedureVersion.name.label("procedure"),
        Procedure.national_code,
        Applicant.name.label("applicant"),
        Applicant.id_number,
        Applicant.phone,
        Applicant.email,
        func.coalesce(_Submitter.name, "").label("submitter"),
        func.coalesce(_Submitter.phone, "").label("submitter_phone"),
        func.coalesce(_Submitter.id_number, "").label("submitter_number"),
    )
    .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
    .join(Procedure, Procedure.id == Dossier.procedure_id)
    .join(Applicant, Applicant.id == Dossier.applicant_id)
    .outerjoin(_Submitter, _Submitter.id == Dossier.submitter_id)
    .where(Dossier.id.in_(bindparam("ids", expanding=True)))
    .order_by(Dossier.id.desc())
)
_CODE_OF = select(Dossier.code).where(
    Dossier.unit_id == bindparam("unit_id"), Dossier.code.in_(bindparam("codes", expanding=True))
)


def told(session: Session, dossier_ids: Sequence[int]) -> dict[int, list[str]]:
    """Reasons and notes of what happened, questions, certificates, who took the result, by dossier.

    All that is searched beside the facts of a dossier.
    """
    found: dict[int, list[str]] = {dossier_id: [] for dossier_id in dossier_ids}
    for query in _TOLD:
        for dossier_id, *texts in ask(session, query, ids=list(found)):
            found[dossier_id] += [one for one in texts if one]
    return found


def facts(session: Session, unit_id: int, dossier_ids: Sequence[int]) -> Sequence[Any]:
    """What the answers show of dossiers of the unit, newest id first, as plain rows."""
    # The unit is looked at here: asked for it as well, SQLite goes through all dossiers of the unit.
    rows = ask(session, _FACTS, ids=list(dossier_ids))
    return [row for row in rows if row.unit_id == unit_id]


_APPLICANTS = (
    select(
        Applicant.id,
        Applicant.name,
        Applicant.id_number,
        Applicant.phone,
        select(func.count())
        .select_from(Dossier)
        .where(Dossier.applicant_id == Applicant.id)
        .correlate(Applicant)
        .scalar_subquery()
        .label("dossiers"),
    )
    .where(
        Applicant.id.in_(bindparam("ids", expanding=True)),
        Applicant.merged_into_id.is_(None),
        Applicant.blanked_at.is_(None),
    )
    .order_by(Applicant.id.desc())
)
_FILED = select(
    Filing.id, Filing.number, Filing.state, Filing.submitted_at, Applicant.name.label("applicant")
).join(Applicant, Applicant.id == Filing.applicant_id)
_FILINGS = (
    _FILED.where(
        Filing.unit_id == bindparam("unit_id"),
        Filing.state != FilingState.ACCEPTED,
        or_(
            func.lower(Filing.number).like(bindparam("number", type_=String), escape="/"),
            cast(
                "ColumnElement[bool]",
                _FoundApplicant(
                    Applicant.id, bindparam("fts5", type_=String), bindparam("tsquery", type_=String)
                ),
            ),
        ),
    )
    .order_by(Filing.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_NUMBERED = _FILED.where(
    Filing.unit_id == bindparam("unit_id"),
    Filing.number == bindparam("number", type_=String),
    Filing.state == FilingState.ACCEPTED,
)


def applicants(session: Session, applicant_ids: Sequence[int]) -> Sequence[Any]:
    """Applicants as answers show them, newest first: those in use, with how many dossiers are theirs."""
    found: Sequence[Any] = ask(session, _APPLICANTS, ids=list(applicant_ids)).all()
    return found


def filings(session: Session, unit_id: int, q: str, *, limit: int) -> Sequence[Any]:
    """Filings that are no dossiers, newest first: by number or by applicant; none without a word in ``q``."""
    question = read(q)
    if question is None:
        return []
    bare = re.sub("[/%_]", r"/\g<0>", "".join(fold(q).split()))
    values = {"unit_id": unit_id, "number": f"%{bare}%", "most": limit, **_asked(question)}
    found: Sequence[Any] = ask(session, _FILINGS, **values).all()
    return found


def accepted_filing(session: Session, unit_id: int, number: str) -> Sequence[Any]:
    """The filing of that whole number, if it has become a dossier since."""
    found: Sequence[Any] = ask(session, _NUMBERED, unit_id=unit_id, number=number).all()
    return found


def code_of(session: Session, unit_id: int, code: str) -> str | None:
    """The code of a dossier of the unit that is written like this, in small letters or large."""
    codes = sorted({code, code.upper(), code.lower()})
    found: str | None = ask(session, _CODE_OF, unit_id=unit_id, codes=codes).scalar()
    return found
