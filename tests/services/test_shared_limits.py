"""Limits that several agencies share: each part with its agency and last day, and who is late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.consultation_desk import answered, asked, consult, overdue, shared
from tests.services.dossier_desk import received
from tthc.domain.vocabulary import (
    DomainError,
    Outcome,
    SupplementMode,
)
from tthc.services.agency_views import SegmentView


def parts(office: Any, code: str) -> list[SegmentView]:
    return list(office.view(code).segments)


def test_each_part_has_its_agency_and_last_day(office: Any) -> None:
    code = shared(office)
    first, second = parts(office, code)
    assert (first.no, first.agency, first.label, first.last_on) == (
        1,
        "Ban Quản lý",
        "25 ngày",
        office.on("26/06/2026"),
    )
    assert (second.agency, second.label, second.last_on) == (
        "UBND cấp tỉnh",
        "07 ngày làm việc",
        office.on("07/07/2026"),
    )
    assert [one.elsewhere for one in (first, second)] == [False, True]
    assert [one.held for one in (first, second)] == ["từ 01/06/2026, hạn 26/06/2026", ""]
    running = {}
    for day in ("01/06/2026", "26/06/2026", "27/06/2026", "07/07/2026", "08/07/2026"):
        office.stand(day)
        running[day[:5]] = [one.no for one in parts(office, code) if one.running]
    assert running == {"01/06": [1], "26/06": [1], "27/06": [2], "07/07": [2], "08/07": []}
    office.stand("03/07/2026")
    office.act("resolve", code)
    assert [one.running for one in parts(office, code)] == [False, False]
    assert office.view(code).delays == []


def test_a_limit_of_one_part_shows_none(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    sqlite_office.stand("20/06")
    view = sqlite_office.view(code)
    assert (view.segments, view.delays) == ([], [])


def test_while_the_clock_stands_the_part_is_that_of_its_stop(sqlite_office: Any) -> None:
    office = sqlite_office
    code = shared(office)
    office.stand("25/06/2026")
    office.act("pause", code)
    office.stand("15/07/2026")
    assert [one.no for one in parts(office, code) if one.running] == [1]
    office.act("resume", code)
    # From 26/06 at the earliest the clock stood still for twenty days.
    assert [f"{one.last_on:%d/%m}" for one in parts(office, code)] == ["16/07", "27/07"]


def test_handing_on_takes_the_time_of_the_part(office: Any) -> None:
    code = shared(office)
    office.stand("30/06/2026")
    consult(office, code, agency="", segment_no=2)
    [one] = asked(office, code)
    assert (one.agency, one.segment_no, one.due_on) == ("UBND cấp tỉnh", 2, office.on("09/07/2026"))
    assert ("Chuyển giải quyết", "đoạn 2 của thời hạn") in office.view(code).timeline[-1].details
    first, second = parts(office, code)
    assert (first.held, first.late) == (
        "từ 01/06/2026 đến 30/06/2026, hạn 26/06/2026",
        "quá hạn 02 ngày làm việc",
    )
    assert (second.held, second.late) == ("từ 30/06/2026, hạn 09/07/2026", "")
    assert office.view(code).delays == [], "the whole is in time"
    with pytest.raises(DomainError) as refusal:
        consult(office, code, segment_no=2)
    assert refusal.value.field == "agency", "it is another agency's part"
    consult(office, code, agency="UBND cấp tỉnh", segment_no=2, working_days=1)
    assert asked(office, code)[1].due_on == office.on("01/07/2026")


def test_it_is_said_at_whom_it_is_late(office: Any) -> None:
    kept, sent, plain = shared(office), shared(office), received(office, "01/06/2026")
    office.stand("30/06/2026")
    consult(office, sent, agency="", segment_no=2)
    office.stand("13/07/2026")
    assert office.view(kept).delays == [
        "Ban Quản lý: quá hạn 11 ngày làm việc (hạn 26/06/2026, chưa xong).",
        "Chưa ghi việc chuyển hồ sơ cho UBND cấp tỉnh.",
    ]
    late = [
        "Ban Quản lý: quá hạn 02 ngày làm việc (hạn 26/06/2026, xong 30/06/2026).",
        "UBND cấp tỉnh: quá hạn 02 ngày làm việc (hạn 09/07/2026, chưa xong).",
    ]
    assert office.view(sent).delays == late
    assert overdue(office) == {
        kept: "Ban Quản lý (quá hạn 11 ngày làm việc)",
        sent: "Ban Quản lý (quá hạn 02 ngày làm việc); UBND cấp tỉnh (quá hạn 02 ngày làm việc)",
        plain: "",
    }
    assert {row.late_at for row in office.listed()} == {""}
    answered(office, sent)
    office.stand("15/07/2026")
    back = ["Ban Quản lý: quá hạn 02 ngày làm việc (hạn 13/07/2026, chưa xong)."]
    assert office.view(sent).delays == [late[0], late[1].replace("chưa xong", "xong 13/07/2026"), *back]
    office.act("resolve", sent, outcome=Outcome.GRANTED)
    office.stand("20/07/2026")
    assert office.view(sent).delays[-1] == back[0].replace("chưa xong", "xong 15/07/2026")


def test_what_waits_lawfully_is_nobodys_delay(sqlite_office: Any) -> None:
    office = sqlite_office
    code = shared(office)
    office.stand("06/07/2026")
    office.act("request_supplement", code, mode=SupplementMode.RESTART)
    office.stand("20/07/2026")
    assert (office.view(code).delays, overdue(office)) == ([], {})
    office.act("receive_supplement", code)
    assert parts(office, code)[0].held.startswith("từ 20/07/2026"), "the limit begins anew at the board"


def test_a_plain_question_is_no_hand_over(sqlite_office: Any) -> None:
    office = sqlite_office
    code = shared(office)
    office.stand("22/06/2026")
    consult(office, code, agency="UBND cấp tỉnh", working_days=5)
    office.stand("08/07/2026")
    assert office.view(code).delays[0].startswith("Ban Quản lý: quá hạn 08 ngày làm việc")


def test_the_list_of_what_is_overdue_asks_no_more_for_more_rows(
    sqlite_office: Any, counting: Callable[..., Any]
) -> None:
    office = sqlite_office
    sizes = []
    for _ in range(2):
        for _ in range(3):
            code = shared(office)
            office.stand("30/06/2026")
            consult(office, code, agency="", segment_no=2)
        office.stand("13/07/2026")
        with counting(office.session) as statements:
            assert all(overdue(office).values())
        sizes.append(len(statements))
    assert sizes[0] == sizes[1]
