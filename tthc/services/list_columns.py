"""The columns of the list of dossiers as an account has chosen them, on screen and in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tthc.db.models import ChosenColumns
from tthc.db.queries import lists as queries
from tthc.documents import spreadsheet
from tthc.documents.tables import Column, ReportTable
from tthc.domain.list_columns import USUAL, ListColumn, arranged, kept
from tthc.domain.permissions import Action, Actor
from tthc.domain.vocabulary import DomainError
from tthc.services import units, worklists
from tthc.services.transaction import transaction
from tthc.services.views import DossierRow
from tthc.services.worklists import DossierFilter

#: The longest list that is exported.
MOST_ROWS = 20_000


def columns_of(session: Session, *, actor: Actor) -> tuple[ListColumn, ...]:
    """The columns that whoever looks has chosen, or the usual ones."""
    actor.require(Action.VIEW_DOSSIERS)
    row = queries.columns_of(session, actor.account_id) if actor.account_id else None
    return tuple(kept(row.columns_json if row else None))


def choose_columns(
    session: Session, *, actor: Actor, chosen: Iterable[tuple[ListColumn, int | None]]
) -> None:
    """Remember the ticked columns with the places typed for them; nothing ticked: the usual ones again."""
    actor.require(Action.OWN_ACCOUNT)
    if actor.account_id is None:
        raise DomainError("Chỉ người đăng nhập mới chọn được cột.")
    ticked = list(chosen)
    columns = arranged(ticked) if ticked else list(USUAL)
    with transaction(session):
        row = queries.columns_of(session, actor.account_id)
        if row is None:
            session.add(ChosenColumns(account_id=actor.account_id, columns_json=[*columns]))
        else:
            row.columns_json = [*columns]
        session.flush()


def export_list(
    session: Session, *, actor: Actor, now: datetime, criteria: DossierFilter, told: Sequence[str]
) -> bytes:
    """The whole list that ``criteria`` admits as a spreadsheet in the chosen columns; ``told``: in words."""
    rows = worklists.all_dossiers(session, actor=actor, now=now, criteria=criteria, most=MOST_ROWS)
    columns = columns_of(session, actor=actor)
    parts = [part for column in columns for part in _PARTS[column]]
    today = worklists.office_day(now)
    unit = units.header(session, today, actor.unit_id)
    return spreadsheet.write_table(
        ReportTable(
            title="Danh sách hồ sơ",
            subtitle="; ".join([f"Ngày {today:%d/%m/%Y}", *told]),
            columns=[Column("no", "STT", "number", 6), *(column for column, _ in parts)],
            rows=[[number, *(of(row) for _, of in parts)] for number, row in enumerate(rows, 1)],
            notes=[f"Chỉ gồm {MOST_ROWS} hồ sơ đầu; lọc hẹp hơn để có đủ."] if len(rows) == MOST_ROWS else [],
            header_left=(unit.superior, unit.name),
        )
    )


def _remaining(row: DossierRow) -> object:
    if row.timeliness is not None:
        return row.timeliness.label
    return row.remaining or ("dừng tính hạn" if row.waiting else row.state.label)


_Part = tuple[Column, Callable[[DossierRow], object]]
#: What a column on screen is in a file: one column, or several where the screen puts things together.
_PARTS: Mapping[ListColumn, Sequence[_Part]] = {
    ListColumn.DUE: [(Column("due_on", "Hạn", "date", 12), lambda row: row.due_on)],
    ListColumn.CODE: [(Column("code", "Mã hồ sơ", width=26), lambda row: row.code)],
    ListColumn.MATTER: [
        (Column("procedure", "Thủ tục", width=50), lambda row: row.procedure),
        (Column("applicant", "Chủ hồ sơ", width=36), lambda row: row.applicant),
    ],
    ListColumn.WHEREABOUTS: [
        (Column("step", "Bước", width=20), lambda row: row.step),
        (Column("holder", "Đang ở", width=24), lambda row: row.in_hands_of),
    ],
    ListColumn.REMAINING: [(Column("remaining", "Còn", width=24), _remaining)],
    ListColumn.STATE: [(Column("state", "Trạng thái", width=20), lambda row: row.state.label)],
    ListColumn.SECTOR: [(Column("sector", "Lĩnh vực", width=28), lambda row: row.sector)],
    ListColumn.CHANNEL: [(Column("channel", "Kênh", width=18), lambda row: row.channel.label)],
    ListColumn.RECEIVED: [(Column("received_on", "Tiếp nhận", "date", 12), lambda row: row.received_on)],
    ListColumn.OFFICER: [
        (Column("officer", "Người xử lý", width=24), lambda row: row.officer or "Chưa phân công")
    ],
    ListColumn.STEP_DUE: [(Column("step_due_on", "Hạn bước", "date", 12), lambda row: row.step_due_on)],
    ListColumn.ENDED: [(Column("ended_on", "Kết thúc", "date", 12), lambda row: row.ended_on)],
}
