"""The annexes of a report: who answered for what was late, requests to supplement, the year before."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from tthc.db.models import Alert
from tthc.documents.tables import ReportTable
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import OverdueReason
from tthc.services import alerts, annexes, extensions, tallies
from tthc.services.annex_counts import Counted
from tthc.services.tallies import Asked
from tthc.services.transaction import NotFound


def built(office: Any, name: str, from_on: str = "01/06", to_on: str = "30/06") -> ReportTable:
    return annexes.annex(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        asked=Asked(office.on(from_on), office.on(to_on)),
        name=name,
    )


def listed(office: Any, number: Any) -> set[object]:
    """The codes behind a number of an annex."""
    common = {"actor": office.person("reporter"), "today": office.today, "asked": number.asked}
    if number.cell is None:
        table = annexes.annex(office.session, **common, name="qua-han", only=number.only)
        return {row[1] for row in table.rows}
    page = tallies.list_cell(office.session, **common, row_key=number.row_key, cell=number.cell, size=None)
    return {row.code for row in page.rows}


def cells(table: ReportTable, *keys: str) -> list[tuple[object, ...]]:
    at = [next(i for i, column in enumerate(table.columns) if column.key == key) for key in keys]
    return [tuple(row[index] for index in at) for row in table.rows]


def received(office: Any, when: str = "03/06", local_no: int = 37) -> str:
    """05 working days: due on Monday 10/06/2024."""
    office.stand(when)
    code: str = office.receive(local_no)
    return code


def test_what_is_late_stands_with_who_answered_for_it(office: Any) -> None:
    told, answered, silent, fine = (received(office) for _ in range(4))
    office.act("assign", told, officer_id=3)
    extensions.propose_extension(
        office.session, call=office.call(told, "officer"), new_due_on=office.on("14/06"), reason="Chờ ý kiến"
    )
    office.stand("10/06 10:00")
    extensions.approve_extension(office.session, call=office.call(told))
    office.act("resolve", fine)
    office.stand("12/06 08:00")
    office.sweep()
    alert_id = office.session.scalar(
        select(Alert.id).where(Alert.subject_id == office.dossier(answered).id, Alert.withdrawn_at.is_(None))
    )
    alerts.acknowledge_alert(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        alert_id=alert_id,
        reason_code=OverdueReason.REGULATION,
        reason="Quy định mới chưa có hướng dẫn",
        promised_on=office.on("20/06"),
    )
    office.stand("13/06 09:00")
    office.act("resolve", answered)
    table = built(office, "qua-han")
    assert cells(table, "code", "officer", "due_on", "ended_on", "late", "letter_on") == [
        (told, "Chuyên viên 01", office.on("10/06"), None, 3, office.on("10/06")),
        (answered, "chưa phân công", office.on("10/06"), office.on("13/06"), 3, None),
        (silent, "chưa phân công", office.on("10/06"), None, 3, None),
    ]
    assert cells(table, "reason_code", "reason", "promised_on")[1:] == [
        ("b)", "Quy định mới chưa có hướng dẫn", office.on("20/06")),
        ("chưa nêu", "", None),
    ]
    assert table.notes[0] == "Tổng số: 3 hồ sơ; có văn bản xin lỗi: 1; không có: 2."
    # The same by cause; every number is the size of the list that it opens.
    causes = built(office, "nguyen-nhan")
    assert [row[1:] for row in causes.rows] == [[3, 1, 2, 1, 2, 0, 1, 0, 2]]
    assert causes.total is not None
    assert causes.total[1:] == [3, 1, 2, 1, 2, 0, 1, 0, 2]
    for number in (*causes.rows[0][1:], *causes.total[1:]):
        assert isinstance(number, Counted)
        assert len(listed(office, number)) == number
    assert listed(office, causes.rows[0][4]) == {told}
    assert listed(office, causes.rows[0][7]) == {answered}


def test_requests_to_supplement_say_what_they_will_be_asked_about(office: Any) -> None:
    soon, late = received(office), received(office)
    office.stand("05/06 10:00")
    office.act("request_supplement", soon)
    office.stand("06/06 10:00")
    office.act("receive_supplement", soon)
    office.stand("07/06 10:00")
    office.act("request_supplement", soon, again=True)
    office.act("request_supplement", late)
    table = built(office, "bo-sung")
    assert cells(table, "code", "asked_on", "which", "answered_on", "remark") == [
        (soon, office.on("05/06"), 1, office.on("06/06"), ""),
        (soon, office.on("07/06"), 2, None, "yêu cầu quá một lần; chưa bổ sung"),
        (late, office.on("07/06"), 1, None, "quá 03 ngày làm việc; chưa bổ sung"),
    ]
    assert table.notes == ["Tổng số: 3 lần yêu cầu; chưa được bổ sung: 2."]
    assert built(office, "bo-sung", "01/05", "31/05").rows == []


def test_the_same_period_of_the_year_before(office: Any) -> None:
    received(office, "05/06/2023")
    office.stand("08/06/2023")
    for _ in range(2):
        received(office, "03/06")
    office.stand("04/06")
    office.act("resolve", received(office, "03/06", 41))
    office.stand("14/06")
    table = built(office, "cung-ky")
    trade = next(row for row in table.rows if row[0] == "Thương mại quốc tế")
    # Received: this period, then, more; the one of 2023 is carried over into this June.
    assert trade[1:4] == [3, 1, 2]
    assert table.total is not None
    assert table.total[1:4] == [4, 1, 3]
    for row in (*table.rows, table.total):
        for number in row:
            if isinstance(number, Counted):
                assert len(listed(office, number)) == number
    assert sum(isinstance(cell, Counted) for cell in table.total) == 10
    assert table.total[-2:] == [1.0, "–"]
    # Not finished: what has passed of it is set against as much of the other.
    assert "cùng kỳ: 01/06/2023 – 14/06/2023" in table.subtitle


def test_a_leap_day_has_its_eve_a_year_before(sqlite_office: Any) -> None:
    office = sqlite_office
    received(office, "01/02/2024")
    office.stand("29/02/2024")
    table = built(office, "cung-ky", "29/02/2024", "29/02/2024")
    assert "28/02/2023 – 28/02/2023" in table.subtitle


@pytest.mark.parametrize("name", ["qua-han", "nguyen-nhan", "bo-sung", "cung-ky"])
def test_the_spreadsheet_says_what_the_page_says(sqlite_office: Any, name: str) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("05/06")
    office.act("request_supplement", code)
    office.stand("06/06")
    office.act("receive_supplement", code)
    office.stand("27/06")
    table = built(office, name)
    content = annexes.export_annex(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        asked=Asked(office.on("01/06"), office.on("30/06")),
        name=name,
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    found = [value for row in sheet.iter_rows(values_only=True) for value in row if value is not None]
    for row in table.rows:
        for value in row:
            if isinstance(value, str) and value:
                assert value in found
    assert table.rows


def test_an_unknown_annex_and_nobody(sqlite_office: Any) -> None:
    with pytest.raises(NotFound):
        built(sqlite_office, "khac")
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    with pytest.raises(NotAllowed):
        annexes.annex(
            sqlite_office.session,
            actor=nobody,
            today=sqlite_office.today,
            asked=Asked(sqlite_office.today, sqlite_office.today),
            name="qua-han",
        )


def test_the_list_of_overdue_dossiers_is_in_the_words_of_the_form(office: Any) -> None:
    ended, pending = received(office), received(office)
    received(office, "12/06")
    office.stand("13/06 08:00")
    office.act("resolve", ended)
    table = built(office, "danh-sach-qua-han")
    assert [column.title for column in table.columns] == [
        "STT",
        "Tên thủ tục",
        "Người nộp hồ sơ",
        "Ngày nhận",
        "Ngày hẹn trả",
        "Tình trạng hồ sơ",
        "Ghi chú",
    ]
    assert cells(table, "no", "submitter", "received_on", "due_on", "state", "note") == [
        (
            number,
            "Doanh nghiệp 900",
            office.on("03/06"),
            office.on("10/06"),
            state,
            f"{code}; quá hạn 03 ngày làm việc",
        )
        for number, (code, state) in enumerate(
            [(ended, "Đã kết thúc ngày 13/06/2024"), (pending, "Đang giải quyết")], start=1
        )
    ]
