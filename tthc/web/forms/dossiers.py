"""The filter of the dossier list, and one small form for each thing that can be done to a dossier."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField

from tthc.domain.vocabulary import Channel, DossierState, EventKind, Outcome, SupplementMode
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    MomentField,
    ParagraphField,
    QueryForm,
    VietnameseForm,
    member,
    needed,
    number,
    words,
)

BUCKETS = (
    ("", "Tất cả"),
    ("overdue", "Quá hạn"),
    ("today", "Đến hạn hôm nay"),
    ("due_soon", "Sắp đến hạn"),
    ("awaiting_supplement", "Chờ bổ sung"),
    ("mine", "Việc của tôi"),
    ("pending", "Đang giải quyết"),
    ("to_hand_over", "Chờ trả kết quả"),
)

SORTS = (
    ("due", "Hạn gần nhất trước"),
    ("-due", "Hạn xa nhất trước"),
    ("received", "Tiếp nhận cũ nhất trước"),
    ("-received", "Tiếp nhận mới nhất trước"),
    ("code", "Mã hồ sơ"),
    ("applicant", "Tên chủ hồ sơ"),
)


class DossierFilterForm(QueryForm):
    """What narrows the list down; the address keeps it."""

    q = LineField("Tìm", longest=100)
    bucket = ChoiceField("Nhóm", choices=BUCKETS, coerce=lambda value: value or None)
    state = ChoiceField(
        "Trạng thái", choices=words(DossierState, "Mọi trạng thái"), coerce=member(DossierState)
    )
    sector_id = ChoiceField("Lĩnh vực", choices=[("", "Mọi lĩnh vực")], coerce=number)
    procedure_id = ChoiceField("Thủ tục", choices=[("", "Mọi thủ tục")], coerce=number)
    channel = ChoiceField("Kênh", choices=words(Channel, "Mọi kênh"), coerce=member(Channel))
    officer_id = ChoiceField("Người xử lý", choices=[("", "Mọi người")], coerce=number)
    received_from = DateField("Tiếp nhận từ ngày", "ngày tiếp nhận đầu")
    received_to = DateField("đến ngày", "ngày tiếp nhận cuối")
    due_from = DateField("Hạn từ ngày", "hạn đầu")
    due_to = DateField("đến ngày", "hạn cuối")
    sort = ChoiceField("Sắp xếp", choices=SORTS, coerce=lambda value: value or "due", default="due")


class DeedForm(VietnameseForm):
    """What every action on a dossier carries: the version that the person saw, and when it happened."""

    version = HiddenField()
    occurred_at = MomentField("Thời điểm xảy ra", "thời điểm xảy ra")

    def seen_version(self) -> int:
        """The version on the page; an unreadable one is none that can be in force."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def arguments(self) -> dict[str, Any]:
        """What the service takes, by name."""
        skipped = {"csrf_token", "version", "occurred_at"}
        return {name: field.data for name, field in self._fields.items() if name not in skipped}


class AssignForm(DeedForm):
    """To whom."""

    officer_id = ChoiceField(
        "Giao cho", [needed("Chọn người xử lý.")], choices=[("", "Chọn người xử lý")], coerce=number
    )
    note = LineField("Ghi chú")


class NoteForm(DeedForm):
    """Nothing more to say than, perhaps, a note."""

    note = LineField("Ghi chú")


class RequestSupplementForm(DeedForm):
    """What is missing and why; the mode of counting may differ from the procedure's."""

    missing = ParagraphField("Giấy tờ, nội dung cần bổ sung", "Ghi giấy tờ, nội dung cần bổ sung.")
    reason = ParagraphField("Lý do", "Ghi lý do yêu cầu bổ sung.")
    mode = ChoiceField(
        "Cách tính hạn sau khi bổ sung",
        choices=words(SupplementMode, "Theo thủ tục"),
        coerce=member(SupplementMode),
    )


class PauseForm(DeedForm):
    """A pause needs a legal basis."""

    reason = ParagraphField("Lý do tạm dừng", "Ghi lý do tạm dừng.")
    legal_basis = LineField("Căn cứ pháp lý", "Ghi căn cứ pháp lý của việc tạm dừng.")


class ResolveForm(DeedForm):
    """Granted or refused; refused may mean that the dossier goes back with form 03."""

    outcome = ChoiceField(
        "Kết quả giải quyết",
        [needed("Chọn kết quả giải quyết.")],
        choices=words(Outcome),
        coerce=member(Outcome),
        default=Outcome.GRANTED,
    )
    returned = BooleanField("Trả lại hồ sơ (mẫu số 03)")
    reason = ParagraphField("Lý do (khi từ chối hoặc trả lại)")
    note = LineField("Ghi chú")


class HandOverForm(DeedForm):
    """Who took the result."""

    recipient = LineField("Người nhận kết quả", "Ghi tên người nhận kết quả.")
    note = LineField("Ghi chú")


class ReasonForm(DeedForm):
    """A final step needs its reason, in the same place."""

    reason = ParagraphField("Lý do", "Ghi lý do.")


FORMS: dict[EventKind, type[DeedForm]] = {
    EventKind.ASSIGN: AssignForm,
    EventKind.START: NoteForm,
    EventKind.REQUEST_SUPPLEMENT: RequestSupplementForm,
    EventKind.RECEIVE_SUPPLEMENT: NoteForm,
    EventKind.REQUEST_PAYMENT: NoteForm,
    EventKind.RECEIVE_PAYMENT: NoteForm,
    EventKind.PAUSE: PauseForm,
    EventKind.RESUME: NoteForm,
    EventKind.RESOLVE: ResolveForm,
    EventKind.HAND_OVER: HandOverForm,
    EventKind.WITHDRAW: ReasonForm,
    EventKind.STOP: ReasonForm,
    EventKind.REOPEN: ReasonForm,
}
