"""The period of a tally: a named one of a year, or free dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from tthc.domain.periods import ReportPeriod, presets
from tthc.domain.tallies import CELLS, CellName
from tthc.domain.vocabulary import Channel, DomainError, OverdueReason, TimeUnit
from tthc.services.annex_lists import NOT_STATED, OverdueOnly
from tthc.services.tallies import Asked
from tthc.web.forms.base import ChoiceField, CountField, DateField, LineField, QueryForm, member

GROUPINGS = (
    ("sector", "Theo lĩnh vực"),
    ("procedure", "Theo thủ tục"),
    ("channel", "Theo kênh tiếp nhận"),
    ("officer", "Theo người xử lý"),
)
#: A line for every month, say, of the period; not a way to tell dossiers apart, so no number's list has it.
UNITS = tuple((unit.value, f"Theo {unit.label.lower()}") for unit in TimeUnit)

#: The oldest year of the calendar, and far enough ahead.
FIRST_YEAR, LAST_YEAR = 2016, 2099

_HALVES = ("bc-6-thang-dau", "bc-6-thang-cuoi")


class PeriodForm(QueryForm):
    """Preset and year, or from and to."""

    preset = ChoiceField("Kỳ", choices=[("", "Tự chọn ngày")], coerce=lambda value: value or None)
    year = CountField("Năm", least=FIRST_YEAR, most=LAST_YEAR)
    from_on = DateField("Từ ngày", "ngày đầu kỳ")
    to_on = DateField("đến ngày", "ngày cuối kỳ")

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


class AnnexForm(PeriodForm):
    """The period of an annex, and which of its late dossiers; what cannot be read restricts nothing."""

    sector = CountField("Lĩnh vực", least=1, most=9999)
    reason = ChoiceField(
        "Nguyên nhân",
        choices=[
            ("", "Mọi nguyên nhân"),
            *((one.value, f"{one.value}) {one.label}") for one in OverdueReason),
            (NOT_STATED, "Chưa nêu"),
        ],
        coerce=lambda value: value or None,
    )
    letter = ChoiceField(
        "Văn bản xin lỗi",
        choices=[("", "Có hoặc không"), ("y", "Có"), ("n", "Không có")],
        coerce=lambda value: value or None,
    )

    def only(self) -> OverdueOnly:
        """The restriction."""
        letter = self.right("letter")
        return OverdueOnly(
            self.right("sector"), self.right("reason"), None if letter is None else letter == "y"
        )

    def restriction(self) -> dict[str, str]:
        """The same for an address."""
        return as_query(self.only())


def as_query(only: OverdueOnly | None) -> dict[str, str]:
    """A restriction as :class:`AnnexForm` reads it."""
    if only is None:
        return {}
    found = {
        "sector": only.sector_id,
        "reason": only.reason,
        "letter": None if only.letter is None else "y" if only.letter else "n",
    }
    return {name: str(value) for name, value in found.items() if value is not None}


class TallyForm(PeriodForm):
    """The period, what its lines are, and as known on which date."""

    by = ChoiceField(
        "Gộp",
        choices=[*GROUPINGS, *UNITS],
        coerce=lambda value: value or "sector",
        default="sector",
    )
    known_on = DateField("Số liệu ghi nhận đến hết ngày", "ngày ghi nhận số liệu")

    @property
    def unit(self) -> TimeUnit | None:
        """The stretches of time that are the lines, if they are."""
        by = self.right("by")
        return TimeUnit(by) if by in dict(UNITS) else None

    def asked(self, period: ReportPeriod) -> Asked:
        """The tally of the settled period; by months it is one of sectors for each of them."""
        by = self.right("by") or "sector"
        return Asked(
            period.from_on,
            period.to_on,
            "sector" if self.unit else by,
            self.right("known_on"),
            period.title,
        )

    def settle(self, today: date) -> ReportPeriod | None:
        """The period, unless the date of knowledge cannot be read: another date would give other numbers."""
        period = super().settle(today)
        return None if self.known_on.errors else period


class RowOfTally(QueryForm):
    """Which number of a tally: its column, and its line (nothing is the total)."""

    by = ChoiceField("Gộp", choices=GROUPINGS, coerce=lambda value: value or "sector", default="sector")
    row = LineField("Dòng", longest=20)
    cell = ChoiceField(
        "Cột",
        choices=[(name.value, cell.label) for name, cell in CELLS.items()],
        coerce=member(CellName),
        default=CellName.RECEIVED_TOTAL,
    )

    def validate_row(self, field: Any) -> None:
        """A channel is named by its word, everything else by its id."""
        if field.data and self._key_of(field.data) is None:
            raise ValidationError("Chọn một dòng có trong bảng số liệu.")

    def row_key(self) -> int | str | None:
        """The key of the line, as the service takes it."""
        return self._key_of(self.row.data) if self.row.data else None

    def query(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What was sent that this form reads: for the addresses of other pages and files of the same list."""
        return {name: sent[name] for name in self._fields if name in sent}

    def _key_of(self, text: str) -> int | str | None:
        if self.by.data == "channel":
            return text if text in {one.value for one in Channel} else None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class CellForm(RowOfTally):
    """Which number's list is asked for."""

    from_on = DateField("Từ ngày", "ngày đầu kỳ", need=True)
    to_on = DateField("đến ngày", "ngày cuối kỳ", need=True)
    known_on = DateField("Số liệu ghi nhận đến hết ngày", "ngày ghi nhận số liệu")
    cell = ChoiceField(
        "Cột", choices=[(name.value, cell.label) for name, cell in CELLS.items()], coerce=member(CellName)
    )

    def criteria(self) -> dict[str, Any]:
        """What the service takes, by name."""
        from_on, to_on = self.from_on.data, self.to_on.data
        if from_on is None or to_on is None:
            raise RuntimeError("the form has not been validated")
        return {
            "asked": Asked(from_on, to_on, self.by.data, self.known_on.data),
            "row_key": self.row_key(),
            "cell": self.cell.data,
        }
