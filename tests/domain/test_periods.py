"""Periods of reports: those of a year, one after the other, in official and in calendar terms."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tthc.domain.periods import ReportPeriod, official_period, presets
from tthc.domain.vocabulary import DomainError

PERIODS_2024 = """
bc-thang-1      15/12/2023 14/01/2024 Tháng 01 năm 2024
bc-thang-2      15/01/2024 14/02/2024 Tháng 02 năm 2024
bc-thang-3      15/02/2024 14/03/2024 Tháng 03 năm 2024
bc-thang-12     15/11/2024 14/12/2024 Tháng 12 năm 2024
bc-quy-1        15/12/2023 14/03/2024 Quý I năm 2024
bc-quy-2        15/03/2024 14/06/2024 Quý II năm 2024
bc-quy-3        15/06/2024 14/09/2024 Quý III năm 2024
bc-quy-4        15/09/2024 14/12/2024 Quý IV năm 2024
bc-6-thang-dau  15/12/2023 14/06/2024 6 tháng đầu năm 2024
bc-6-thang-cuoi 15/06/2024 14/12/2024 6 tháng cuối năm 2024
bc-9-thang      15/12/2023 14/09/2024 9 tháng đầu năm 2024
bc-nam          15/12/2023 14/12/2024 Năm 2024
lich-thang-1    01/01/2024 31/01/2024 Tháng 01 năm 2024 (theo tháng dương lịch)
lich-thang-2    01/02/2024 29/02/2024 Tháng 02 năm 2024 (theo tháng dương lịch)
lich-thang-12   01/12/2024 31/12/2024 Tháng 12 năm 2024 (theo tháng dương lịch)
lich-quy-1      01/01/2024 31/03/2024 Quý I năm 2024 (theo tháng dương lịch)
lich-quy-4      01/10/2024 31/12/2024 Quý IV năm 2024 (theo tháng dương lịch)
lich-6-thang-dau 01/01/2024 30/06/2024 6 tháng đầu năm 2024 (theo tháng dương lịch)
lich-9-thang    01/01/2024 30/09/2024 9 tháng đầu năm 2024 (theo tháng dương lịch)
lich-nam        01/01/2024 31/12/2024 Năm 2024 (theo tháng dương lịch)
"""


@pytest.mark.parametrize("line", PERIODS_2024.strip().splitlines(), ids=lambda line: line.split()[0])
def test_the_periods_of_2024(line: str) -> None:
    key, from_text, to_text, title = line.split(maxsplit=3)
    found = {preset.key: preset.period for preset in presets(2024)}[key]
    assert (
        f"{found.from_on:%d/%m/%Y} {found.to_on:%d/%m/%Y} {found.title}" == f"{from_text} {to_text} {title}"
    )


@pytest.mark.parametrize(("year", "last"), [(2023, 28), (2024, 29), (2026, 28), (2028, 29), (2100, 28)])
def test_february_ends_on_its_own_last_day(year: int, last: int) -> None:
    found = {preset.key: preset.period for preset in presets(year)}["lich-thang-2"]
    assert found.to_on == date(year, 2, last)


@pytest.mark.parametrize("prefix", ["bc", "lich"])
def test_months_follow_each_other_and_make_up_the_longer_periods(prefix: str) -> None:
    assert len(presets(2024)) == len({preset.key for preset in presets(2024)}) == 40
    found = {preset.key: preset.period for preset in presets(2024)}
    months = [found[f"{prefix}-thang-{number}"] for number in range(1, 13)]
    for earlier, later in pairwise(months):
        assert later.from_on == earlier.to_on + timedelta(days=1)
    unions = {
        **{f"quy-{q}": (3 * q - 3, 3 * q - 1) for q in range(1, 5)},
        "6-thang-dau": (0, 5),
        "6-thang-cuoi": (6, 11),
        "9-thang": (0, 8),
        "nam": (0, 11),
    }
    for name, (first, last) in unions.items():
        whole = found[f"{prefix}-{name}"]
        assert (whole.from_on, whole.to_on) == (months[first].from_on, months[last].to_on), name


def test_an_official_year_begins_where_the_one_before_ended() -> None:
    assert official_period(2025, 1, 12, "").from_on == official_period(2024, 1, 12, "").to_on + timedelta(
        days=1
    )


def test_a_period_does_not_end_before_it_begins() -> None:
    first, last = date(2024, 5, 15), date(2024, 6, 14)
    assert ReportPeriod(first, first).to_on == first
    with pytest.raises(DomainError, match="Ngày bắt đầu kỳ") as refusal:
        ReportPeriod(last, first)
    assert refusal.value.field == "from_on"
