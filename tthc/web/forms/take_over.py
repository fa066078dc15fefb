"""Taking over the numbers of paper: the last report, its list, and why it is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import HiddenField

from tthc.domain.take_over import MOST
from tthc.services.take_over_views import TakeOverView
from tthc.web.forms.base import CountField, DateField, LineField, ParagraphField, VietnameseForm


class SeenForm(VietnameseForm):
    """What of the take-over the page showed."""

    version = HiddenField()

    def seen(self) -> int:
        """The version, -1 where the page was not ours."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class PaperForm(SeenForm):
    """The last paper report; :func:`paper_form` adds a field for each sector."""

    on = DateField("Ngày tiếp quản", "ngày tiếp quản", need=True)
    report_no = LineField(
        "Báo cáo giấy gần nhất (số, ngày)", "Nhập số, ngày của báo cáo giấy gần nhất.", longest=120
    )
    total = CountField("Tổng số đang giải quyết", most=MOST)
    file = FileField("Hoặc tệp danh sách hồ sơ đang giải quyết (CSV hoặc XLSX)")

    def figures(self) -> dict[int, int]:
        """The typed figures by sector; an empty field is none."""
        return {
            int(name.removeprefix("sector_")): field.data or 0
            for name, field in self._fields.items()
            if name.startswith("sector_")
        }

    def sectors(self) -> list[Any]:
        """The fields of the sectors, in the order of the form."""
        return [field for name, field in self._fields.items() if name.startswith("sector_")]

    def show(self, view: TakeOverView) -> None:
        """Begin with what is on record."""
        self.on.data, self.report_no.data = view.on, view.report_no
        for sector_id, number in view.figures.items():
            self._fields[f"sector_{sector_id}"].data = number
        self.total.data = view.paper if view.on else None


class UndoForm(SeenForm):
    """Why the take-over is taken back."""

    reason = ParagraphField("Lý do hủy", "Nhập lý do hủy việc tiếp quản số liệu.")


def paper_form(sectors: Sequence[tuple[int, str]], **kwargs: Any) -> PaperForm:
    """The form with a field for each sector."""
    fields = {f"sector_{key}": CountField(name, most=MOST) for key, name in sectors}
    form: PaperForm = type("SectorsForm", (PaperForm,), fields)(**kwargs)
    return form
