"""Closing and reopening a period, and which list of it is asked for."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from tthc.domain.periods import ReportPeriod
from tthc.domain.vocabulary import DomainError
from tthc.web.forms.base import ChoiceField, DateField, ParagraphField, QueryForm, VietnameseForm
from tthc.web.forms.reports import RowOfTally

_KEPT = (("sector", "Theo lĩnh vực"), ("procedure", "Theo thủ tục"))


class CloseForm(VietnameseForm):
    """The period and the figures that the page showed, and why it is closed in spite of what is open."""

    from_on = DateField("Từ ngày", "ngày đầu kỳ", need=True)
    to_on = DateField("đến ngày", "ngày cuối kỳ", need=True)
    figures = HiddenField()
    reason = ParagraphField("Lý do vẫn chốt kỳ")

    def refuse(self, error: DomainError) -> None:
        """The period is not typed, so what is said of it stands over the form."""
        super().refuse(error if error.field == "reason" else DomainError(error.message))


class ReopenForm(VietnameseForm):
    """Why a closed period is opened again."""

    reason = ParagraphField("Lý do mở lại kỳ", "Nhập lý do mở lại kỳ đã chốt.")


class FiguresForm(QueryForm):
    """By what the figures of a closing are shown."""

    by = ChoiceField("Gộp", choices=_KEPT, coerce=lambda value: value or "sector", default="sector")


class PointForm(QueryForm):
    """Of which period a point of the readiness list is asked."""

    from_on = DateField("Từ ngày", "ngày đầu kỳ", need=True)
    to_on = DateField("đến ngày", "ngày cuối kỳ", need=True)

    def period(self) -> ReportPeriod | None:
        """The period; ``None`` if what was sent gives none."""
        self.validate()
        if self.from_on.data is None or self.to_on.data is None or self.from_on.data > self.to_on.data:
            return None
        return ReportPeriod(self.from_on.data, self.to_on.data)


class MemberForm(RowOfTally):
    """Which number of a closing; without any it is all of its dossiers."""

    def criteria(self) -> dict[str, Any]:
        """What the service takes, by name."""
        return {"by": self.by.data, "row_key": self.row_key(), "cell": self.cell.data}
