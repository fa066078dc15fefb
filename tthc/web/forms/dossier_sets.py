"""Which set of dossiers of a period is asked for: of an indicator, or of a number beside a chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tthc.domain.charts import Band
from tthc.domain.indicators import SETS, SetName
from tthc.domain.periods import ReportPeriod
from tthc.domain.vocabulary import DomainError
from tthc.services.dossier_sets import SetAsked
from tthc.web.forms.base import ChoiceField, CountField, DateField, QueryForm

_NAMES: Mapping[str, SetName | Band] = {one.value: one for one in (*SetName, *Band)}


class SetForm(QueryForm):
    """A period, and in it a named set or a case of a procedure."""

    from_on = DateField("Từ ngày", "ngày đầu kỳ", need=True)
    to_on = DateField("đến ngày", "ngày cuối kỳ", need=True)
    name = ChoiceField(
        "Tập hồ sơ",
        choices=[
            ("", ""),
            *((name.value, one.label) for name, one in SETS.items()),
            *((band.value, band.label) for band in Band),
        ],
        coerce=lambda value: value or None,
    )
    case = CountField("Trường hợp", least=1, most=10**9)

    def asked(self) -> SetAsked | None:
        """What the service takes; ``None`` for an address that asks for nothing there is."""
        if not self.validate() or self.from_on.data is None or self.to_on.data is None:
            return None
        try:
            period = ReportPeriod(self.from_on.data, self.to_on.data)
        except DomainError:
            return None
        return SetAsked(period, _NAMES.get(self.name.data or ""), self.case.data)

    def query(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """What was sent that this form reads: for the addresses of other pages and files of the same list."""
        return {name: sent[name] for name in self._fields if name in sent}
