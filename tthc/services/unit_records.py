"""What the unit is called and which code it issues, from date to date: looked at, corrected, confirmed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import UnitCode, UnitName
from tthc.db.queries import rules
from tthc.db.queries import units as queries
from tthc.domain.codes import LAST_START, PLACEHOLDER_UNIT_CODE, parse_unit_code
from tthc.domain.permissions import Action, Actor
from tthc.domain.text import nfc, squeeze
from tthc.domain.vocabulary import DomainError
from tthc.services import audit
from tthc.services.transaction import NotFound, transaction

_LONGEST = 300
_ONE_DAY = timedelta(days=1)
#: What has to be filled in, and how the refusal names it.
_PARTS = {
    "name": "tên đơn vị",
    "superior": "tên cơ quan chủ quản",
    "place": "địa danh",
    "reception_desk": "tên nơi tiếp nhận và trả kết quả",
}


class RecordMoved(DomainError):
    """Somebody else changed the row after it was shown."""

    def __init__(self) -> None:
        super().__init__(
            "Thông tin đơn vị vừa được người khác thay đổi. Xem lại nội dung mới nhất rồi thực hiện lại."
        )


@dataclass(frozen=True)
class NameContent:
    """What letterheads and papers say of the unit."""

    name: str
    superior: str
    place: str
    reception_desk: str


@dataclass(frozen=True)
class NameView:
    """A row with the dates between which it holds, both included; ``None``: without end on that side.

    ``seen`` stands for everything that the row says, so that nobody changes what he has not looked at.
    """

    id: int
    content: NameContent
    first_on: date | None
    last_on: date | None
    confirmed: bool
    in_force: bool
    seen: str


@dataclass(frozen=True)
class CodeView:
    """A code with its dates; a ``placeholder`` was never assigned to the unit by anybody."""

    code: str
    sequence_start: int
    first_on: date | None
    last_on: date | None
    placeholder: bool
    in_force: bool

    @property
    def first_number(self) -> str:
        """The sequence with which a day begins."""
        return f"{self.sequence_start + 1:04d}"


@dataclass(frozen=True)
class UnitRecords:
    """All rows, the newest date first.

    ``first_free`` is the earliest date for which a code can be entered, ``None`` where any can.
    """

    names: Sequence[NameView]
    codes: Sequence[CodeView]
    first_free: date | None


def get_records(session: Session, *, actor: Actor, today: date) -> UnitRecords:
    """The unit's rows."""
    actor.require(Action.VIEW_SETTINGS)
    issued_on = queries.last_issue_on(session, actor.unit_id)
    name = queries.name_on(session, actor.unit_id, today)
    code = queries.code_row_on(session, actor.unit_id, today)
    return UnitRecords(
        names=[_name_view(row, name) for row in queries.names(session, actor.unit_id)],
        codes=[_code_view(row, code) for row in queries.codes(session, actor.unit_id)],
        first_free=issued_on + _ONE_DAY if issued_on else None,
    )


def get_name(session: Session, *, actor: Actor, today: date, name_id: int) -> NameView:
    """One row that names the unit."""
    actor.require(Action.VIEW_SETTINGS)
    row = _row(session, actor, name_id)
    return _name_view(row, queries.name_on(session, actor.unit_id, today))


def edit_name(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    name_id: int,
    content: NameContent,
    seen: str,
    reason: str,
) -> None:
    """Correct a row that nobody has confirmed yet."""
    actor.require(Action.MANAGE_UNIT)
    kept, because = _checked(content), _because(reason)
    with transaction(session):
        row = _unconfirmed(session, actor, name_id, seen)
        before = _content(row)
        if kept == before:
            raise DomainError("Chưa có gì được sửa.")
        _fill(row, kept)
        _note(session, now, actor, "edit_unit_name", row, because, before=asdict(before), after=asdict(kept))


def confirm_name(
    session: Session, *, now: datetime, actor: Actor, name_id: int, seen: str, reason: str
) -> None:
    """Say that a row agrees with the decision by which the unit is so called."""
    actor.require(Action.MANAGE_UNIT)
    because = _because(reason)
    with transaction(session):
        row = _unconfirmed(session, actor, name_id, seen)
        row.confirmed = True
        _note(session, now, actor, "confirm_unit_name", row, because, after=asdict(_content(row)))


def add_name(
    session: Session, *, now: datetime, actor: Actor, content: NameContent, valid_from: date, reason: str
) -> int:
    """Enter what the unit is called from a date on, to be confirmed; the row before it ends there."""
    actor.require(Action.MANAGE_UNIT)
    kept, because = _checked(content), _because(reason)
    with transaction(session):
        rules.lock_rules(session, actor.unit_id)
        rows = queries.names(session, actor.unit_id)
        if any(row.valid_from == valid_from for row in rows):
            raise DomainError(
                f"Đã có thông tin đơn vị từ ngày {valid_from:%d/%m/%Y}; chọn ngày khác hoặc sửa dòng ấy.",
                "valid_from",
            )
        row = UnitName(unit_id=actor.unit_id, valid_from=valid_from, confirmed=False, **asdict(kept))
        row.valid_to = _make_room(session, rows, valid_from)
        session.add(row)
        session.flush()
        _note(
            session,
            now,
            actor,
            "add_unit_name",
            row,
            because,
            valid_from=valid_from.isoformat(),
            after=asdict(kept),
        )
        return row.id


def set_code(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    code: str,
    sequence_start: int,
    valid_from: date,
    reason: str,
) -> None:
    """Issue dossier codes under another unit code from a date on; none was issued for such a date yet."""
    actor.require(Action.MANAGE_UNIT)
    written, because = parse_unit_code(code), _because(reason)
    if not 0 <= sequence_start <= LAST_START:
        raise DomainError(f"Nhập số nguyên từ 0 đến {LAST_START}.", "sequence_start")
    with transaction(session):
        rules.lock_rules(session, actor.unit_id)
        issued_on = queries.last_issue_on(session, actor.unit_id)
        if issued_on is not None and valid_from <= issued_on:
            raise DomainError(
                f"Mã hồ sơ đến ngày {issued_on:%d/%m/%Y} đã được cấp theo mã cũ; chọn ngày áp dụng từ "
                f"{issued_on + _ONE_DAY:%d/%m/%Y} trở đi.",
                "valid_from",
            )
        old = queries.code_row_on(session, actor.unit_id, valid_from)
        if old is not None and (old.code, old.sequence_start) == (written, sequence_start):
            raise DomainError(f"Từ ngày {valid_from:%d/%m/%Y} đã dùng đúng mã này.", "code")
        before = {"code": old.code, "sequence_start": old.sequence_start} if old else None
        # Nothing was issued under a row for that very date yet, so that it is corrected in its place.
        if old is not None and old.valid_from == valid_from:
            row = old
        else:
            row = UnitCode(unit_id=actor.unit_id, valid_from=valid_from)
            row.valid_to = _make_room(session, queries.codes(session, actor.unit_id), valid_from)
            session.add(row)
        row.code, row.sequence_start = written, sequence_start
        session.flush()
        _note(
            session,
            now,
            actor,
            "set_unit_code",
            row,
            because,
            valid_from=valid_from.isoformat(),
            before=before,
            after={"code": written, "sequence_start": sequence_start},
        )


def _row(session: Session, actor: Actor, name_id: int) -> UnitName:
    row = queries.name(session, actor.unit_id, name_id)
    if row is None:
        raise NotFound("Không tìm thấy thông tin đơn vị này.")
    return row


def _unconfirmed(session: Session, actor: Actor, name_id: int, seen: str) -> UnitName:
    """The row to be changed, held until the transaction ends, if it still is what was looked at."""
    rules.lock_rules(session, actor.unit_id)
    row = _row(session, actor, name_id)
    if row.confirmed:
        raise DomainError(
            "Thông tin này đã được xác nhận nên không sửa được; nếu đơn vị đổi tên, nhập thông tin mới từ "
            "ngày đổi."
        )
    if _seen(row) != seen:
        raise RecordMoved
    return row


def _make_room(
    session: Session, rows: Sequence[UnitName] | Sequence[UnitCode], valid_from: date
) -> date | None:
    """End the row that holds on a date before it; the end that the new row gets."""
    later = [row.valid_from for row in rows if row.valid_from is not None and row.valid_from > valid_from]
    for row in rows:
        starts_before = row.valid_from is None or row.valid_from < valid_from
        if starts_before and (row.valid_to is None or row.valid_to > valid_from):
            row.valid_to = valid_from
    session.flush()
    return min(later, default=None)


def _content(row: UnitName) -> NameContent:
    return NameContent(row.name, row.superior, row.place, row.reception_desk)


def _fill(row: UnitName, content: NameContent) -> None:
    row.name, row.superior = content.name, content.superior
    row.place, row.reception_desk = content.place, content.reception_desk


def _checked(content: NameContent) -> NameContent:
    typed = {part: squeeze(text) for part, text in asdict(content).items()}
    for part, text in typed.items():
        if not text:
            raise DomainError(f"Nhập {_PARTS[part]}.", part)
        if len(text) > _LONGEST:
            raise DomainError(f"Viết ngắn hơn: tối đa {_LONGEST} ký tự.", part)
    return NameContent(**typed)


def _because(reason: str) -> str:
    because = nfc(reason).strip()
    if not because:
        raise DomainError("Nhập văn bản làm căn cứ hoặc lý do.", "reason")
    return because


def _note(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    row: UnitName | UnitCode,
    reason: str,
    **detail: Mapping[str, Any] | str | None,
) -> None:
    session.flush()
    audit.record(
        session,
        unit_id=actor.unit_id,
        now=now,
        actor=actor,
        action=action,
        subject=f"{type(row).__tablename__}:{row.id}",
        detail={**detail, "reason": reason},
    )


def _seen(row: UnitName) -> str:
    everything = [*asdict(_content(row)).values(), str(row.valid_from), str(row.valid_to), row.confirmed]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:16]


def _name_view(row: UnitName, now: Any) -> NameView:
    return NameView(
        id=row.id,
        content=_content(row),
        first_on=row.valid_from,
        last_on=_last_on(row),
        confirmed=row.confirmed,
        in_force=now is not None and row.id == now.id,
        seen=_seen(row),
    )


def _code_view(row: UnitCode, now: UnitCode | None) -> CodeView:
    return CodeView(
        code=row.code,
        sequence_start=row.sequence_start,
        first_on=row.valid_from,
        last_on=_last_on(row),
        placeholder=row.code == PLACEHOLDER_UNIT_CODE,
        in_force=row is now,
    )


def _last_on(row: UnitName | UnitCode) -> date | None:
    return row.valid_to - _ONE_DAY if row.valid_to else None
