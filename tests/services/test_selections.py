"""Dossiers marked in a list: only those that were shown as they are, all of them or none, as one action."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tthc.db.models import EventRow
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError, EventKind
from tthc.services import selections
from tthc.services.selections import Mark


def test_marked_dossiers_change_together_or_not_at_all(office: Any) -> None:
    codes = [office.receive(37, firm=f"Doanh nghiệp {900 + index}") for index in range(4)]
    shown = {row.code: row.version for row in office.listed()}
    marks = [Mark(code, shown[code]) for code in codes]
    officer = office.person("officer").account_id
    supervisor = office.person("supervisor")

    def assign(wanted: list[Mark], by: str = "supervisor", to: int | None = officer) -> int:
        return selections.assign_marked(
            office.session, now=office.now, actor=office.person(by), marks=wanted, officer_id=to, note="Đợt 1"
        )

    def looked(kind: EventKind, wanted: list[Mark]) -> tuple[list[str], dict[str, str]]:
        found = selections.look(office.session, actor=supervisor, marks=wanted, kind=kind)
        return [row.code for row in found.rows], {one.code: one.reason for one in found.left}

    # One was changed after the list was shown, one was never there.
    office.act("start", codes[3])
    assert looked(EventKind.ASSIGN, [*marks, Mark("KHONG-CO", 1)]) == (
        codes[:3],
        {codes[3]: "đã thay đổi sau khi danh sách được mở", "KHONG-CO": "không tìm thấy"},
    )
    before = office.everything()
    with pytest.raises(DomainError, match=rf"Chưa hồ sơ nào được ghi.*: {codes[3]} \(đã thay đổi"):
        assign(marks)
    with pytest.raises(NotAllowed):
        assign(marks[:3], by="officer")
    for wrong in ([], [Mark(f"MA-{number}", 1) for number in range(101)]):
        with pytest.raises(DomainError, match=r"Đánh dấu ít nhất|nhiều nhất 100"):
            assign(wrong)
    with pytest.raises(DomainError, match="Chọn người xử lý"):
        assign(marks[:3], to=None)
    assert office.everything() == before

    assert assign([*marks[:3], marks[0]]) == 3, "a mark sent twice is one"
    assert {office.dossier(code).officer_id for code in codes[:3]} == {officer}
    assert office.dossier(codes[3]).officer_id is None
    events = office.session.execute(
        select(EventRow.action_id, EventRow.note).where(EventRow.kind == EventKind.ASSIGN)
    ).all()
    assert len(events) == 3
    assert len(set(events)) == 1
    assert events[0].note == "Đợt 1"
    with pytest.raises(DomainError, match="đang do người này xử lý"):
        assign([Mark(codes[0], office.dossier(codes[0]).version)])

    for code in codes[:2]:
        office.act("resolve", code)
    marks = [Mark(code, office.dossier(code).version) for code in codes]
    assert looked(EventKind.HAND_OVER, marks)[0] == codes[:2]
    assert set(looked(EventKind.HAND_OVER, marks)[1]) == set(codes[2:])
    offered = selections.papers_for(office.session, actor=supervisor, marks=marks)
    assert [one.value for one in offered] == ["giay-tiep-nhan", "phieu-kiem-soat"]
    offered = selections.papers_for(office.session, actor=supervisor, marks=marks[:2])
    assert offered[-1].value == "phieu-tra-ket-qua"
