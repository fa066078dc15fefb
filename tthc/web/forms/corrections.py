"""The form of a correction: what the receipt should have said, and why."""

from __future__ import annotations

from datetime import datetime

from wtforms import BooleanField

from tthc.domain.vocabulary import OFFICE_ZONE, Channel
from tthc.services.corrections import AsReceived, Correction
from tthc.web.forms.base import (
    ChoiceField,
    MomentField,
    ParagraphField,
    member,
    needed,
    number,
    words,
)
from tthc.web.forms.dossiers import SeenForm


class CorrectionForm(SeenForm):
    """Procedure, case, channel and time of the receipt."""

    procedure_id = ChoiceField(
        "Thủ tục", [needed("Chọn thủ tục hành chính.")], choices=[("", "Chọn thủ tục")], coerce=number
    )
    case_id = ChoiceField("Trường hợp", choices=[("", "Trường hợp chung")], coerce=number)
    channel = ChoiceField(
        "Kênh tiếp nhận", [needed("Chọn kênh tiếp nhận.")], choices=words(Channel), coerce=member(Channel)
    )
    received_at = MomentField("Thời điểm tiếp nhận", "thời điểm tiếp nhận", need=True)
    confirm_unverified = BooleanField("Đã đối chiếu quyết định công bố TTHC, đồng ý dùng thời hạn này")
    reason = ParagraphField("Lý do đính chính", "Ghi lý do đính chính.")

    def complete(self) -> bool:
        """Whether what the due date depends on can be read; for a look before saving."""
        asked = (self.procedure_id, self.case_id, self.channel, self.received_at)
        # Each of them, so that every mistake is named at once.
        return not [field for field in asked if not field.validate(self)]

    def correction(self, known: AsReceived) -> Correction:
        """The form as the service takes it; a time that was left as shown keeps its seconds."""
        typed = self.received_at.data or known.received_at
        kept = _to_the_minute(known.received_at) == _to_the_minute(typed)
        return Correction(
            procedure_id=self.procedure_id.data,
            case_id=self.case_id.data,
            channel=self.channel.data,
            received_at=known.received_at if kept else typed,
            confirm_unverified=self.confirm_unverified.data,
        )


def _to_the_minute(at: datetime) -> datetime:
    return at.astimezone(OFFICE_ZONE).replace(second=0, microsecond=0)
