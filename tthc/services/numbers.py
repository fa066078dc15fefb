"""Numbers that are given out once: dossier codes, filing numbers, register numbers, petition numbers."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tthc.db.queries import counters
from tthc.db.queries import dossiers as queries
from tthc.domain.codes import format_code, parse_code
from tthc.domain.vocabulary import DomainError
from tthc.services import units

_CODES = "dossier_code"
_FILINGS = "filing"
_REGISTER = "register"
_PETITIONS = "petition"

#: The first book of a year; a year is one volume until the register is kept in several.
FIRST_VOLUME = "01"


def next_code(session: Session, *, unit_id: int, received_on: date) -> str:
    """The next free dossier code of the day (``{unit}-{YYMMDD}-{NNNN}``, Circular 01/2018 article 19).

    The counter row is locked until the transaction ends and goes back with it, so concurrent intake
    leaves neither a gap nor a duplicate. Codes that came with other dossiers are skipped. Raises
    :class:`~tthc.domain.codes.CodesExhausted` past 9999.
    """
    prefix = units.unit_code_on(session, unit_id, received_on)
    key = f"{prefix.code}-{received_on:%y%m%d}"
    while True:
        sequence = counters.take_next(session, unit_id, _CODES, key, prefix.sequence_start)
        code = format_code(prefix.code, received_on, sequence)
        if not queries.code_taken(session, code):
            return code


def note_given_code(session: Session, *, unit_id: int, code: str) -> None:
    """Move the day's counter past a code that came with a dossier, so that it is not met one by one."""
    try:
        parts = parse_code(code)
    except DomainError:
        return
    if parts.sequence <= 9999:
        counters.raise_to(session, unit_id, _CODES, f"{parts.unit_code}-{parts.on:%y%m%d}", parts.sequence)


def next_filing_number(session: Session, *, unit_id: int, submitted_on: date) -> str:
    """The next number of a filing that waits; it is no dossier code yet."""
    day = f"{submitted_on:%y%m%d}"
    while True:
        number = f"TN-{day}-{counters.take_next(session, unit_id, _FILINGS, day):04d}"
        if not queries.code_taken(session, number):
            return number


def next_register_no(session: Session, *, unit_id: int, year: int) -> int:
    """The next number of the year's register: 1, 2, 3 … across its volumes (Circular 01/2018, art. 10.2)."""
    return counters.take_next(session, unit_id, _REGISTER, str(year))


def next_petition_number(session: Session, *, unit_id: int, year: int) -> str:
    """The next number of the year's petitions, "PAKN-2024-0001", without gap or duplicate."""
    return f"PAKN-{year}-{counters.take_next(session, unit_id, _PETITIONS, str(year)):04d}"
