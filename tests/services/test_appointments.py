"""First and current appointment wherever both matter: lists, alerts, papers, files, tallies, calendar."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest

from tests.services.calendar_desk import change_calendar
from tthc.cli.due_dates import dossier_as_json, dossier_as_text
from tthc.domain.calendar import CalendarDay
from tthc.domain.calendar_changes import CalendarChange
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import DayKind
from tthc.services import (
    alert_board,
    calendar_years,
    corrections,
    explanations,
    extensions,
    receipts,
    register,
    register_export,
    tallies,
)
from tthc.services.corrections import Correction


def extended(office: Any, *, letter: str = "13/06 15:00", new: str = "21/06") -> str:
    """Received on Monday 10/06/2024 08:05 with 05 working days, due on 17/06; extended by a letter."""
    office.stand("10/06 08:05")
    code: str = office.receive(37)
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on(new), reason="Chờ ý kiến"
    )
    office.stand(letter)
    extensions.approve_extension(office.session, call=office.call(code))
    return code


def text_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def printed(office: Any, code: str) -> str:
    return text_of(
        receipts.print_receipt(office.session, now=office.now, actor=office.person("clerk"), code=code)
    )


def change(office: Any, *days: CalendarDay) -> int:
    """Change the calendar; the version that it makes."""
    return change_calendar(office, CalendarChange(days=days)).version_id


def day_off(day: int) -> CalendarDay:
    return CalendarDay(date(2024, 6, day), DayKind.HOLIDAY, "Nghỉ đột xuất", "2/TB")


IN_TIME = ["hẹn đầu 17/06/2024"]
LATE = ["hẹn lại 21/06/2024 – không tính đúng hạn"]


@pytest.mark.parametrize(("letter", "beside"), [("13/06 15:00", IN_TIME), ("17/06 08:00", LATE)])
def test_lists_and_alerts_say_what_stands_beside_the_date_that_counts(
    office: Any, letter: str, beside: list[str]
) -> None:
    code = extended(office, letter=letter)
    plain = office.receive(38)
    said = {row.code: list(row.appointments) for row in office.listed()}
    assert said == {code: beside, plain: []}
    office.stand("24/06 08:00")
    office.sweep()
    board = alert_board.get_board(
        office.session, actor=office.person("supervisor"), now=office.now, chosen=alert_board.BoardFilter()
    )
    assert [row.appointments for row in board.page.rows if row.code == code] == [beside]


@pytest.mark.parametrize(
    ("resolved", "answer"),
    [
        ("14/06 16:00", "so với hẹn đầu: trước hạn"),
        ("17/06 16:00", "so với hẹn đầu: đúng hạn"),
        ("20/06 10:00", "so với hẹn đầu: quá hạn, có xin lỗi"),
    ],
)
def test_the_end_is_held_against_the_first_appointment_too(
    sqlite_office: Any, resolved: str, answer: str
) -> None:
    office = sqlite_office
    code = extended(office)
    assert office.view(code).first_answer == "", "it has not ended"
    office.stand(resolved)
    office.act("resolve", code)
    assert office.view(code).first_answer == answer


def test_where_one_appointment_stands_there_is_one_answer(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office, letter="17/06 08:00")
    office.stand("18/06 10:00")
    office.act("resolve", code)
    assert office.view(code).first_answer == ""


def test_a_receipt_after_a_late_letter_keeps_the_date_that_counts(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office, letter="17/06 08:00")
    text = printed(office, code)
    assert "17 giờ 00 phút, ngày 17/06/2024" in text
    assert "Hẹn lại trả kết quả ngày 21/06/2024 theo văn bản xin lỗi ngày 17/06/2024." in text


def test_a_receipt_without_extension_stays_the_same_paper(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37)
    printed(office, code)
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("28/06"), reason="Chờ ý kiến"
    )
    assert [one.outdated for one in office.view(code).receipts] == [False]
    printed(office, code)
    assert len(office.view(code).receipts) == 1


def test_the_explanation_names_both_and_not_what_is_only_proposed(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office)

    def paper() -> str:
        return text_of(
            explanations.explanation_paper(
                office.session, now=office.now, actor=office.person("clerk"), code=code
            )
        )

    text = paper()
    assert "17 giờ 00 phút, Thứ Sáu, ngày 21/06/2024 Hẹn đầu 17/06/2024." in text
    assert "Tổng số được tính 09 ngày" in text
    assert "không quá một lần (khoản 9 Điều 19 Nghị định 61/2018/" in text
    extensions.propose_extension(
        office.session,
        call=office.call(code, "officer"),
        new_due_on=office.on("28/06"),
        reason="Chờ ý kiến",
        override_reason="Thiên tai",
    )
    assert "28/06/2024" not in paper()


def test_the_command_line_says_the_same(sqlite_office: Any) -> None:
    office = sqlite_office
    code = extended(office, letter="17/06 08:00")
    said = dossier_as_text(office.view(code))
    assert "Lưu ý: hẹn lại 21/06/2024 – không tính đúng hạn" in said
    assert "Gia hạn" in said
    assert "hẹn lại sau hạn, không tính đúng hạn" in said
    answer = dossier_as_json(office.view(code))
    dates = [answer[name] for name in ("due_on", "first_due_on", "appointment_on")]
    assert dates == [office.on("17/06"), office.on("17/06"), office.on("21/06")]


@pytest.mark.parametrize("letter", ["13/06 15:00", "17/06 08:00"])
def test_the_register_goes_out_and_comes_back_unchanged(office: Any, letter: str) -> None:
    """NgayHenTra is the date that counts: another one would cure a passed date on its way back."""
    code = extended(office, letter=letter)
    before = office.view(code)
    content = register_export.export_register(
        office.session,
        actor=office.person("reporter"),
        now=office.now,
        from_on=office.on("01/06"),
        to_on=office.on("30/06"),
        format="csv",
    )
    due = "20240621170000" if letter < "17" else "20240617170000"
    assert due in content.decode("utf-8-sig")
    result = register.import_register(
        office.session,
        actor=office.person("reporter"),
        now=office.now,
        content=content,
        filename="so.csv",
    )
    assert not result.errors
    after = office.view(code)
    assert (after.version, after.due_at, after.appointment_on, after.first_due_on) == (
        before.version,
        before.due_at,
        before.appointment_on,
        before.first_due_on,
    )


def test_a_number_of_the_tally_says_the_first_appointment(sqlite_office: Any) -> None:
    office = sqlite_office
    extended(office)
    page = tallies.list_cell(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        asked=tallies.Asked(office.on("01/06"), office.on("30/06")),
        row_key=None,
        cell=CellName.PENDING_TOTAL,
    )
    assert [row.why for row in page.rows] == [
        "Tiếp nhận 10/06/2024; chưa kết thúc đến hết 13/06/2024; hẹn trả 21/06/2024; hẹn đầu 17/06/2024"
    ]


# --- letters and the calendar -------------------------------------------------------------------------


def test_a_day_off_moves_the_date_that_counts_also_after_a_late_letter(office: Any) -> None:
    """Due on 17/06, on which the office turned out to be closed; the letter of that day told 21/06."""
    code = extended(office, letter="17/06 08:00")
    assert [promise.no for promise in office.view(code).promises] == [1, 2]
    version = change(office, day_off(17))
    view = office.view(code)
    assert (view.row.due_on, view.appointment_on) == (office.on("18/06"), office.on("21/06"))
    assert [(promise.no, promise.in_force) for promise in view.promises] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert [promise.standing for promise in view.promises] == [
        "đã được thay thế",
        "hẹn lại sau hạn, không tính đúng hạn",
        "đang áp dụng",
    ]
    [moved] = calendar_years.get_version(
        office.session, actor=office.person("supervisor"), version_id=version
    ).moved
    assert (moved.old_on, moved.new_on) == (office.on("17/06"), office.on("18/06"))


def test_a_correction_puts_a_moved_dossier_on_the_list_of_receipts_to_print_again(office: Any) -> None:
    office.stand("10/06 08:05")
    code = office.receive(37)
    version = change(office, day_off(14))
    assert office.view(code).row.due_on == office.on("18/06")
    printed(office, code)

    def again() -> list[tuple[date | None, date]]:
        view = calendar_years.get_version(
            office.session, actor=office.person("supervisor"), version_id=version
        )
        return [(row.printed_on, row.now_on) for row in view.reprints]

    assert again() == []
    office.stand("10/06 10:00")
    corrections.correct_dossier(
        office.session,
        call=office.call(code, "clerk"),
        correction=Correction(
            office.procedure_id(41), None, office.dossier(code).channel, office.dossier(code).received_at
        ),
        reason="Chọn nhầm thủ tục",
    )
    assert [one.outdated for one in office.view(code).receipts] == [True]
    assert again() == [(office.on("18/06"), office.on("20/06"))]
    printed(office, code)
    assert again() == []
    assert [(one.replaced, one.outdated) for one in office.view(code).receipts] == [
        (True, False),
        (False, False),
    ]


def test_looking_at_an_extended_dossier_asks_no_more_the_more_there_is(
    sqlite_office: Any, counting: Any
) -> None:
    office = sqlite_office
    code = extended(office)

    def asked() -> int:
        with counting(office.session) as statements:
            office.view(code)
        return len(statements)

    asked()  # a process reads the terms of a procedure once
    few = asked()
    for new in ("25/06", "26/06", "27/06"):
        extensions.propose_extension(
            office.session,
            call=office.call(code, "officer"),
            new_due_on=office.on(new),
            reason="Chờ ý kiến",
            override_reason="Thiên tai",
        )
        extensions.approve_extension(office.session, call=office.call(code))
    assert asked() == few
