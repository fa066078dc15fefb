"""Results that nobody has come for: how long they wait, who is to be reminded, and never twice by mail."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from tests.services.settings_desk import change_setting
from tthc.db.models import Dossier, OutboxMessage
from tthc.domain.hand_overs import ReminderWay
from tthc.domain.permissions import NotAllowed
from tthc.domain.settings import TELL_APPLICANTS, YES
from tthc.domain.vocabulary import ApplicantKind, DomainError
from tthc.services import uncollected
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import StaleVersion


def citizen(number: int, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.CITIZEN, f"Công dân {number:02d}", f"00109900{number:04d}", **more)


def resolved_in_turn(office: Any) -> dict[str, str]:
    office.stand("27/05")
    whose = {
        "ten": citizen(10, phone="0912345678", email="cd10@vidu.vn"),
        "five": citizen(5, email="cd5@vidu.vn"),
        "four": citizen(4, phone="0987654321"),
        "none": citizen(0, email="cd0@vidu.vn"),
        "taken": citizen(1, email="cd1@vidu.vn"),
    }
    codes = {name: office.receive(37, applicant=owner) for name, owner in whose.items()}
    for name, day in (
        ("ten", "31/05"),
        ("taken", "31/05"),
        ("five", "07/06"),
        ("four", "10/06"),
        ("none", "14/06"),
    ):
        office.stand(day)
        office.act("resolve", codes[name])
    office.act("hand_over", codes["taken"])
    return codes


@pytest.fixture
def waiting(office: Any, prepared: Any) -> Any:
    """On Fri 14/06/2024: ready for 10, 5, 4 and 0 working days; the first two have an address."""
    office.codes = prepared(office, resolved_in_turn)
    return office


def listed(office: Any, **more: Any) -> uncollected.UncollectedList:
    return uncollected.list_uncollected(
        office.session, actor=office.person("officer"), now=office.now, **more
    )


def due(office: Any) -> list[str]:
    return [row.code for row in listed(office, only_due=True).page.rows]


def remind(
    office: Any, name: str, way: ReminderWay, by: str = "clerk", note: str = "", seen: int = 0
) -> None:
    uncollected.remind(
        office.session,
        now=office.now,
        actor=office.person(by),
        code=office.codes[name],
        way=way,
        note=note,
        seen=seen,
    )


def tell_applicants(office: Any) -> None:
    change_setting(office, TELL_APPLICANTS, YES)


def test_the_longest_waiting_come_first_and_a_reminder_lasts_for_its_stage(
    waiting: Any, counting: Any
) -> None:
    office, codes = waiting, waiting.codes
    found = listed(office)
    assert [(row.code, row.waited, row.stage, row.due) for row in found.page.rows] == [
        (codes["ten"], 10, 2, True),
        (codes["five"], 5, 1, True),
        (codes["four"], 4, 0, False),
        (codes["none"], 0, 0, False),
    ]
    assert (found.days, found.due, found.mail) == (5, 2, False)
    assert [row.phone for row in found.page.rows][:2] == ["0912345678", ""]
    assert [row.code for row in listed(office, q="cong dan 04").page.rows] == [codes["four"]]
    clerk = office.person("clerk")
    assert uncollected.count_due(office.session, actor=clerk, now=office.now) == (4, 2)

    remind(office, "ten", ReminderWay.PHONE, note=" Hẹn  thứ Hai ")
    assert due(office) == [codes["five"]]
    with pytest.raises(StaleVersion):
        remind(office, "ten", ReminderWay.PHONE)
    with pytest.raises(NotAllowed):
        remind(office, "five", ReminderWay.PHONE, by="officer")
    with pytest.raises(DomainError, match="không còn kết quả"):
        remind(office, "taken", ReminderWay.PHONE)
    with pytest.raises(DomainError, match="không gửi thư") as refused:
        remind(office, "five", ReminderWay.MAIL)
    assert refused.value.field == "way"
    [told] = listed(office).page.rows[0].reminders
    assert (told.way, told.by, told.note) == (ReminderWay.PHONE, "Cán bộ một cửa 01", "Hẹn thứ Hai")
    entry = office.view(codes["ten"]).timeline[-1]
    assert (entry.title, entry.note) == ("Nhắc nhận kết quả", "Hẹn thứ Hai")

    office.stand("21/06")
    assert due(office) == [codes["ten"], codes["five"], codes["four"], codes["none"]], (
        "the third, second, first"
    )
    with counting(office.session) as all_four:
        listed(office)
    with counting(office.session) as only_one:
        listed(office, q="cong dan 04")
    assert len(all_four) == len(only_one)
    # Reopened and ended anew it is another result, of which nobody was reminded.
    office.act("reopen", codes["ten"])
    office.act("resolve", codes["ten"])
    assert [row.reminders for row in listed(office).page.rows if row.code == codes["ten"]] == [[]]

    book = openpyxl.load_workbook(
        io.BytesIO(uncollected.export_uncollected(office.session, actor=clerk, now=office.now, only_due=True))
    )
    rows = [row for row in book.active.iter_rows(values_only=True) if row[1] in codes.values()]
    assert [row[1] for row in rows] == due(office)
    assert isinstance(rows[0][5], date)
    assert rows[0][5] == datetime(2024, 6, 7)
    assert rows[0][6:8] == (None, 10)


def test_an_applicant_gets_one_mail_for_each_stage_and_only_where_the_office_writes(waiting: Any) -> None:
    office, codes = waiting, waiting.codes

    def mailed() -> list[tuple[str, str]]:
        office.session.rollback()
        rows = office.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "collect"))
        return sorted((row.payload_json["code"], row.key.rpartition(":")[2]) for row in rows)

    def job(when: str) -> int:
        office.stand(when)
        return uncollected.remind_by_mail(office.session, now=office.now, unit_id=1)

    assert job("14/06") == 0, "the office writes to nobody"
    tell_applicants(office)
    remind(office, "five", ReminderWay.MAIL)
    assert mailed() == [(codes["five"], "1")]
    seen = listed(office).page.rows[1].seen
    with pytest.raises(DomainError, match="đợt này đã gửi"):
        remind(office, "five", ReminderWay.MAIL, seen=seen)
    with pytest.raises(DomainError, match="không có địa chỉ"):
        remind(office, "four", ReminderWay.MAIL)
    assert job("14/06") == 1
    assert job("14/06") == 0
    assert job("16/06") == 0, "nobody is written to on a Sunday"
    assert mailed() == sorted([(codes["ten"], "2"), (codes["five"], "1")])
    office.session.execute(
        Dossier.__table__.update().where(Dossier.code == codes["none"]).values(imported=True)
    )
    office.session.commit()
    assert job("21/06") == 2, "the third of ten and the second of five; what was imported is told elsewhere"
    assert job("05/07") == 1, "the third of five"
    assert job("30/08") == 0, "three times are enough"
    assert due(office) == [codes["four"], codes["none"]]
