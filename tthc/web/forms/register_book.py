"""The yearly register book: which part of it, locking it, opening a volume."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import HiddenField

from tthc.services.register_book import Part
from tthc.web.forms.base import ChoiceField, CountField, ParagraphField, QueryForm, VietnameseForm

_WHOLE = ("", "Cả năm")
_LAST_NO = 9_999_999


class BookForm(QueryForm):
    """Year, volume, and numbers from and to."""

    year = CountField("Năm", least=1990, most=2200)
    volume = ChoiceField("Quyển số", choices=[_WHOLE], coerce=lambda value: value or None)
    from_no = CountField("Từ số", least=1, most=_LAST_NO)
    to_no = CountField("đến số", least=1, most=_LAST_NO)

    def part(self) -> Part | None:
        """What is asked for; ``None`` if it cannot be read. Whether there is such a volume the book knows."""
        sent = self.volume.data
        self.volume.choices = [_WHOLE] + ([(sent, sent)] if sent else [])
        if not self.validate():
            return None
        return Part(self.year.data, sent, self.from_no.data, self.to_no.data)

    def offer(self, volumes: Sequence[str], year: int) -> None:
        """The volumes of the year that is shown."""
        self.volume.choices = [_WHOLE, *((name, name) for name in volumes)]
        self.year.data = year


class VolumeForm(VietnameseForm):
    """A further volume of a year, after the last number that the page showed."""

    year = CountField("Năm", least=1990, most=2200)
    last_no = HiddenField()

    def seen(self) -> tuple[int, int] | None:
        """Year and last number; ``None`` where the page was not ours."""
        text = self.last_no.data or ""
        if self.year.data is None or not (text.isascii() and text.isdigit() and len(text) < 9):
            return None
        return self.year.data, int(text)


class LockForm(VolumeForm):
    """What is to be noted on locking the book of a year."""

    note = ParagraphField("Ghi chú khi khóa sổ", longest=500)
