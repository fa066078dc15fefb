"""The period of a tally: a named one of a year, or free dates."""

from __future__ import annotations

from datetime import date
from typing import Any

from tthc.domain.tallies import CELLS, CellName, ReportPeriod, presets
from tthc.domain.vocabulary import DomainError
from tthc.services.tallies import Asked
from tthc.web.forms.base import ChoiceField, CountField, DateField, LineField, QueryForm, member

GROUPINGS = (
    ("sector", "Theo lĩnh vực"),
    ("procedure", "Theo thủ tục"),
    ("channel", "Theo kênh tiếp nhận"),
    ("officer", "Theo người xử lý"),
)

#: The oldest year of the calendar, and far enough ahead.
FIRST_YEAR, LAST_YEAR = 2016, 2099

_HALVES = ("bc-6-thang-dau", "bc-6-thang-cuoi")


class TallyForm(QueryForm):
    """Preset and year, or from and to; grouping."""

    preset = ChoiceField("Kỳ", choices=[("", "Tự chọn ngày")], coerce=lambda value: value or None)
    year = CountField("Năm", least=FIRST_YEAR, most=LAST_YEAR)
    from_on = DateField("Từ ngày", "ngày đầu kỳ")
    to_on = DateField("đến ngày", "ngày cuối kỳ")
    by = ChoiceField("Gộp", choices=GROUPINGS, coerce=lambda value: value or "sector", default="sector")

    known_on = DateField("Số liệu ghi nhận đến hết ngày", "ngày ghi nhận số liệu")

    def asked(self, period: ReportPeriod) -> Asked:
        """The tally of the settled period."""
        by, known_on = self.right("by") or "sector", self.right("known_on")
        return Asked(period.from_on, period.to_on, by, known_on, period.title)

    def settle(self, today: date) -> ReportPeriod | None:
        """The period that was asked for; ``None`` if what was typed gives none. Fills the other fields in.

        Without any dates it is the official half-year that ``today`` lies in.
        """
        typed = self.year.data
        year = typed if typed is not None and FIRST_YEAR <= typed <= LAST_YEAR else today.year
        named = {one.key: one.period for one in presets(year)}
        self.preset.choices = [("", "Tự chọn ngày")] + [(key, period.title) for key, period in named.items()]
        self.validate()
        period: ReportPeriod | None = None
        key = self.right("preset")
        if self.year.errors or self.preset.errors:
            return None
        if key:
            period = named[key]
        elif self.from_on.errors or self.to_on.errors:
            return None
        elif self.from_on.data and self.to_on.data:
            try:
                period = ReportPeriod(self.from_on.data, self.to_on.data)
            except DomainError as error:
                self.refuse(error)
                return None
        elif self.from_on.data or self.to_on.data:
            self.refuse(DomainError("Nhập cả ngày đầu kỳ và ngày cuối kỳ.", "to_on"))
            return None
        else:
            return self._usual(today)
        self._show(period, year, key)
        return period

    def _usual(self, today: date) -> ReportPeriod:
        for year in (today.year, today.year + 1):
            for one in presets(year):
                if one.key in _HALVES and one.period.from_on <= today <= one.period.to_on:
                    self.preset.choices = [("", "Tự chọn ngày")] + [
                        (named.key, named.period.title) for named in presets(year)
                    ]
                    self._show(one.period, year, one.key)
                    return one.period
        raise AssertionError("the official half-years cover every day")

    def _show(self, period: ReportPeriod, year: int, key: str | None) -> None:
        self.year.data, self.preset.data = year, key
        self.from_on.data, self.to_on.data = period.from_on, period.to_on
        self.from_on.raw_data = self.to_on.raw_data = None


class CellForm(QueryForm):
    """Which number's list is asked for."""

    from_on = DateField("Từ ngày", "ngày đầu kỳ", need=True)
    to_on = DateField("đến ngày", "ngày cuối kỳ", need=True)
    by = ChoiceField("Gộp", choices=GROUPINGS, coerce=lambda value: value or "sector", default="sector")
    known_on = DateField("Số liệu ghi nhận đến hết ngày", "ngày ghi nhận số liệu")
    row = LineField("Dòng", longest=20)
    cell = ChoiceField(
        "Cột", choices=[(name.value, cell.label) for name, cell in CELLS.items()], coerce=member(CellName)
    )

    def criteria(self) -> dict[str, Any]:
        """What the service takes, by name."""
        from_on, to_on = self.from_on.data, self.to_on.data
        if from_on is None or to_on is None:
            raise RuntimeError("the form has not been validated")
        return {
            "asked": Asked(from_on, to_on, self.by.data, self.right("known_on")),
            "row_key": self._row_key(),
            "cell": self.cell.data,
        }

    def _row_key(self) -> int | str | None:
        """A channel is named by a word, everything else by its id; nothing is the total row."""
        text = self.row.data
        return int(text) if text and text.isascii() and text.isdigit() else text or None
