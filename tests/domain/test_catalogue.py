"""What a version of a procedure may say, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tthc.domain.catalogue import (
    CaseContent,
    PaperContent,
    Reduction,
    VersionContent,
    faults_of,
    limit_label,
    national_code,
    tidy,
)
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import Channel, DomainError, LimitUnit, OnlineLevel, SupplementMode


def days(amount: int, agency: str = "") -> LimitSegment:
    return LimitSegment(amount, LimitUnit.DAY, agency)


def working(amount: int, agency: str = "") -> LimitSegment:
    return LimitSegment(amount, LimitUnit.WORKING_DAY, agency)


COMMON = CaseContent("Trường hợp chung", None, True, (working(7),))
FORM = PaperContent("Đơn đề nghị", 1, 0, 0, True)


def version(**changes: Any) -> VersionContent:
    """A version without fault, with changes."""
    sound = VersionContent(
        name="Cấp Giấy phép",
        sector="Thương mại quốc tế",
        legal_basis="Luật Thương mại số 36/2005/QH11; Nghị định số 07/2016/NĐ-CP",
        result="Giấy phép",
        online_level=OnlineLevel.FULL,
        supplement_mode=SupplementMode.RESTART,
        financial_stops_clock=False,
        due_soon_days=2,
        fee=3_000_000,
        declaration_reduced=False,
        declared_cut_percent=None,
        fields_before=None,
        fields_after=None,
        code_confirmed=True,
        limit_confirmed=True,
        cases=(COMMON,),
        papers=(FORM,),
    )
    return replace(sound, **changes)


def case(**changes: Any) -> CaseContent:
    return replace(COMMON, **changes)


def places(content: VersionContent) -> list[tuple[str | int, ...]]:
    return [fault.place for fault in faults_of(content)]


def test_a_sound_version_has_no_fault() -> None:
    assert faults_of(version()) == []
    assert faults_of(version(papers=(), result="", legal_basis="", fee=None, due_soon_days=0)) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 1001}, "name"),
        ({"sector": ""}, "sector"),
        ({"sector": "x" * 301}, "sector"),
        ({"legal_basis": "x" * 4001}, "legal_basis"),
        ({"result": "x" * 1001}, "result"),
        ({"due_soon_days": -1}, "due_soon_days"),
        ({"due_soon_days": 61}, "due_soon_days"),
        ({"fee": -1}, "fee"),
        ({"fee": 1_000_000_000}, "fee"),
        ({"cases": ()}, "cases"),
    ],
)
def test_what_is_missing_or_too_much_is_named(changes: dict[str, Any], place: str) -> None:
    assert places(version(**changes)) == [(place,)]


@pytest.mark.parametrize(
    ("reduced", "percent", "before", "after", "place"),
    [
        (True, 15, None, None, None),
        (True, None, 20, 17, None),
        (True, 15, 20, 17, None),
        (False, None, 20, 20, None),
        (True, 0, None, None, "declared_cut_percent"),
        (True, 101, None, None, "declared_cut_percent"),
        (False, 15, None, None, "declared_cut_percent"),
        (True, None, 20, None, "fields_after"),
        (True, None, None, 17, "fields_before"),
        (True, None, 0, 0, "fields_before"),
        (True, None, 10_000, 17, "fields_before"),
        (True, None, 20, 21, "fields_after"),
        (True, None, 20, -1, "fields_after"),
        (True, None, 20, 20, "fields_after"),
        (False, None, 20, 17, "declaration_reduced"),
    ],
)
def test_declared_fields_agree_with_the_mark(
    reduced: bool, percent: int | None, before: int | None, after: int | None, place: str | None
) -> None:
    content = version(
        declaration_reduced=reduced, declared_cut_percent=percent, fields_before=before, fields_after=after
    )
    assert places(content) == ([] if place is None else [(place,)])


@pytest.mark.parametrize(
    ("percent", "before", "after", "label", "agrees"),
    [
        (15, None, None, "giảm 15 %", None),
        (None, 20, 17, "giảm 15 %", None),
        (15, 20, 17, "giảm 15 %", True),
        (15, 13, 11, "giảm 15,4 %", True),  # 2/13 = 15.38…
        (15, 12, 10, "giảm 16,7 %", False),
        (15, 33, 28, "giảm 15,2 %", True),
        (None, 8, 7, "giảm 12,5 %", None),
        (13, 8, 7, "giảm 12,5 %", True),  # half a per cent is rounded up
        (12, 8, 7, "giảm 12,5 %", False),
        (None, 3, 0, "giảm 100 %", None),
        (None, 1000, 999, "giảm 0,1 %", None),
        (None, None, None, "", None),
    ],
)
def test_the_cut_is_computed_and_set_against_the_published_one(
    percent: int | None, before: int | None, after: int | None, label: str, agrees: bool | None
) -> None:
    reduction = Reduction(percent, before, after)
    assert (reduction.label, reduction.agrees) == (label, agrees)


def test_every_channel_needs_a_limit_that_applies_when_nobody_chooses() -> None:
    online = case(name="Nộp trực tuyến", channel=Channel.ONLINE)
    assert places(version(cases=(online,))) == [("cases",)]
    [fault] = faults_of(version(cases=(online,)))
    assert "trực tiếp, bưu chính công ích" in fault.message
    each = tuple(case(name=f"Kênh {one.label}", channel=one) for one in Channel)
    assert faults_of(version(cases=each)) == []
    assert faults_of(version(cases=(COMMON, online))) == []
    assert places(version(cases=(case(is_default=False),))) == [("cases",)]


def test_one_default_a_channel() -> None:
    second = case(name="Nhóm B")
    assert places(version(cases=(COMMON, second))) == [("cases", 1, "is_default")]
    assert faults_of(version(cases=(COMMON, replace(second, is_default=False)))) == []


def test_cases_are_told_apart_by_name_and_channel() -> None:
    again = case(name="  TRƯỜNG HỢP   CHUNG ", is_default=False)
    assert places(version(cases=(COMMON, again))) == [("cases", 1, "name")]
    assert faults_of(version(cases=(COMMON, replace(again, channel=Channel.POST)))) == []
    assert places(version(cases=(COMMON, replace(again, name="")))) == [("cases", 1, "name")]
    assert places(version(cases=(COMMON, replace(again, name="x" * 301)))) == [("cases", 1, "name")]
    many = tuple(case(name=f"Nhóm {number}", is_default=False) for number in range(30))
    assert places(version(cases=(COMMON, *many))) == [("cases",)]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"statutory": ()}, ("statutory", 0, "amount")),
        ({"statutory": (working(1000),)}, ("statutory", 0, "amount")),
        ({"statutory": (days(25, "Ban Quản lý"), working(7))}, ("statutory", 1, "agency")),
        ({"statutory": (working(7, "x" * 301),)}, ("statutory", 0, "agency")),
        ({"statutory": tuple(days(1, "A") for _ in range(10))}, ("statutory", 0, "amount")),
        (
            {"statutory": (days(25, "A"), LimitSegment(8, LimitUnit.HOUR, "B"))},
            ("statutory", 0, "unit"),
        ),
        ({"committed": (working(8),)}, ("committed", 0, "amount")),
        (
            {"statutory": (days(10),), "committed": (days(6, "A"), days(5, "B"))},
            ("committed", 0, "amount"),
        ),
    ],
)
def test_a_limit_that_cannot_be_is_named(changes: dict[str, Any], place: tuple[Any, ...]) -> None:
    assert places(version(cases=(case(**changes),))) == [("cases", 0, *place)]


@pytest.mark.parametrize(
    ("statutory", "committed"),
    [
        ((working(7),), (working(7),)),
        ((working(7),), (working(4),)),
        # Ten days and eight working days cannot be compared without a calendar.
        ((days(10),), (working(8),)),
        (
            (days(25, "Ban Quản lý"), working(7, "UBND cấp tỉnh")),
            (days(20, "Ban Quản lý"), working(7, "UBND")),
        ),
    ],
)
def test_a_promise_of_less_is_kept(
    statutory: tuple[LimitSegment, ...], committed: tuple[LimitSegment, ...]
) -> None:
    assert faults_of(version(cases=(case(statutory=statutory, committed=committed),))) == []


@pytest.mark.parametrize(
    ("paper", "place"),
    [
        (PaperContent("", 1, 0, 0, True), "name"),
        (PaperContent("x" * 1001, 1, 0, 0, True), "name"),
        (PaperContent("đơn  đề nghị", 1, 0, 0, True), "name"),
        (PaperContent("Bản sao giấy phép", 0, 0, 0, True), "originals"),
        (PaperContent("Bản sao giấy phép", 0, 1000, 0, True), "certified"),
        (PaperContent("Bản sao giấy phép", 0, 0, -1, False), "copies"),
    ],
)
def test_a_paper_that_cannot_be_is_named(paper: PaperContent, place: str) -> None:
    assert places(tidy(version(papers=(FORM, paper)))) == [("papers", 1, place)]


def test_everything_is_named_at_once() -> None:
    wrong = version(name="", fee=-5, cases=(case(statutory=()),), papers=(PaperContent("A", 0, 0, 0, True),))
    assert places(wrong) == [
        ("name",),
        ("fee",),
        ("cases", 0, "statutory", 0, "amount"),
        ("papers", 0, "originals"),
    ]


def test_texts_are_kept_in_one_form() -> None:
    content = tidy(
        version(
            name="  Ca\u0302\u0301p   Giấy phép\n",
            legal_basis="Luật A;; Luật  B\n Luật C ;",
            cases=(case(name=" Nhóm  B ", statutory=(days(25, "  Ban  Quản lý "),)),),
            papers=(replace(FORM, name=" Đơn  đề nghị "),),
        )
    )
    assert content.name == "Cấp Giấy phép"
    assert content.legal_basis == "Luật A; Luật B; Luật C"
    assert content.cases[0].name == "Nhóm B"
    assert content.cases[0].statutory[0].agency == "Ban Quản lý"
    assert content.papers[0].name == "Đơn đề nghị"
    assert tidy(content) == content


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.009742", "1.009742"),
        (" 2.001955 ", "2.001955"),
        ("1.009979.000.00.00.h10", "1.009979.000.00.00.H10"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_national_code_is_read(text: str, code: str | None) -> None:
    assert national_code(text, "national_code") == code


@pytest.mark.parametrize(
    "text", ["1009742", "1.9742", "1.0097425", "A.009742", "1,009742", "1.009742.000", "١.٠٠٩٧٤٢", "chưa có"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match=r"ví dụ 1\.009742") as refused:
        national_code(text, "replaced_by")
    assert refused.value.field == "replaced_by"


def test_limits_and_papers_in_words() -> None:
    both = (days(25, "Ban Quản lý"), working(7, "UBND cấp tỉnh"))
    assert limit_label(both) == "25 ngày (Ban Quản lý) + 07 ngày làm việc (UBND cấp tỉnh)"
    assert limit_label(()) == ""
    assert PaperContent("A", 1, 2, 3, True).counts == "01 bản chính, 02 bản sao chứng thực, 03 bản sao"
    assert PaperContent("A", 0, 0, 1, False).counts == "01 bản sao, nếu có"
    assert case(channel=Channel.POST).title == "“Trường hợp chung” (Bưu chính công ích)"
