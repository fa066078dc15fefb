"""What every import of a file has in common: headings, refused rows, and what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tthc.documents.sheets import Cell, SheetRow, Unreadable
from tthc.domain.permissions import Actor
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DomainError, LabelledEnum
from tthc.services import audit
from tthc.services.register_columns import key
from tthc.services.register_moments import plain
from tthc.services.transaction import transaction

F = TypeVar("F", bound=StrEnum)
W = TypeVar("W")


@dataclass(frozen=True)
class RowError:
    """Why a row is refused: its number (1 = heading), the name of the column, a sentence."""

    row: int
    column: str
    message: str


class RowOutcome(LabelledEnum):
    """What becomes of a row."""

    CREATED = "created", "Mới"
    UPDATED = "updated", "Cập nhật"
    UNCHANGED = "unchanged", "Không đổi"
    REFUSED = "refused", "Bị từ chối"


class Previewed(Protocol):
    """What an import shows of a row that it could read."""

    @property
    def row(self) -> int:
        """Its number in the file."""

    @property
    def outcome(self) -> RowOutcome:
        """What becomes of it."""


P = TypeVar("P", bound=Previewed)


@dataclass(frozen=True)
class ImportResult(Generic[P]):
    """What an import did, or would do: with any error nothing is saved, and created and updated are 0.

    ``read`` counts the rows below the heading, ``errors`` are in the order of the file, ``preview`` has one
    entry for each row that could be read.
    """

    read: int
    created: int
    updated: int
    unchanged: int
    refused: int
    errors: Sequence[RowError]
    preview: Sequence[P]


class NothingIsKept(Exception):
    """Ends the transaction of a dry run, or of a file with errors."""


@contextmanager
def whole_or_nothing(session: Session) -> Iterator[None]:
    """The transaction of one file: all of it is kept, or nothing after :class:`NothingIsKept`."""
    try:
        with transaction(session):
            yield
    except NothingIsKept:
        pass
    except IntegrityError:
        raise DomainError(
            "Dữ liệu vừa được người khác thay đổi trong lúc nhập nên chưa lưu gì; hãy nhập lại tệp.", "file"
        ) from None


def result_of(
    read: int, preview: Sequence[P], errors: Sequence[RowError], order: Sequence[str]
) -> ImportResult[P]:
    """The answer of an import; ``order`` are the names of the columns as they stand in the file."""
    counts = Counter(shown.outcome for shown in preview)
    places = {name: place for place, name in enumerate(order)}
    saved = not errors
    return ImportResult(
        read=read,
        created=counts[RowOutcome.CREATED] if saved else 0,
        updated=counts[RowOutcome.UPDATED] if saved else 0,
        unchanged=counts[RowOutcome.UNCHANGED],
        refused=len({error.row for error in errors}),
        errors=sorted(errors, key=lambda error: (error.row, places.get(error.column, 0))),
        preview=sorted(preview, key=lambda shown: shown.row),
    )


def record_import(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    action: str,
    subject: str,
    sha256: str,
    result: ImportResult[Any],
) -> None:
    """Write in the audit which file was taken over, by its checksum; where nothing changed, nothing."""
    if not (result.created or result.updated):
        return
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"import:{subject}",
        detail={
            "read": result.read,
            "sha256": sha256,
            "created": result.created,
            "updated": result.updated,
            "unchanged": result.unchanged,
        },
    )


def place_headings(
    heading: SheetRow, known: Mapping[str, F], *, unused: Collection[str], needed: Sequence[F]
) -> tuple[dict[F, int], list[RowError]]:
    """Which column holds which field; unknown, double and missing headings are errors of their row.

    ``known`` and ``unused`` are keyed by :func:`tthc.services.register_columns.key`.
    """
    places: dict[F, int] = {}
    errors: list[RowError] = []
    for place, cell in enumerate(heading.cells):
        text = squeeze(cell) if isinstance(cell, str) else str(cell)
        name = key(text)
        field = known.get(name)
        if field is None:
            if text and name not in unused:
                message = "Không nhận ra tên cột này; hãy sửa theo mẫu hoặc bỏ cột khỏi tệp."
                errors.append(RowError(heading.number, text[:64], message))
        elif field in places:
            message = f"Cột {field.value} xuất hiện hai lần; hãy bỏ một cột."
            errors.append(RowError(heading.number, text[:64], message))
        else:
            places[field] = place
    errors += [
        RowError(heading.number, field.value, f"Tệp thiếu cột {field.value}.")
        for field in needed
        if field not in places
    ]
    return places, errors


class RowReader(Generic[F]):
    """One row under way, and everything that was found to be wrong with it."""

    def __init__(self, row: SheetRow, places: Mapping[F, int]) -> None:
        self.row = row
        self.places = places
        self.errors: list[RowError] = []
        self.warnings: list[str] = []

    def error(self, field: F, message: str) -> None:
        """Say what is wrong with a cell."""
        self.errors.append(RowError(self.row.number, field.value, message))

    def is_wrong(self, field: F) -> bool:
        """Whether something is wrong with a cell already."""
        return any(error.column == field.value for error in self.errors)

    def cell(self, field: F) -> Cell:
        """The cell of a field; an unreadable one is reported and counts as empty."""
        place = self.places.get(field)
        if place is None or place >= len(self.row.cells):
            return ""
        value = self.row.cells[place]
        if isinstance(value, Unreadable):
            if not self.is_wrong(field):
                self.error(field, f"Không đọc được: {value.reason}.")
            return ""
        return value

    def text(self, field: F) -> str:
        """The cell as one line of text; a number as its digits."""
        return squeeze(plain(self.cell(field)))

    def word(self, field: F, words: Mapping[str, W], known: str, *, need: bool = True) -> W | None:
        """What the word in a cell stands for; ``words`` are keyed by ``key``, ``known`` names them."""
        text = self.text(field)
        if not text:
            if need and not self.is_wrong(field):
                self.error(field, f"Thiếu giá trị; ghi {known}.")
            return None
        found = words.get(key(text.lstrip("0") if text.isdigit() else text))
        if found is None:
            self.error(field, f"Không hiểu “{text[:60]}”; ghi {known}.")
        return found

    def refuse_width(self, field: F, width: int) -> None:
        """Say so where the row has more cells than there are headings."""
        if len(self.row.cells) > width:
            self.error(field, "Dòng có nhiều ô hơn số cột; kiểm tra dấu phân cách và dấu ngoặc kép.")
