"""The yearly register book (sổ theo dõi hồ sơ): looked at, printed, in volumes, locked at the year's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Applicant, Dossier, HandOver, RegisterLock, RegisterVolume
from tthc.db.queries import hand_overs as hand_over_queries
from tthc.db.queries import register_book as queries
from tthc.db.queries import units as unit_queries
from tthc.db.queries.register_book import Extent
from tthc.documents import spreadsheet, table_paper
from tthc.documents.table_paper import Cover, Signature
from tthc.documents.tables import Column, ReportTable
from tthc.domain.calendar import office_time
from tthc.domain.permissions import Action, Actor
from tthc.domain.register_book import EntryFacts, remarks
from tthc.domain.text import nfc, written_date
from tthc.domain.vocabulary import DomainError
from tthc.services import audit, documents, hand_over_views, units
from tthc.services.numbers import volume_name
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, Page

_FORM = documents.Form(
    "06", "sổ theo dõi hồ sơ", "table", template_version="1", printed={"2018": "06", "2025": "07"}
)
_DAYS = "Ngày, tháng, năm"
_COLUMNS = (
    Column("no", "TT", "number", 6),
    Column("code", "Mã hồ sơ", width=25),
    Column("procedure", "Tên thủ tục hành chính", width=30),
    Column("sets", "Số lượng hồ sơ (bộ)", "number", 8),
    Column("applicant", "Tên cá nhân, tổ chức", width=20),
    Column("address", "Địa chỉ, số điện thoại", width=20),
    Column("agency", "Cơ quan chủ trì giải quyết", width=19),
    Column("received_on", "Nhận hồ sơ", "date", 12, _DAYS),
    Column("appointment_on", "Hẹn trả kết quả", "date", 12, _DAYS),
    Column("handed_over_on", "Trả kết quả", "date", 12, _DAYS),
    Column("method", "Phương thức nhận kết quả", width=12),
    Column("signed", "Ký nhận", width=10),
    Column("remarks", "Ghi chú", width=19),
)
_NOTE_LENGTH = 500


@dataclass(frozen=True)
class Volume:
    """A volume of a year's book, with its first number."""

    name: str
    first_no: int


@dataclass(frozen=True)
class Lock:
    """When a year's book was locked, by whom, after which number."""

    at: datetime
    by: str
    last_no: int
    note: str


@dataclass(frozen=True)
class BookView:
    """A part of a year's book as its page shows it.

    ``volume`` is ``None`` for all of them. ``lockable``: the year is over and its book still open;
    ``last_no`` the last number of the year.
    """

    year: int
    years: Sequence[int]
    volume: str | None
    volumes: Sequence[Volume]
    table: ReportTable
    page: Page[Sequence[object]]
    lock: Lock | None
    lockable: bool
    last_no: int
    form_note: str

    @property
    def fresh(self) -> bool:
        """Whether the newest volume has no entry yet, so that no further one is needed."""
        return self.last_no < self.volumes[-1].first_no


@dataclass(frozen=True)
class Part:
    """Which part of which year's book; without a year that of today."""

    year: int | None = None
    volume: str | None = None
    from_no: int | None = None
    to_no: int | None = None


def open_book(session: Session, *, actor: Actor, today: date, part: Part, page: int = 1) -> BookView:
    """One page of a year's book, or of a volume of it."""
    actor.require(Action.VIEW_REGISTER)
    years, extent = _asked(session, actor, today, part)
    book = _read(session, actor, extent)
    number = max(1, page)
    rows, total = _rows(session, extent, book, page=number)
    return BookView(
        year=extent.year,
        years=years,
        volume=extent.volume,
        volumes=book.volumes,
        table=_table(book, extent, rows, today),
        page=Page(rows, total, number),
        lock=book.lock,
        lockable=extent.year < today.year and book.lock is None,
        last_no=book.last_no,
        form_note=_form_note(book, today),
    )


def export_book(
    session: Session,
    *,
    actor: Actor,
    today: date,
    part: Part,
    format: str,  # noqa: A002
    demo: bool = False,
) -> bytes:
    """The same whole, "xlsx" or "pdf" (A4 landscape with its cover)."""
    actor.require(Action.VIEW_REGISTER)
    _, extent = _asked(session, actor, today, part)
    book = _read(session, actor, extent)
    total, first, last, began, ended = queries.summary(session, extent)
    rows, _ = _rows(session, extent, book)
    issued_on = _issued_on(book, today)
    unit = units.header(session, issued_on, actor.unit_id)
    table = replace(
        _table(book, extent, rows, today),
        header_left=[line for line in (unit.superior, unit.name) if line],
        header_right=[_form_note(book, today)],
        notes=_closing_lines(book, extent, total, first, last),
        signers=["Người khóa sổ"] if book.lock else [],
    )
    if format != "pdf":
        return spreadsheet.write_table(table)
    lines = [f"Năm {extent.year}", f"Quyển số: {extent.volume or _whole(book)}"]
    if began is not None:
        lines.append(f"Từ ngày {began:%d/%m/%Y} đến ngày {ended:%d/%m/%Y}")
        lines.append(f"Từ số {first:02d} đến số {last:02d}")
    signatures = []
    if book.lock:
        signatures = [Signature("NGƯỜI KHÓA SỔ", "(Ký, ghi rõ họ tên, đóng dấu)", book.lock.by)]
    return table_paper.print_table(
        table,
        cover=Cover("SỔ THEO DÕI HỒ SƠ", lines),
        signatures=signatures,
        place_line=f"{unit.place}, {written_date(issued_on)}",
        demo_note=documents.DEMO_NOTE if demo else "",
    )


def lock_book(
    session: Session, *, now: datetime, actor: Actor, year: int, last_no: int, note: str = ""
) -> None:
    """Lock the book of a finished year (khóa sổ); ``last_no`` is the last number that the page showed."""
    actor.require(Action.LOCK_REGISTER)
    because = nfc(note).strip()
    if len(because) > _NOTE_LENGTH:
        raise DomainError(f"Viết ngắn hơn: tối đa {_NOTE_LENGTH} ký tự.", "note")
    if year >= office_time(now).year:
        raise DomainError(f"Khóa sổ năm {year} được từ ngày 01/01/{year + 1}.")
    # A dossier that is being received has already asked whether the book is locked: it is waited for.
    with transaction(session, alone=True):
        if year not in queries.years(session, actor.unit_id):
            raise NotFound(f"Không có sổ năm {year}.")
        if queries.is_locked(session, actor.unit_id, year):
            raise DomainError(f"Sổ năm {year} đã khóa.")
        stands = queries.last_no(session, actor.unit_id, year)
        if stands != last_no:
            raise DomainError(
                f"Sổ vừa có thêm hồ sơ, số cuối là {stands}. Xem lại sổ mới nhất bên dưới rồi khóa lại."
            )
        lock = RegisterLock(
            unit_id=actor.unit_id,
            year=year,
            last_no=stands,
            note=because,
            locked_at=now,
            locked_by=actor.account_id,
        )
        session.add(lock)
        _record(session, now, actor, "lock_register", year, {"last_no": stands, "note": because})


def open_volume(session: Session, *, now: datetime, actor: Actor, year: int, last_no: int) -> str:
    """Begin a further volume after ``last_no``, the last number that the page showed; its name."""
    actor.require(Action.KEEP_REGISTER)
    with transaction(session, alone=True):
        if queries.is_locked(session, actor.unit_id, year):
            raise DomainError(f"Sổ năm {year} đã khóa nên không mở thêm quyển.")
        if queries.last_no(session, actor.unit_id, year) != last_no:
            raise DomainError("Sổ vừa có thêm hồ sơ. Xem lại số cuối bên dưới rồi mở quyển mới.")
        further = queries.volumes(session, actor.unit_id, year)
        if last_no < (further[-1].first_no if further else 1):
            raise DomainError("Quyển hiện tại chưa có hồ sơ nào nên chưa cần mở quyển mới.")
        no = further[-1].no + 1 if further else 2
        volume = RegisterVolume(
            unit_id=actor.unit_id,
            year=year,
            no=no,
            first_no=last_no + 1,
            opened_at=now,
            opened_by=actor.account_id,
        )
        session.add(volume)
        _record(session, now, actor, "open_register_volume", year, {"no": no, "first_no": last_no + 1})
        return volume_name(no)


def unlocked_year(session: Session, *, actor: Actor, today: date) -> int | None:
    """The oldest finished year whose book is still open, for those who lock it."""
    actor.require(Action.LOCK_REGISTER)
    locked = queries.locks(session, actor.unit_id)
    return next(
        (y for y in queries.years(session, actor.unit_id) if y < today.year and y not in locked), None
    )


# --- what a part of the book says ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Book:
    """What is known of a year's book beside its entries."""

    volumes: Sequence[Volume]
    lock: Lock | None
    locked_at: Mapping[int, datetime]
    last_no: int
    names: Sequence[Any]

    def agency(self, on: date) -> str:
        """What the unit was called on a day."""
        return next(
            (
                row.name
                for row in self.names
                if (row.valid_from is None or row.valid_from <= on)
                and (row.valid_to is None or on < row.valid_to)
            ),
            "",
        )


def _asked(session: Session, actor: Actor, today: date, part: Part) -> tuple[Sequence[int], Extent]:
    years = sorted({*queries.years(session, actor.unit_id), today.year}, reverse=True)
    year = part.year or today.year
    if year not in years:
        raise NotFound(f"Không có sổ năm {year}.")
    if part.from_no is not None and part.to_no is not None and part.from_no > part.to_no:
        raise DomainError("Số cuối không được nhỏ hơn số đầu.", "to_no")
    return years, Extent(actor.unit_id, year, part.volume, part.from_no, part.to_no)


def _read(session: Session, actor: Actor, extent: Extent) -> _Book:
    further = queries.volumes(session, actor.unit_id, extent.year)
    volumes = [Volume(volume_name(1), 1), *(Volume(volume_name(row.no), row.first_no) for row in further)]
    if extent.volume is not None and extent.volume not in {one.name for one in volumes}:
        raise NotFound(f"Sổ năm {extent.year} không có quyển {extent.volume}.")
    locks = queries.locks(session, actor.unit_id)
    lock = None
    if extent.year in locks:
        row, who = locks[extent.year]
        lock = Lock(row.locked_at, who or "Hệ thống", row.last_no, row.note)
    return _Book(
        volumes=volumes,
        lock=lock,
        locked_at={year: row.locked_at for year, (row, _) in locks.items()},
        last_no=queries.last_no(session, actor.unit_id, extent.year),
        names=unit_queries.names(session, actor.unit_id),
    )


def _rows(
    session: Session, extent: Extent, book: _Book, *, page: int | None = None
) -> tuple[list[list[object]], int]:
    """The rows of a page, or all, and how many there are in all."""
    at = {} if page is None else {"offset": (page - 1) * PAGE_SIZE, "limit": PAGE_SIZE}
    found = queries.entries(session, extent, **at)
    total = len(found) if page is None else queries.summary(session, extent)[0]
    if not found:
        return [], total
    handed = queries.hand_overs(session, extent, found[0][0].register_no, found[-1][0].register_no)
    takers = {row.event_id: row for row in hand_over_queries.newest_of(session, handed).values()}
    return [_row(book, handed, takers, *entry) for entry in found], total


def _row(
    book: _Book,
    handed: Mapping[int, Any],
    takers: Mapping[int, HandOver],
    dossier: Dossier,
    procedure: str,
    applicant: Applicant,
) -> list[object]:
    event_id, payload, note = handed.get(dossier.id, (None, {}, ""))
    # Handed over before such entries were kept: the event alone says how.
    taker = takers.get(event_id or 0)
    way = hand_over_views.way_of(taker, payload)
    received_year = dossier.received_on.year
    locked_at = book.locked_at.get(received_year)
    facts = EntryFacts(
        register_year=dossier.register_year,
        received_on=dossier.received_on,
        after_lock=locked_at is not None and dossier.recorded_at >= locked_at,
        first_due_on=dossier.first_due_on,
        appointment_on=dossier.appointment_on,
        ended_on=dossier.ended_on,
        end_kind=dossier.end_kind,
        outcome=dossier.outcome,
        returned=dossier.returned,
        recipient="; ".join(one for one in (hand_over_views.taken_by(taker), note) if one),
    )
    return [
        dossier.register_no,
        dossier.code,
        procedure,
        dossier.sets,
        applicant.name,
        "; ".join(text for text in (applicant.address, applicant.phone) if text),
        book.agency(dossier.received_on),
        dossier.received_on,
        dossier.appointment_on,
        dossier.handed_over_on,
        way.label if way else "",
        "",
        remarks(facts),
    ]


def _table(book: _Book, extent: Extent, rows: Sequence[Sequence[object]], today: date) -> ReportTable:
    part = f"quyển số {extent.volume}" if extent.volume else f"quyển số {_whole(book)}"
    stand = "" if book.lock else f", sổ đang mở, in ngày {today:%d/%m/%Y}"
    return ReportTable(
        title="SỔ THEO DÕI HỒ SƠ", subtitle=f"Năm {extent.year}, {part}{stand}", columns=_COLUMNS, rows=rows
    )


def _whole(book: _Book) -> str:
    """The volumes of a book that is shown whole: "01", "01–03"."""
    names = [one.name for one in book.volumes]
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"


def _issued_on(book: _Book, today: date) -> date:
    """A locked book is the paper of the day of its locking, an open one that of the day of printing."""
    return office_time(book.lock.at).date() if book.lock else today


def _form_note(book: _Book, today: date) -> str:
    return _FORM.note(documents.set_on(_issued_on(book, today)))


def _closing_lines(book: _Book, extent: Extent, total: int, first: int | None, last: int | None) -> list[str]:
    if first is None or last is None:
        said = ["Không có hồ sơ nào."]
    else:
        said = [f"Phần sổ này có {total} hồ sơ, từ số {first:02d} đến số {last:02d}."]
    if book.lock:
        day = office_time(book.lock.at).date()
        said.append(
            f"Sổ năm {extent.year} khóa ngày {day:%d/%m/%Y}, số cuối cùng: {book.lock.last_no:02d}. "
            "Hồ sơ tiếp nhận trong năm nhưng nhập sau ngày khóa sổ được ghi vào sổ của năm nhập; "
            "ngày trả kết quả sau ngày khóa sổ vẫn được ghi tiếp."
        )
        if book.lock.note:
            said.append(book.lock.note)
    return said


def _record(
    session: Session, now: datetime, actor: Actor, action: str, year: int, detail: Mapping[str, Any]
) -> None:
    session.flush()
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"register:{year}",
        detail={"year": year, **detail},
    )
