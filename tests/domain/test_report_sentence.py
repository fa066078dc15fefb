"""The sentence of a report, word by word: the published half-year, and none, one and all of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthc.domain.closing import title
from tthc.domain.periods import ReportPeriod
from tthc.domain.report_sentence import (
    PetitionNumbers,
    ReportNumbers,
    count_words,
    number_words,
    report_sentence,
)
from tthc.domain.text import nfc
from tthc.domain.vocabulary import Channel

HALF = ReportPeriod(date(2023, 12, 15), date(2024, 6, 14), "6 tháng đầu năm 2024")
UNIT = "Ban"
NO_PETITION = PetitionNumbers(0, 0, 0, 0, 0)
#: The published half-year of domain.md 1.
PUBLISHED = ReportNumbers(
    carried_over=13,
    # The sentence has an order of its own.
    new={Channel.COUNTER: 7, Channel.ONLINE: 110, Channel.POST: 0},
    early=71,
    on_time=48,
    late=0,
    within=11,
    overdue=0,
    petitions=NO_PETITION,
)
BEGIN = "Trong 6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến hết ngày 14/06/2024), Ban "
NOTHING = ReportNumbers(0, {}, 0, 0, 0, 0, 0)


def said(**changes: object) -> str:
    """What follows the period and the unit."""
    sentence = report_sentence(UNIT, HALF, replace(NOTHING, **changes))  # type: ignore[arg-type]
    assert sentence.startswith(BEGIN)
    return sentence.removeprefix(BEGIN)


def test_the_published_half_year() -> None:
    assert report_sentence("Ban Quản lý", HALF, PUBLISHED) == (
        "Trong 6 tháng đầu năm 2024 (từ ngày 15/12/2023 đến hết ngày 14/06/2024), Ban Quản lý tiếp nhận "
        "130 hồ sơ thủ tục hành chính (trong đó 13 hồ sơ từ kỳ trước chuyển sang, 117 hồ sơ mới tiếp nhận: "
        "110 hồ sơ trực tuyến, 07 hồ sơ trực tiếp); đã giải quyết 119 hồ sơ, trong đó 71 hồ sơ trước hạn, "
        "48 hồ sơ đúng hạn, không có hồ sơ quá hạn; đang giải quyết 11 hồ sơ, tất cả trong hạn; "
        "không tiếp nhận phản ánh, kiến nghị nào."
    )


def test_a_period_in_which_nothing_was() -> None:
    assert said() == "không có hồ sơ thủ tục hành chính phải giải quyết."
    assert said(petitions=NO_PETITION) == (
        "không có hồ sơ thủ tục hành chính phải giải quyết; không tiếp nhận phản ánh, kiến nghị nào."
    )


@pytest.mark.parametrize(
    ("carried_over", "new", "words"),
    [
        (
            1,
            {},
            "01 hồ sơ thủ tục hành chính (là hồ sơ từ kỳ trước chuyển sang, không có hồ sơ mới tiếp nhận)",
        ),
        (
            4,
            {},
            (
                "04 hồ sơ thủ tục hành chính (đều là hồ sơ từ kỳ trước chuyển sang, "
                "không có hồ sơ mới tiếp nhận)"
            ),
        ),
        (
            0,
            {Channel.POST: 1},
            (
                "01 hồ sơ thủ tục hành chính (là hồ sơ mới tiếp nhận qua dịch vụ bưu chính công ích; "
                "không có hồ sơ từ kỳ trước chuyển sang)"
            ),
        ),
        (
            0,
            {Channel.ONLINE: 12, Channel.COUNTER: 0},
            (
                "12 hồ sơ thủ tục hành chính (đều là hồ sơ mới tiếp nhận, tất cả theo hình thức trực tuyến; "
                "không có hồ sơ từ kỳ trước chuyển sang)"
            ),
        ),
        (
            0,
            {Channel.ONLINE: 1000, Channel.COUNTER: 200, Channel.POST: 34},
            (
                "1.234 hồ sơ thủ tục hành chính (đều là hồ sơ mới tiếp nhận: 1.000 hồ sơ trực tuyến, 200 "
                "hồ sơ trực tiếp, 34 hồ sơ qua dịch vụ bưu chính công ích; "
                "không có hồ sơ từ kỳ trước chuyển sang)"
            ),
        ),
        (
            2,
            {Channel.COUNTER: 1},
            (
                "03 hồ sơ thủ tục hành chính (trong đó 02 hồ sơ từ kỳ trước chuyển sang, 01 hồ sơ mới "
                "tiếp nhận theo hình thức trực tiếp)"
            ),
        ),
        (
            2,
            {Channel.ONLINE: 3},
            (
                "05 hồ sơ thủ tục hành chính (trong đó 02 hồ sơ từ kỳ trước chuyển sang, 03 hồ sơ mới "
                "tiếp nhận, tất cả theo hình thức trực tuyến)"
            ),
        ),
    ],
)
def test_what_was_received(carried_over: int, new: dict[Channel, int], words: str) -> None:
    pending = carried_over + sum(new.values())
    sentence = said(carried_over=carried_over, new=new, within=pending)
    assert sentence.partition("); ")[0] + ")" == f"tiếp nhận {words}"
    all_within = "trong hạn" if pending == 1 else "tất cả trong hạn"
    assert sentence.endswith(
        f"; chưa giải quyết xong hồ sơ nào; đang giải quyết {count_words(pending)}, {all_within}."
    )


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"early": 1}, "đã giải quyết 01 hồ sơ, trước hạn; không còn hồ sơ đang giải quyết"),
        ({"on_time": 5}, "đã giải quyết 05 hồ sơ, tất cả đúng hạn; không còn hồ sơ đang giải quyết"),
        ({"late": 5}, "đã giải quyết 05 hồ sơ, tất cả quá hạn; không còn hồ sơ đang giải quyết"),
        (
            {"early": 2, "on_time": 10, "late": 1, "within": 1, "overdue": 2},
            (
                "đã giải quyết 13 hồ sơ, trong đó 02 hồ sơ trước hạn, 10 hồ sơ đúng hạn, 01 hồ sơ quá hạn; "
                "đang giải quyết 03 hồ sơ, trong đó 01 hồ sơ trong hạn, 02 hồ sơ quá hạn"
            ),
        ),
        (
            {"early": 3, "late": 1, "overdue": 1},
            (
                "đã giải quyết 04 hồ sơ, trong đó 03 hồ sơ trước hạn, 01 hồ sơ quá hạn; "
                "đang giải quyết 01 hồ sơ, quá hạn"
            ),
        ),
        (
            {"early": 3, "on_time": 1, "withdrawn": 1, "stopped": 2},
            (
                "đã giải quyết 04 hồ sơ (gồm cả 01 hồ sơ người nộp rút, 02 hồ sơ dừng giải quyết), trong đó "
                "03 hồ sơ trước hạn, 01 hồ sơ đúng hạn, không có hồ sơ quá hạn; "
                "không còn hồ sơ đang giải quyết"
            ),
        ),
        (
            {"early": 3, "withdrawn": 1, "folded": False},
            (
                "đã giải quyết 03 hồ sơ, tất cả trước hạn; 01 hồ sơ người nộp rút; "
                "không còn hồ sơ đang giải quyết"
            ),
        ),
        (
            {"stopped": 2, "folded": False},
            "chưa giải quyết xong hồ sơ nào; 02 hồ sơ dừng giải quyết; không còn hồ sơ đang giải quyết",
        ),
    ],
)
def test_what_became_of_it(numbers: dict[str, int], words: str) -> None:
    assert said(carried_over=20, **numbers).partition("); ")[2] == f"{words}."


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (PetitionNumbers(0, 1, 1, 0, 0), "tiếp nhận 01 phản ánh, kiến nghị, đã trả lời"),
        (PetitionNumbers(0, 3, 3, 0, 0), "tiếp nhận 03 phản ánh, kiến nghị, tất cả đã trả lời"),
        (
            PetitionNumbers(2, 0, 0, 0, 2),
            "tiếp nhận 02 phản ánh, kiến nghị từ kỳ trước chuyển sang, tất cả đang xử lý",
        ),
        (
            PetitionNumbers(1, 12, 10, 2, 1),
            (
                "tiếp nhận 13 phản ánh, kiến nghị (trong đó 01 từ kỳ trước chuyển sang, 12 mới tiếp nhận), "
                "trong đó đã trả lời 10, đã chuyển cơ quan có thẩm quyền 02, đang xử lý 01"
            ),
        ),
    ],
)
def test_petitions(numbers: PetitionNumbers, words: str) -> None:
    assert said(petitions=numbers).partition("; ")[2] == f"{words}."


@pytest.mark.parametrize(
    ("from_on", "to_on", "begin"),
    [
        (
            "2024-05-15",
            "2024-06-14",
            "Trong tháng 06 năm 2024 (từ ngày 15/05/2024 đến hết ngày 14/06/2024), Ban ",
        ),
        (
            "2024-01-01",
            "2024-03-31",
            "Trong quý I năm 2024 (từ ngày 01/01/2024 đến hết ngày 31/03/2024), Ban ",
        ),
        ("2023-12-15", "2024-12-14", "Trong năm 2024 (từ ngày 15/12/2023 đến hết ngày 14/12/2024), Ban "),
        ("2024-06-03", "2024-06-07", "Từ ngày 03/06/2024 đến hết ngày 07/06/2024, Ban "),
    ],
)
def test_how_the_period_is_called(from_on: str, to_on: str, begin: str) -> None:
    start, end = date.fromisoformat(from_on), date.fromisoformat(to_on)
    assert report_sentence(UNIT, ReportPeriod(start, end, title(start, end)), PUBLISHED).startswith(begin)


@given(
    st.lists(st.integers(0, 3), min_size=9, max_size=9),
    st.booleans(),
    st.one_of(st.none(), st.lists(st.integers(0, 3), min_size=5, max_size=5)),
)
def test_whatever_the_numbers_it_is_one_sentence(
    numbers: list[int], folded: bool, petitions: list[int] | None
) -> None:
    online, counter, post, *others = numbers
    told = ReportNumbers(
        others[0],
        {Channel.ONLINE: online, Channel.COUNTER: counter, Channel.POST: post},
        *others[1:],
        folded=folded,
        petitions=PetitionNumbers(*petitions) if petitions else None,
    )
    sentence = report_sentence(UNIT, HALF, told)
    assert sentence == nfc(sentence)
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    assert sentence.count("(") == sentence.count(")")
    assert "  " not in sentence
    assert "00 " not in sentence
    assert not sentence.count(" ,") + sentence.count(",,") + sentence.count(";;")


def test_numbers_as_offices_write_them() -> None:
    assert [number_words(one) for one in (1, 9, 10, 999, 1000, 12345)] == [
        "01",
        "09",
        "10",
        "999",
        "1.000",
        "12.345",
    ]
