"""Time limits as papers write them, and those that mean nothing."""

from __future__ import annotations

import pytest

from tests.domain.seeded_office import (
    DAY,
    HOUR,
    MONTH,
    WORKING_DAY,
    limit,
)
from tthc.domain.vocabulary import (
    DomainError,
    LimitUnit,
)


@pytest.mark.parametrize(
    ("segments", "label"),
    [
        ([(5, WORKING_DAY)], "05 ngày làm việc"),
        ([(25, DAY), (7, WORKING_DAY)], "25 ngày + 07 ngày làm việc"),
        ([(8, HOUR)], "08 giờ làm việc"),
        ([(1, MONTH)], "01 tháng"),
        ([(120, DAY)], "120 ngày"),
    ],
)
def test_limits_are_written_as_on_paper(segments: list[tuple[int, LimitUnit]], label: str) -> None:
    assert limit(*segments).label == label


@pytest.mark.parametrize(
    ("segments", "field", "message"),
    [
        ([(0, DAY)], "amount", "Thời hạn phải lớn hơn 0; hãy sửa thời hạn của thủ tục."),
        ([(-1, HOUR)], "amount", "Thời hạn phải lớn hơn 0; hãy sửa thời hạn của thủ tục."),
        ([], "segments", "Thủ tục chưa khai thời hạn; hãy bổ sung thời hạn trong danh mục."),
        (
            [(1, DAY), (8, HOUR)],
            "segments",
            (
                "Không ghép được thời hạn tính bằng giờ với thời hạn tính bằng ngày hoặc tháng; "
                "hãy khai tất cả các đoạn bằng giờ, hoặc bằng ngày và tháng."
            ),
        ),
    ],
)
def test_limits_that_mean_nothing_are_refused(
    segments: list[tuple[int, LimitUnit]], field: str, message: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        limit(*segments)
    assert (refusal.value.field, refusal.value.message) == (field, message)
