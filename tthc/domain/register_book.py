"""The register book (sổ theo dõi hồ sơ): which year's book takes a dossier, and what its last column says.

Circular 01/2018/TT-VPCP article 10.2: a book a year, numbers from 01 to the year's end and on across volumes,
locked at the year's end. Form 06 of the 2018 set, 07 of the 2025 set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tthc.domain.vocabulary import EndKind, Outcome


def book_year(received_on: date, entered_on: date, *, locked: bool) -> int:
    """The year in whose book a dossier is entered: that of its receipt, while that book is open.

    Received 30/12/2023 and entered on 05/01/2024: 2023; after the book of 2023 was locked: 2024.
    """
    return entered_on.year if locked and received_on.year < entered_on.year else received_on.year


@dataclass(frozen=True)
class EntryFacts:
    """What the remarks of an entry are drawn from; ``after_lock``: entered when the year was locked."""

    register_year: int
    received_on: date
    after_lock: bool
    first_due_on: date
    appointment_on: date
    ended_on: date | None
    end_kind: EndKind | None
    outcome: Outcome | None
    returned: bool
    recipient: str = ""


def remarks(entry: EntryFacts) -> str:
    """The last column of an entry: why it stands in this book, what became of its promise and of itself."""
    said = []
    if entry.received_on.year != entry.register_year:
        if entry.after_lock:
            said.append(f"nhập sau khi khóa sổ năm {entry.received_on.year}")
        else:
            said.append("ngày nhận đã đính chính")
    if entry.appointment_on != entry.first_due_on:
        said.append(f"hẹn lần đầu {entry.first_due_on:%d/%m/%Y}")
    if entry.ended_on is not None and entry.end_kind is not EndKind.RESOLVED:
        what = "người nộp rút hồ sơ" if entry.end_kind is EndKind.WITHDRAWN else "dừng giải quyết"
        said.append(f"{what} ngày {entry.ended_on:%d/%m/%Y}")
    elif entry.outcome is Outcome.REFUSED:
        said.append("trả lại hồ sơ" if entry.returned else "từ chối giải quyết")
    if entry.recipient:
        said.append(entry.recipient[0].lower() + entry.recipient[1:])
    return "; ".join(said)
