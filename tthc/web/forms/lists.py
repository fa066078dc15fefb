"""The list of dossiers as somebody likes to see it: a filter under a name, and the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import BooleanField, HiddenField

from tthc.domain.list_columns import ListColumn
from tthc.web.forms.base import LineField, VietnameseForm
from tthc.web.forms.dossiers import SeenForm

#: The longest place that is typed for a column.
_DIGITS = 3


class SaveFilterForm(VietnameseForm):
    """The filter in the address under a name."""

    query = HiddenField()
    name = LineField("Tên bộ lọc", "Đặt tên cho bộ lọc.", longest=64, render_kw={"size": 30})
    shared = BooleanField("Cả đơn vị cùng dùng")


class ChangeFilterForm(SeenForm):
    """Another name, or shared otherwise."""

    name = LineField("Tên bộ lọc", "Đặt tên cho bộ lọc.", longest=64, render_kw={"size": 30})
    shared = BooleanField("Cả đơn vị cùng dùng")


class ColumnsForm(VietnameseForm):
    """Nothing but the token: the columns are boxes, each with its place."""

    @staticmethod
    def chosen(ticked: Sequence[str], places: Mapping[str, str]) -> list[tuple[ListColumn, int | None]]:
        """The ticked columns with the place typed for each; what is no number is no place."""
        found = []
        for column in ListColumn:
            if column.value in ticked:
                text = places.get(f"place-{column.value}", "").strip()
                digits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
                found.append((column, int(text) if digits else None))
        return found
