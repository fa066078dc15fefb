"""Rows of a version's form: cases with the parts of their limits, and papers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField
from wtforms.widgets import TextInput

from tthc.domain.catalogue import MOST_SEGMENTS, MOST_UNITS, NAME_LENGTH, CaseContent, PaperContent
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import Channel, LimitUnit
from tthc.web.forms.base import ChoiceField, CountField, LineField, RowForm, member, words

_KINDS = ("statutory", "committed")
#: What stands for the prefix of a row in the patterns of a page, from which its script makes new rows.
PATTERN = "PREFIX"


class MoneyField(CountField):
    """A sum in đồng, typed with or without dots between the thousands."""

    widget = TextInput()

    def __init__(self, label: str, *, most: int, **kwargs: Any) -> None:
        super().__init__(label, most=most, size=14, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:,}".replace(",", ".") if self.data is not None else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """ "3.000.000" and "3000000" are the same."""
        super().process_formdata([text.replace(".", "").replace(" ", "") for text in valuelist])


class SegmentForm(RowForm):
    """One part of a limit."""

    amount = CountField("Số", least=1, most=MOST_UNITS)
    unit = ChoiceField(
        "Đơn vị", choices=words(LimitUnit), coerce=member(LimitUnit), default=LimitUnit.WORKING_DAY
    )
    agency = LineField("Cơ quan thực hiện")

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this row."""
        return not ((self.amount.raw_data or [""])[0] or self.amount.data or self.agency.data)

    def check(self) -> bool:
        """Whether the row has the shape of a part; a blank one has."""
        if self.blank:
            return True
        self.validate()
        if self.amount.data is None and not self.amount.errors:
            self.amount.errors = ["Nhập số ngày, tháng hoặc giờ của đoạn."]
        return not self.errors

    def fill(self, segment: LimitSegment) -> None:
        """Put a part into the row."""
        self.amount.data, self.unit.data, self.agency.data = segment.amount, segment.unit, segment.agency

    def segment(self) -> LimitSegment:
        """The row as the service takes it; only after :meth:`check`."""
        assert self.amount.data is not None  # noqa: S101 - checked before
        return LimitSegment(self.amount.data, self.unit.data, self.agency.data or "")


class CaseForm(RowForm):
    """A case: name, channel, whether it is the default, and its two limits."""

    name = LineField("Tên trường hợp")
    channel = ChoiceField("Kênh", choices=words(Channel, "Mọi kênh"), coerce=member(Channel))
    is_default = BooleanField("Mặc định")

    def __init__(self, sent: Mapping[str, Any] | None, place: int | str) -> None:
        self.place = place
        self.key = PATTERN if place == PATTERN else f"cases-{place}"
        super().__init__(sent, prefix=f"{self.key}-")
        self.limits = {kind: self._rows(sent, kind) for kind in _KINDS}

    def _rows(self, sent: Mapping[str, Any] | None, kind: str) -> dict[int, SegmentForm]:
        base = f"{self.key}-{kind}"
        found = {at: SegmentForm(sent, prefix=f"{base}-{at}-") for at in places(sent, base)}
        return found or {0: SegmentForm(None, prefix=f"{base}-0-")}

    @property
    def rows(self) -> list[SegmentForm]:
        """All parts of both limits."""
        return [row for kind in _KINDS for row in self.limits[kind].values()]

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this case."""
        return not self.name.data and all(row.blank for row in self.rows)

    def add_row(self, kind: str) -> SegmentForm | None:
        """One more part, as far as they go."""
        rows = self.limits[kind]
        if len(rows) >= MOST_SEGMENTS:
            return None
        at = max(rows) + 1
        rows[at] = SegmentForm(None, prefix=f"{self.key}-{kind}-{at}-")
        return rows[at]

    def check(self) -> bool:
        """Whether the case and its parts have the right shape; a blank one has."""
        if self.blank:
            return True
        sound = self.validate()
        checked = [row.check() for row in self.rows]
        return sound and all(checked)

    def fill(self, case: CaseContent) -> None:
        """Put a case into the row."""
        self.name.data, self.channel.data, self.is_default.data = case.name, case.channel, case.is_default
        for kind, segments in (("statutory", case.statutory), ("committed", case.committed)):
            for _ in segments[1:]:
                self.add_row(kind)
            for row, segment in zip(self.limits[kind].values(), segments, strict=False):
                row.fill(segment)

    def used(self, kind: str) -> list[SegmentForm]:
        """The parts that are not blank."""
        return [row for row in self.limits[kind].values() if not row.blank]

    def case(self) -> CaseContent:
        """The row as the service takes it; only after :meth:`check`."""
        statutory, committed = (tuple(row.segment() for row in self.used(kind)) for kind in _KINDS)
        return CaseContent(
            self.name.data or "", self.channel.data, bool(self.is_default.data), statutory, committed
        )


class PaperForm(RowForm):
    """A required paper with the number of each kind of copy."""

    name = LineField("Tên giấy tờ", longest=NAME_LENGTH)
    originals = CountField("Bản chính")
    certified = CountField("Bản sao chứng thực")
    copies = CountField("Bản sao")
    required = BooleanField("Bắt buộc", default=True)

    def __init__(self, sent: Mapping[str, Any] | None, place: int | str) -> None:
        self.place = place
        self.key = PATTERN if place == PATTERN else f"papers-{place}"
        super().__init__(sent, prefix=f"{self.key}-")

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this row."""
        counts = (self.originals, self.certified, self.copies)
        return not self.name.data and not any((one.raw_data or [""])[0] or one.data for one in counts)

    def check(self) -> bool:
        """Whether the row has the right shape; a blank one has."""
        return self.blank or bool(self.validate())

    def fill(self, paper: PaperContent) -> None:
        """Put a paper into the row."""
        self.name.data, self.required.data = paper.name, paper.required
        for field, amount in (
            (self.originals, paper.originals),
            (self.certified, paper.certified),
            (self.copies, paper.copies),
        ):
            field.data = amount or None

    def paper(self) -> PaperContent:
        """The row as the service takes it; only after :meth:`check`."""
        return PaperContent(
            self.name.data or "",
            self.originals.data or 0,
            self.certified.data or 0,
            self.copies.data or 0,
            bool(self.required.data),
        )


def places(sent: Mapping[str, Any] | None, base: str) -> list[int]:
    """Under which numbers rows of ``base`` were sent, in order: ``cases-0-name`` is row 0 of "cases"."""
    row = re.compile(rf"{re.escape(base)}-(\d{{1,3}})-", re.ASCII)
    return sorted({int(match[1]) for name in sent or () if (match := row.match(name))})
