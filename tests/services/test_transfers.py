"""Lists between counter and board, the work of the absent, and who signs in whose place."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest

from tests.services.test_extension_papers import pages as letter_of
from tests.services.test_steps import hand_on
from tthc.domain.permissions import NotAllowed
from tthc.domain.signing import SigningCapacity
from tthc.domain.vocabulary import DomainError, Role, TransferKind
from tthc.services import absences, accounts, delegations, extensions, steps, transfers
from tthc.services.delegations import DelegationInput
from tthc.services.transaction import StaleVersion


def waiting(office: Any, kind: TransferKind) -> list[tuple[str, list[str]]]:
    found = transfers.waiting(office.session, actor=office.person("clerk"), now=office.now, kind=kind)
    return [(group.title, [row.code for row in group.rows]) for group in found.groups]


def hand_over(
    office: Any, kind: TransferKind, codes: list[str], *, by: str = "clerk", to: str | None = None
) -> int:
    return transfers.hand_over(
        office.session,
        now=office.now,
        actor=office.person(by),
        kind=kind,
        codes=codes,
        taker_id=office.person(to).account_id if to else None,
    )


def test_what_was_received_goes_to_the_board_and_results_come_back(office: Any) -> None:
    to_board, to_counter = TransferKind.TO_BOARD, TransferKind.TO_COUNTER
    office.stand("14/06 14:00")
    first = office.receive(37, officer_id=office.person("officer").account_id)
    office.stand("14/06 15:01")
    late = office.receive(41)
    office.stand("14/06 15:30")
    assert waiting(office, to_board) == [
        ("Phải chuyển trong ngày Thứ Sáu, 14/06/2024", [first]),
        ("Phải chuyển đầu giờ Thứ Hai, 17/06/2024", [late]),
    ]
    made = hand_over(office, to_board, [late, first])
    assert waiting(office, to_board) == []
    rows = {row.code: row for row in office.listed()}
    officer = office.person("officer").name
    assert [(rows[code].step, rows[code].holder) for code in (first, late)] == [
        ("Thẩm định", officer),
        ("Thẩm định", None),
    ]
    before = office.everything()
    with pytest.raises(DomainError, match=rf"1 hồ sơ không còn chờ bàn giao \({first}\)"):
        hand_over(office, to_board, [first])
    with pytest.raises(DomainError, match="Đánh dấu ít nhất một hồ sơ"):
        hand_over(office, to_board, [])
    with pytest.raises(NotAllowed):
        hand_over(office, to_board, [first], by="reporter")
    assert office.everything() == before
    content = transfers.print_transfer(office.session, actor=office.person("auditor"), transfer_id=made)
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        [page] = document
        assert page.get_size() == pytest.approx((842, 595), abs=1), "A4 landscape"
        text = " ".join(page.get_textpage().get_text_bounded().split())
    for part in ("DANH SÁCH BÀN GIAO HỒ SƠ", "Số 01/2024", first, late, "BÊN GIAO", "BÊN NHẬN", "sau 15 giờ"):
        assert part in text
    assert text.index(first) < text.index(late)
    office.stand("17/06 09:00")
    office.act("resolve", first)
    assert waiting(office, to_counter) == [("Lĩnh vực Thương mại quốc tế", [first])]
    with pytest.raises(DomainError, match="Chọn người nhận bàn giao"):
        hand_over(office, to_counter, [first], by="officer")
    hand_over(office, to_counter, [first], by="officer", to="clerk")
    assert waiting(office, to_counter) == []
    assert office.listed(q=first)[0].holder == office.person("clerk").name
    again = transfers.print_transfer(office.session, actor=office.person("auditor"), transfer_id=made)
    assert again == content, "what was signed prints again the same"
    listed = transfers.list_transfers(office.session, actor=office.person("auditor"))
    assert [(row.label, row.kind, row.size) for row in listed.rows] == [
        ("Số 01/2024", to_counter, 1),
        ("Số 01/2024", to_board, 2),
    ]
    # Sent back to the counter, it has to be handed over once more.
    steps.send_back(office.session, call=office.call(late, "supervisor"), reason="Thiếu giấy tờ")
    assert [codes for _, codes in waiting(office, to_board)] == [[late]]
    hand_over(office, to_board, [late])


def test_all_work_of_an_absent_officer_goes_over_at_once_as_it_was_seen(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06 09:00")
    officer, supervisor = (office.person(name).account_id for name in ("officer", "supervisor"))
    codes = [office.receive(37, officer_id=officer) for _ in range(2)]
    hand_on(office, codes[0], by="clerk", to="officer")
    admin = office.person("admin")
    other = accounts.add_account(
        office.session,
        now=office.now,
        actor=admin,
        name="chuyenvien2",
        role=Role.OFFICER,
        password="mat-khau-dai-001",
        full_name="Chuyên viên 02",
    )
    who = {"now": office.now, "actor": office.person("supervisor")}
    seen = absences.preview_absence(office.session, **who, from_id=officer, to_id=other)
    assert [(row.code, row.in_charge, row.step) for row in seen.rows] == [
        (codes[0], True, "Thẩm định"),
        (codes[1], True, ""),
    ]
    with pytest.raises(
        DomainError, match="không phải chuyên viên nên không nhận được bước của 1 hồ sơ"
    ) as no:
        absences.preview_absence(office.session, **who, from_id=officer, to_id=supervisor)
    assert codes[0] in no.value.message
    late = office.receive(41, officer_id=officer)
    act = {"from_id": officer, "to_id": other, "reason": "Nghỉ phép từ ngày 11/06"}
    with pytest.raises(StaleVersion):
        absences.hand_over_work(office.session, **who, **act, seen=seen.seen)
    assert office.dossier(codes[0]).officer_id == officer
    seen = absences.preview_absence(office.session, **who, from_id=officer, to_id=other)
    assert absences.hand_over_work(office.session, **who, **act, seen=seen.seen) == 3
    assert {office.dossier(code).officer_id for code in (*codes, late)} == {other}
    assert office.listed(q=codes[0])[0].holder == "Chuyên viên 02"
    with pytest.raises(DomainError, match="không có hồ sơ nào"):
        absences.preview_absence(office.session, **who, from_id=officer, to_id=other)
    with pytest.raises(NotAllowed):
        absences.preview_absence(
            office.session, now=office.now, actor=office.person("officer"), from_id=officer, to_id=other
        )


def test_who_acts_for_a_supervisor_has_his_rights_in_these_days_and_signs_in_his_place(
    sqlite_office: Any,
) -> None:
    office = sqlite_office
    office.stand("10/06 08:05")
    supervisor, officer = office.person("supervisor"), office.person("officer")

    def acting(text: str) -> Any:
        found = accounts.load_actor(office.session, officer.account_id, on=office.on(text))
        assert found is not None
        return found

    wanted = DelegationInput(
        supervisor.account_id,
        officer.account_id,
        office.on("11/06"),
        office.on("14/06"),
        "Phó Trưởng ban",
        "Quyết định số 12/QĐ-BQL",
    )
    arguments = {"now": office.now, "actor": supervisor}
    made = delegations.delegate(office.session, **arguments, wanted=wanted)
    for day, has in (("10/06", False), ("11/06", True), ("14/06", True), ("15/06", False)):
        assert (Role.SUPERVISOR in acting(day).roles) is has, day
    authorised = {
        "capacity": SigningCapacity.AUTHORISED,
        "title": "Trưởng phòng",
        "decision_on": office.on("10/06"),
    }
    for wrong, field in (
        ({"to_id": supervisor.account_id}, "to_id"),
        ({"from_id": officer.account_id}, "from_id"),
        ({"valid_from": office.on("09/06")}, "valid_from"),
        ({"valid_to": office.on("10/06")}, "valid_to"),
        ({"title": " "}, "title"),
        # "KT." is a deputy's; "TUQ." needs its paper with number and date, from no later than the first day.
        ({"title": "Chuyên viên"}, "title"),
        ({**authorised, "decision": " "}, "decision"),
        ({**authorised, "decision_on": None}, "decision_on"),
        ({**authorised, "decision_on": office.on("12/06")}, "decision_on"),
        ({}, "valid_from"),
    ):
        with pytest.raises(DomainError) as refusal:
            delegations.delegate(
                office.session, **arguments, wanted=DelegationInput(**{**vars(wanted), **wrong})
            )
        assert refusal.value.field == field
    # What was delegated is not delegated further.
    offered = delegations.choices(office.session, actor=acting("12/06"), on=office.on("12/06"))
    assert offered.supervisors == []
    # Four eyes: not one's own proposal; another's is approved, and signed "KT.".
    codes = [office.receive(37) for _ in range(2)]
    office.stand("12/06 09:00")
    for code, by in ((codes[0], "officer"), (codes[1], "clerk")):
        extensions.propose_extension(
            office.session,
            call=office.call(code, by),
            new_due_on=office.on("21/06"),
            reason="Chờ ý kiến",
            override_reason="",
        )
    office.stand("13/06 09:00")
    with pytest.raises(DomainError):
        extensions.approve_extension(
            office.session, call=replace(office.call(codes[0]), actor=acting("13/06"))
        )
    extensions.approve_extension(office.session, call=replace(office.call(codes[1]), actor=acting("13/06")))
    [text] = letter_of(office, codes[1])
    assert "KT. THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ PHÓ TRƯỞNG BAN" in text
    assert officer.name in text
    view = delegations.list_delegations(office.session, actor=supervisor, now=office.now)
    assert [(one.state, one.revocable) for one in view.rows] == [("đang áp dụng", True)]
    delegations.revoke(office.session, now=office.now, actor=supervisor, delegation_id=made)
    for capacity, begins in (
        (SigningCapacity.BY_ORDER, "TL. THỦ TRƯỞNG"),
        (SigningCapacity.AUTHORISED, "TUQ. THỦ TRƯỞNG"),
    ):
        to_come = replace(wanted, valid_from=office.on("13/06"), **{**authorised, "capacity": capacity})
        made = delegations.delegate(office.session, **arguments | {"now": office.now}, wanted=to_come)
        signed = delegations.signature_of(
            office.session, unit_id=officer.unit_id, account_id=officer.account_id, on=office.on("13/06")
        )
        assert signed.capacity.startswith(begins)
        assert (signed.title, signed.name) == ("TRƯỞNG PHÒNG", officer.name)
        delegations.revoke(office.session, now=office.now, actor=supervisor, delegation_id=made)
    assert Role.SUPERVISOR not in acting("13/06").roles
    with pytest.raises(DomainError, match="đã hết hiệu lực"):
        delegations.revoke(office.session, now=office.now, actor=supervisor, delegation_id=made)
