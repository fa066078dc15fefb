"""What pages and exports show of petitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tthc.domain.vocabulary import PetitionKind, PetitionState, Standing, Timeliness
from tthc.services.petition_contents import PetitionContent


@dataclass(frozen=True)
class PetitionRow:
    """A petition as lists show it; ``applicant`` is empty where nobody is named.

    Pending, it has a ``standing`` and how much is ``remaining``; answered, a ``timeliness``.
    """

    id: int
    number: str
    kind: PetitionKind
    subject: str
    applicant: str
    procedure: str
    received_at: datetime
    received_on: date
    due_on: date | None
    legal_basis: str
    state: PetitionState
    ended_on: date | None
    answer: str
    transferred_to: str
    published_on: date | None
    published_in: str
    standing: Standing | None
    timeliness: Timeliness | None
    due_soon: bool
    remaining: str
    #: No lawful stand of the clock is known for petitions.
    waiting: bool = False

    def why(self, from_on: date, at_on: date) -> str:
        """Why a number of the period that begins on ``from_on`` counts it, judged on ``at_on``."""
        parts = [f"Tiếp nhận {self.received_on:%d/%m/%Y}"]
        if self.received_on < from_on:
            parts.append("kỳ trước chuyển sang")
        if self.ended_on is None or self.ended_on > at_on:
            parts.append(f"chưa trả lời, chưa chuyển đến hết {at_on:%d/%m/%Y}")
        else:
            parts.append(f"{'chuyển' if self.transferred_to else 'trả lời'} {self.ended_on:%d/%m/%Y}")
        parts.append(f"hạn {self.due_on:%d/%m/%Y}" if self.due_on else "không có hạn")
        if self.published_on is not None and self.published_on <= at_on:
            parts.append(f"đăng tải {self.published_on:%d/%m/%Y}")
        return "; ".join(parts)


@dataclass(frozen=True)
class PetitionEntry:
    """Something that was done to a petition: (what, how) in words."""

    title: str
    at: datetime
    actor: str
    facts: Sequence[tuple[str, str]]
    reason: str


@dataclass(frozen=True)
class PetitionDue:
    """A due date that a petition was given; at most one is in force."""

    due_on: date
    in_force: bool
    provisional: bool


@dataclass(frozen=True)
class PetitionView:
    """A petition with everything that its page shows, and what whoever looks may do to it now.

    ``dues`` and ``history`` begin with the oldest; ``may_end``: answer it or hand it on.
    """

    row: PetitionRow
    content: PetitionContent
    procedure_no: int | None
    dues: Sequence[PetitionDue]
    recorded_at: datetime
    history: Sequence[PetitionEntry]
    version: int
    may_end: bool
    may_publish: bool
    may_correct: bool
