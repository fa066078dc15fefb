"""What an office may set: each rule by itself, what it may be and how it reads."""

from __future__ import annotations

import pytest

from tthc.domain.settings import ESCALATION_DAYS, KNOWN, SEND_WITHIN, UNANSWERED_DAYS
from tthc.domain.vocabulary import DomainError


def test_each_known_setting_is_named_once_and_takes_its_own_default() -> None:
    assert len({one.key for one in KNOWN}) == len(KNOWN)
    assert all(one.label and one.help for one in KNOWN)
    for one in KNOWN:
        if one.choices:
            assert one.default in dict(one.choices)
        elif isinstance(one.default, int):
            assert one.least <= one.default <= one.most


def test_a_zero_that_means_nothing_is_said_in_words() -> None:
    assert SEND_WITHIN.told(0) == "chưa nhập, báo cáo không có hạn gửi"
    assert SEND_WITHIN.told(5) == "5 ngày làm việc"
    # Where nothing is said of it, a zero is a number like any other.
    assert UNANSWERED_DAYS.told(0) == "0 ngày làm việc"


def test_the_days_of_a_list_are_kept_in_order() -> None:
    assert ESCALATION_DAYS.check(" 5; 1 ") == "1, 5"
    assert ESCALATION_DAYS.told(ESCALATION_DAYS.check(" ")) == "không cảnh báo lại"
    with pytest.raises(DomainError, match="cách nhau bằng dấu phẩy"):
        ESCALATION_DAYS.check("1, hai")
