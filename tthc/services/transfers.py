"""Lists of dossiers handed over between the counter and the board, signed by both (danh sách bàn giao)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from tthc.db.models import Dossier, Transfer, TransferItem
from tthc.db.queries import counters, search
from tthc.db.queries import dossiers as dossier_queries
from tthc.db.queries import steps as step_queries
from tthc.db.queries import transfers as queries
from tthc.documents import printing
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, office_time, weekday_name
from tthc.domain.permissions import Action, Actor
from tthc.domain.steps import transfer_by
from tthc.domain.text import nfc, written_date
from tthc.domain.vocabulary import Channel, DomainError, Role, TransferKind
from tthc.services import accounts, calendar, step_following, steps, units
from tthc.services.documents import DEMO_NOTE, moment_line
from tthc.services.transaction import NotFound, transaction
from tthc.services.views import PAGE_SIZE, Choice, Page

#: A list longer than that is signed as several.
MOST_ROWS = 200
_COUNTER = "transfer"
_RULE = "khoản 2 Điều 18 Nghị định 61/2018/NĐ-CP"
_RULE_2025 = "khoản 2 Điều 18 Nghị định 118/2025/NĐ-CP"


@dataclass(frozen=True)
class WaitingRow:
    """A dossier, or a result, that still has to be handed over; ``late``: it should be there by now."""

    code: str
    version: int
    applicant: str
    procedure: str
    sector: str
    channel: Channel
    sets: int
    since: datetime
    due_on: str
    officer: str
    late: bool


@dataclass(frozen=True)
class WaitingGroup:
    """What has to be handed over by the same moment, or what belongs to one sector."""

    title: str
    late: bool
    rows: Sequence[WaitingRow]


@dataclass(frozen=True)
class WaitingList:
    """What was received, or has a result, and is not handed over yet; ``more`` do not fit on one list."""

    kind: TransferKind
    groups: Sequence[WaitingGroup]
    total: int
    more: int
    takers: Sequence[Choice]

    @property
    def codes(self) -> list[str]:
        """The codes on the page."""
        return [row.code for group in self.groups for row in group.rows]


@dataclass(frozen=True)
class TransferRow:
    """A list that was signed."""

    id: int
    kind: TransferKind
    label: str
    made_at: datetime
    giver: str
    taker: str
    size: int


@dataclass(frozen=True)
class TransferView:
    """A list that was signed, with what stands on it."""

    row: TransferRow
    note: str
    groups: Sequence[tuple[str, Sequence[Sequence[str]]]]


def waiting(session: Session, *, actor: Actor, now: datetime, kind: TransferKind) -> WaitingList:
    """What is to be handed over now, grouped by the moment by which it has to be there."""
    actor.require(Action.VIEW_DOSSIERS)
    found = queries.waiting(session, actor.unit_id, kind, limit=MOST_ROWS)
    total = queries.count_waiting(session, actor.unit_id, kind)
    today = office_time(now).date()
    rules = calendar.load_rules(session, actor.unit_id, today)
    keyed = [(_group_key(kind, raw, rules.calendar), raw) for raw in found]
    keyed.sort(key=lambda pair: (pair[0][0], pair[1].since, pair[1].id))
    groups = []
    for (order, title), pairs in groupby(keyed, key=lambda pair: pair[0]):
        late = isinstance(order, datetime) and order < now
        rows = [_row(raw, late) for _, raw in pairs]
        groups.append(WaitingGroup(f"{title} – đã quá giờ phải chuyển" if late else title, late, rows))
    role = Role.OFFICER if kind is TransferKind.TO_BOARD else Role.CLERK
    return WaitingList(
        kind=kind,
        groups=groups,
        total=total,
        more=max(0, total - len(found)),
        takers=accounts.people_of(session, actor.unit_id, today, role),
    )


def hand_over(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    kind: TransferKind,
    codes: Sequence[str],
    taker_id: int | None,
    note: str = "",
) -> int:
    """Mark dossiers as handed over, in one act, and keep the list that both sides sign; its id.

    To the board: the counter's step ends, and the next begins with whoever is in charge of the dossier, if
    anybody is. To the counter: the last step goes to the clerk who takes the results.
    """
    actor.require(Action.TRANSFER_DOSSIERS)
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise DomainError("Đánh dấu ít nhất một hồ sơ để bàn giao.", "codes")
    if len(wanted) > MOST_ROWS:
        raise DomainError(f"Mỗi danh sách bàn giao có nhiều nhất {MOST_ROWS} hồ sơ.", "codes")
    text = nfc(note).strip()
    if len(text) > 500:
        raise DomainError("Ghi chú dài quá 500 ký tự; rút gọn lại.", "note")
    with transaction(session):
        on = office_time(now).date()
        role = Role.OFFICER if kind is TransferKind.TO_BOARD else Role.CLERK
        people = {one.value: one.label for one in accounts.people_of(session, actor.unit_id, on, role)}
        needed = kind is TransferKind.TO_COUNTER
        if (taker_id is not None or needed) and str(taker_id) not in people:
            raise DomainError("Chọn người nhận bàn giao trong danh sách.", "taker_id")
        dossiers = dossier_queries.by_codes(session, actor.unit_id, wanted, lock=True)
        rules = calendar.load_rules(session, actor.unit_id, on)
        found = {raw.code: raw for raw in queries.waiting(session, actor.unit_id, kind, codes=wanted)}
        gone = [code for code in wanted if code not in found]
        if gone:
            raise DomainError(
                f"{len(gone)} hồ sơ không còn chờ bàn giao ({', '.join(gone[:5])}"
                f"{', …' if len(gone) > 5 else ''}); tải lại danh sách rồi thực hiện lại.",
                "codes",
            )
        ordered = sorted(
            (found[code] for code in wanted),
            key=lambda raw: (_group_key(kind, raw, rules.calendar)[0], raw.since, raw.id),
        )
        year = on.year
        data = _data(ordered, kind, rules.calendar, actor.name, people.get(str(taker_id), ""), text)
        body = json.dumps(data, ensure_ascii=False, sort_keys=True)
        row = Transfer(
            unit_id=actor.unit_id,
            kind=kind,
            year=year,
            no=counters.take_next(session, actor.unit_id, f"{_COUNTER}:{kind.value}", str(year)),
            made_at=now,
            made_by=actor.account_id,
            taker_id=taker_id,
            note=text,
            data_json=data,
            sha256=hashlib.sha256(body.encode()).hexdigest(),
        )
        session.add(row)
        session.flush()
        for raw in ordered:
            _move(session, now, actor, dossiers[raw.code], kind, row, taker_id)
        search.write_of_dossiers(session, [one.id for one in dossiers.values()])
        return row.id


def list_transfers(session: Session, *, actor: Actor, page: int = 1) -> Page[TransferRow]:
    """The lists that were signed, the latest first."""
    actor.require(Action.VIEW_DOSSIERS)
    number = max(1, page)
    rows = queries.page(session, actor.unit_id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Page(
        rows=[_transfer_row(row, giver, taker) for row, giver, taker in rows],
        total=queries.count(session, actor.unit_id),
        number=number,
    )


def get_transfer(session: Session, *, actor: Actor, transfer_id: int) -> TransferView:
    """One list that was signed."""
    actor.require(Action.VIEW_DOSSIERS)
    row, giver, taker = _found(session, actor, transfer_id)
    groups = [(group["title"], group["rows"]) for group in row.data_json["groups"]]
    return TransferView(_transfer_row(row, giver, taker), row.note, groups)


def print_transfer(session: Session, *, actor: Actor, transfer_id: int, demo: bool = False) -> bytes:
    """A list as it was signed, as a PDF of A4 landscape; the same data give the same bytes."""
    actor.require(Action.VIEW_DOSSIERS)
    row, _, _ = _found(session, actor, transfer_id)
    made_on = office_time(row.made_at).date()
    unit = units.header(session, made_on, row.unit_id)
    return printing.render_pdf(
        "transfer",
        {
            **row.data_json,
            "superior": unit.superior,
            "unit": unit.name,
            "place": unit.place,
            "reception_desk": unit.reception_desk,
            "issued_on": written_date(made_on),
            "number": f"{row.no:02d}/{row.year}",
            "code": f"danh sách {row.no:02d}/{row.year}",
            "to_board": row.kind is TransferKind.TO_BOARD,
            "made_line": moment_line(row.made_at),
            "rule": _RULE_2025
            if made_on.year > 2025 or (made_on.year, made_on.month) >= (2025, 7)
            else _RULE,
            "demo_note": DEMO_NOTE if demo else "",
        },
    )


def _move(
    session: Session,
    now: datetime,
    actor: Actor,
    dossier: Dossier,
    kind: TransferKind,
    row: Transfer,
    taker_id: int | None,
) -> None:
    scene = steps.scene_of(session, actor, dossier, now)
    found = step_queries.steps_of(session, dossier.id)
    step = step_following.open_step(found)
    last = step_queries.last_move(session, dossier.id)
    if step is None or last is None:
        raise RuntimeError("a dossier that waits to be handed over is in a step")
    session.add(TransferItem(transfer_id=row.id, dossier_id=dossier.id, kind=kind, move_id=last.id))
    note = f"Danh sách bàn giao số {row.no:02d}/{row.year}"
    if kind is TransferKind.TO_BOARD:
        target = found[step.no]
        charge = dossier.officer_id if target.role is Role.OFFICER else taker_id
        steps.pass_on(scene, found, step, target, taker=charge, note=note, transfer_id=row.id)
    else:
        step_following.give(scene, step, taker_id, note, transfer_id=row.id)
    dossier.version += 1
    session.flush()


def _group_key(kind: TransferKind, raw: Any, working: WorkingCalendar) -> tuple[Any, str]:
    """By when it must be there, and how the group is called; results are grouped by sector."""
    if kind is TransferKind.TO_COUNTER:
        return raw.sector, f"Lĩnh vực {raw.sector}"
    try:
        by = transfer_by(raw.since, working)
    except CalendarNotCovered:
        by = raw.since
    same_day = by.date() == office_time(raw.since).date()
    when = "trong ngày" if same_day else "đầu giờ"
    return by, f"Phải chuyển {when} {weekday_name(by.date())}, {by:%d/%m/%Y}"


def _row(raw: Any, late: bool) -> WaitingRow:
    return WaitingRow(
        code=raw.code,
        version=raw.version,
        applicant=raw.applicant,
        procedure=raw.procedure,
        sector=raw.sector,
        channel=raw.channel,
        sets=raw.sets,
        since=raw.since,
        due_on=f"{raw.due_on:%d/%m/%Y}",
        officer=raw.officer or "",
        late=late,
    )


def _data(
    rows: Sequence[Any],
    kind: TransferKind,
    working: WorkingCalendar,
    giver: str,
    taker: str,
    note: str,
) -> dict[str, Any]:
    """What stands on the list, as text."""
    groups = []
    number = 0
    for (_, title), raws in groupby(rows, key=lambda raw: _group_key(kind, raw, working)):
        lines = []
        for raw in raws:
            number += 1
            papers = sum(
                paper["originals"] + paper["certified"] + paper["copies"] for paper in raw.papers_json
            )
            lines.append(
                [
                    str(number),
                    raw.code,
                    raw.applicant,
                    raw.procedure,
                    raw.channel.label,
                    f"{raw.sets} bộ" + (f", {papers} bản" if papers else ""),
                    f"{office_time(raw.since):%H:%M %d/%m/%Y}",
                    f"{raw.due_on:%d/%m/%Y}",
                    raw.officer or "Chưa phân công",
                ]
            )
        groups.append({"title": title, "rows": lines})
    return {"groups": groups, "size": str(number), "giver": giver, "taker": taker, "note": note}


def _transfer_row(row: Transfer, giver: str | None, taker: str | None) -> TransferRow:
    return TransferRow(
        id=row.id,
        kind=row.kind,
        label=f"Số {row.no:02d}/{row.year}",
        made_at=row.made_at,
        giver=giver or "Hệ thống",
        taker=taker or "",
        size=int(row.data_json["size"]),
    )


def _found(session: Session, actor: Actor, transfer_id: int) -> tuple[Transfer, str | None, str | None]:
    found = queries.by_id(session, actor.unit_id, transfer_id)
    if found is None:
        raise NotFound("Không tìm thấy danh sách bàn giao này.")
    return found
