"""Numbers that are given out once: dossier codes, filing numbers, register numbers, petition numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tthc.db.queries import counters
from tthc.db.queries import dossiers as queries
from tthc.db.queries import register_book as book_queries
from tthc.domain.codes import format_code, parse_code
from tthc.domain.register_book import book_year
from tthc.domain.vocabulary import DomainError
from tthc.services import units

_CODES = "dossier_code"
_FILINGS = "filing"
_REGISTER = "register"
_PETITIONS = "petition"


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
    """Move the day's counter past a code that came with a dossier, so that it is not met one by one.

    A sequence of a portal beyond 9999 moves nothing; the counter is locked for it all the same.
    """
    try:
        parts = parse_code(code)
    except DomainError:
        return
    past = parts.sequence if parts.sequence <= 9999 else 0
    counters.raise_to(session, unit_id, _CODES, f"{parts.unit_code}-{parts.on:%y%m%d}", past)


def take_given_code(session: Session, *, unit_id: int, code: str) -> str:
    """A code that came with something filed, unless a dossier or another filing carries it.

    The day's counter is moved past it first, which locks its row: of two who enter one code at once the
    second waits and is refused.
    """
    note_given_code(session, unit_id=unit_id, code=code)
    if queries.code_taken(session, code):
        raise DomainError(
            f"Mã {code} đã được ghi cho một hồ sơ khác; tìm mã này để xem hồ sơ đó, hoặc kiểm tra lại mã.",
            "given_code",
        )
    return code


def next_filing_number(session: Session, *, unit_id: int, submitted_on: date) -> str:
    """The next number of a filing that waits; it is no dossier code yet."""
    day = f"{submitted_on:%y%m%d}"
    while True:
        number = f"TN-{day}-{counters.take_next(session, unit_id, _FILINGS, day):04d}"
        if not queries.code_taken(session, number):
            return number


@dataclass(frozen=True)
class RegisterPlace:
    """Where a dossier stands in the register: year, volume ("01"), and number within the year."""

    year: int
    volume: str
    no: int


class RegisterBooks:
    """The unit's register books, for one transaction: as long as it lasts nobody locks or opens any."""

    def __init__(self, session: Session, unit_id: int) -> None:
        self._session, self._unit_id = session, unit_id
        self._locked: dict[int, bool] = {}
        self._volumes: dict[int, str] = {}

    def enter(self, received_on: date, entered_on: date) -> RegisterPlace:
        """The next place in the book of the year of receipt, or in the current one once that is locked.

        1, 2, 3 … across the year's volumes (Circular 01/2018, art. 10.2).
        """
        locked = received_on.year < entered_on.year and self._is_locked(received_on.year)
        year = book_year(received_on, entered_on, locked=locked)
        if year not in self._volumes:
            further = book_queries.last_volume(self._session, self._unit_id, year)
            self._volumes[year] = volume_name(further or 1)
        number = counters.take_next(self._session, self._unit_id, _REGISTER, str(year))
        return RegisterPlace(year, self._volumes[year], number)

    def _is_locked(self, year: int) -> bool:
        if year not in self._locked:
            self._locked[year] = book_queries.is_locked(self._session, self._unit_id, year)
        return self._locked[year]


def volume_name(no: int) -> str:
    """A volume as papers name it: "01"."""
    return f"{no:02d}"


def next_petition_number(session: Session, *, unit_id: int, year: int) -> str:
    """The next number of the year's petitions, "PAKN-2024-0001", without gap or duplicate."""
    return f"PAKN-{year}-{counters.take_next(session, unit_id, _PETITIONS, str(year)):04d}"
