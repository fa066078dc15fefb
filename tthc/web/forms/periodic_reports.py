"""Which periodic reports are listed, and what is known of the letter that sends one."""

from __future__ import annotations

from wtforms import HiddenField

from tthc.domain.vocabulary import ReportKind, ReportState
from tthc.services.reports import Letter, ReportFilter
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    DateField,
    LineField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    words,
)
from tthc.web.forms.reports import FIRST_YEAR, LAST_YEAR

_SENDING = (("", "Đã gửi và chưa gửi"), ("unsent", "Chưa gửi"), ("overdue", "Quá hạn gửi"))


class ReportListForm(QueryForm):
    """The filters of the list."""

    kind = ChoiceField("Loại báo cáo", choices=words(ReportKind, "Mọi loại"), coerce=member(ReportKind))
    state = ChoiceField(
        "Trạng thái", choices=words(ReportState, "Mọi trạng thái"), coerce=member(ReportState)
    )
    sending = ChoiceField("Việc gửi", choices=_SENDING, coerce=lambda value: value or None)
    year = CountField("Năm", least=FIRST_YEAR, most=LAST_YEAR)

    def wanted(self) -> ReportFilter:
        """What the service takes; what cannot be read is not applied."""
        self.validate()
        return ReportFilter(
            kind=self.right("kind"),
            state=self.right("state"),
            year=self.right("year"),
            sending=self.right("sending"),
        )


class SeenForm(VietnameseForm):
    """An act on a report as it was shown."""

    version = HiddenField()

    def seen_version(self) -> int:
        """The version that the page showed; nonsense is one that never was."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class LetterForm(SeenForm):
    """Number, signer, recipient and deadline of the letter."""

    letter_no = LineField("Số văn bản", longest=64)
    signer = LineField("Người ký")
    recipient = LineField("Nơi nhận")
    send_by_on = DateField("Hạn gửi", "hạn gửi")
    note = ParagraphField("Ghi chú")

    def letter(self) -> Letter:
        """What the service takes."""
        return Letter(
            self.letter_no.data or "",
            self.signer.data or "",
            self.recipient.data or "",
            self.send_by_on.data,
            self.note.data or "",
        )


class SentForm(SeenForm):
    """When the report was sent."""

    sent_on = DateField("Ngày gửi", "ngày gửi", need=True)
