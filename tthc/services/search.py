"""One box for everything: dossiers, filings and applicants that have the words, and where they have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from sqlalchemy.orm import Session

from tthc.db.queries import search as queries
from tthc.domain.codes import code_readings
from tthc.domain.permissions import Action, Actor
from tthc.domain.search import Question, marked, read, shortened
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DossierState, FilingState
from tthc.services.transaction import transaction

#: Dossiers on one page of results.
RESULTS = 25
#: Filings and applicants beside them.
BESIDE = 8
#: Dossiers that are written anew in one transaction.
_PORTION = 500

#: The address in the QR code on a paper of a filing ends with its number.
_QR = re.compile(r"/tra-cuu\?code=([^&\s]+)\s*$")

#: A text in pieces, each with whether it is what was sought.
Marked = Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Hit:
    """A dossier that answers; ``reasons``: what else was sought and found, by the name of the field."""

    code: str
    marked_code: Marked
    procedure: Marked
    applicant: Marked
    state: DossierState
    due_on: date
    ended_on: date | None
    reasons: Sequence[tuple[str, Marked]]


@dataclass(frozen=True)
class FilingHit:
    """A filing that answers."""

    id: int
    number: Marked
    applicant: Marked
    state: FilingState
    submitted_at: datetime


@dataclass(frozen=True)
class ApplicantHit:
    """An applicant that answers, with how many dossiers are theirs."""

    id: int
    name: Marked
    id_number: Marked
    phone: Marked
    dossiers: int


@dataclass(frozen=True)
class Found:
    """The answers, newest first; ``older``: the id below which there are more dossiers, if there are."""

    dossiers: Sequence[Hit] = ()
    filings: Sequence[FilingHit] = ()
    applicants: Sequence[ApplicantHit] = ()
    older: int | None = None

    @property
    def anything(self) -> bool:
        """Whether there is any answer at all."""
        return bool(self.dossiers or self.filings or self.applicants)


def search(
    session: Session,
    *,
    actor: Actor,
    q: str,
    before: int | None = None,
    results: int = RESULTS,
    beside: int = BESIDE,
) -> Found:
    """What answers ``q``: every word of it begins a word somewhere in the same dossier.

    Of the QR code on a paper of a filing the number is looked for.
    ``before`` goes on below an id, without filings and applicants, which stand on the first page.
    """
    actor.require(Action.VIEW_DOSSIERS)
    scanned = _QR.search(q)
    q = unquote(scanned[1]).replace("\x00", "") if scanned else q
    question = read(q)
    if question is None:
        return Found()
    ids = queries.newest(session, queries.DOSSIERS, question, before=before, limit=results + 1)
    shown, older = ids[:results], ids[results - 1] if len(ids) > results else None
    told = queries.told(session, shown) if shown else {}
    rows = queries.facts(session, actor.unit_id, shown) if shown else []
    hits = [_hit(row, told[row.id], question) for row in rows]
    if before is not None:
        return Found(dossiers=hits, older=older)
    people = queries.newest(session, queries.APPLICANTS, question, before=None, limit=beside)
    return Found(
        dossiers=hits,
        older=older,
        filings=[
            FilingHit(
                row.id,
                marked(row.number, question),
                marked(row.applicant, question),
                row.state,
                row.submitted_at,
            )
            for row in (
                *queries.filings(session, actor.unit_id, q, limit=beside),
                *_accepted(session, actor, q),
            )
        ],
        applicants=[
            ApplicantHit(
                row.id,
                marked(row.name, question),
                marked(row.id_number, question),
                marked(row.phone, question),
                row.dossiers,
            )
            for row in (queries.applicants(session, people) if people else [])
        ],
    )


def _accepted(session: Session, actor: Actor, q: str) -> Sequence[Any]:
    """What became a dossier under a code of its own, by the number that stands on its papers."""
    number = code_readings(q, ())[0]
    return queries.accepted_filing(session, actor.unit_id, number) if number.startswith("TN-") else ()


def find_code(session: Session, *, actor: Actor, q: str) -> str | None:
    """The code of the dossier if ``q`` is a whole code and nothing else."""
    actor.require(Action.VIEW_DOSSIERS)
    typed = squeeze(q)
    return queries.code_of(session, actor.unit_id, typed) if typed else None


def rebuild(session: Session, *, actor: Actor) -> tuple[int, int]:
    """Write all words and both indexes anew; how many dossiers and applicants there are.

    In portions, so that the office can work on meanwhile; what is written by others in between is right.
    """
    actor.require(Action.MANAGE_UNIT)
    counted = []
    for write in (queries.rebuild, queries.rebuild_applicants):
        number, last = 0, 0
        while True:
            with transaction(session):
                done = list(write(session, after=last, limit=_PORTION))
            if not done:
                break
            number, last = number + len(done), done[-1]
        counted.append(number)
    with transaction(session, alone=True):
        queries.fill_indexes(session)
    return counted[0], counted[1]


def _hit(row: Any, told: Sequence[str], question: Question) -> Hit:
    fields = (
        ("Mã thủ tục", row.national_code),
        ("Số giấy tờ", row.id_number),
        ("Điện thoại", row.phone),
        ("Thư điện tử", row.email),
        ("Người nộp", row.submitter),
        ("Giấy tờ người nộp", row.submitter_number),
        ("Điện thoại người nộp", row.submitter_phone),
        ("Nội dung", row.subject),
        ("Ghi chú", row.note),
        *(("Quá trình giải quyết", text) for text in told),
    )
    reasons: dict[tuple[str, str], Marked] = {}
    for label, text in fields:
        pieces = marked(text, question) if text else []
        if any(hit for _, hit in pieces):
            reasons.setdefault((label, text), shortened(pieces))
    return Hit(
        code=row.code,
        marked_code=marked(row.code, question),
        procedure=marked(row.procedure, question),
        applicant=marked(row.applicant, question),
        state=row.state,
        due_on=row.due_on,
        ended_on=row.ended_on,
        reasons=[(label, pieces) for (label, _), pieces in reasons.items()],
    )
