"""The register in and out."""

from __future__ import annotations

from datetime import date

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from tthc.domain.vocabulary import DomainError
from tthc.web.forms.base import ChoiceField, DateField, QueryForm, VietnameseForm

FORMATS = (("xlsx", "Excel (XLSX)"), ("csv", "CSV (UTF-8)"))


class UploadForm(VietnameseForm):
    """A file to look through before anything is saved."""

    file = FileField("Tệp sổ hồ sơ (CSV hoặc XLSX)", [FileRequired("Chọn tệp CSV hoặc XLSX.")])


class ConfirmForm(VietnameseForm):
    """The file that was looked through."""

    upload = HiddenField()


class ExportForm(QueryForm):
    """Received or pending in which days, and as what."""

    from_on = DateField("Từ ngày", "ngày đầu", need=True)
    to_on = DateField("đến ngày", "ngày cuối", need=True)
    format = ChoiceField("Loại tệp", choices=FORMATS, coerce=lambda value: value or "xlsx", default="xlsx")

    def period(self) -> tuple[date, date] | None:
        """Both days, if they are there and in order."""
        if not self.validate() or self.from_on.data is None or self.to_on.data is None:
            return None
        if self.from_on.data > self.to_on.data:
            self.refuse(DomainError("Ngày đầu phải trước hoặc trùng ngày cuối.", "from_on"))
            return None
        return self.from_on.data, self.to_on.data
