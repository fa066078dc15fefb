"""Handing results over: who takes them and on which papers; and reminders to come for one."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField

from tthc.domain.hand_overs import (
    Authorisation,
    ComeBack,
    ComeBackReason,
    Delivery,
    ReceiptReturn,
    Receiver,
    ReminderWay,
)
from tthc.domain.vocabulary import Channel
from tthc.web.forms.base import (
    ChoiceField,
    DateField,
    LineField,
    MomentField,
    QueryForm,
    member,
    needed,
    words,
)
from tthc.web.forms.dossiers import SeenForm

#: Before the code of a dossier: the number of the item in which its result goes.
TRACKING = "tracking-"


class UncollectedForm(QueryForm):
    """What narrows the list of results that wait down."""

    q = LineField("Tìm kết quả chờ trả", longest=200)
    only_due = BooleanField("Chỉ kết quả cần nhắc")


class DeliveryForm(SeenForm):
    """How results are handed over; which fields count is decided by the way."""

    way = ChoiceField(
        "Cách trả kết quả",
        [needed("Chọn cách trả kết quả.")],
        choices=words(Channel),
        coerce=member(Channel),
        default=Channel.COUNTER,
    )
    receiver = ChoiceField(
        "Ai nhận", choices=words(Receiver), coerce=member(Receiver), default=Receiver.APPLICANT
    )
    name = LineField("Họ tên người nhận")
    id_number = LineField("Số căn cước, hộ chiếu", longest=32, render_kw={"autocomplete": "off", "size": 20})
    identity_checked = BooleanField("Đã đối chiếu giấy tờ tùy thân của người nhận")
    paper_kind = ChoiceField(
        "Giấy tờ ủy quyền", choices=words(Authorisation, "Chọn loại giấy tờ"), coerce=member(Authorisation)
    )
    paper_no = LineField("Số giấy tờ ủy quyền", longest=64, render_kw={"size": 20})
    paper_on = DateField("Ngày của giấy tờ ủy quyền", "ngày của giấy tờ ủy quyền")
    receipt = ChoiceField(
        "Tình trạng giấy",
        choices=words(ReceiptReturn),
        coerce=member(ReceiptReturn),
        default=ReceiptReturn.TAKEN_BACK,
    )
    loss_on = DateField("Ngày của văn bản khai mất giấy", "ngày của văn bản khai mất giấy")
    carrier = LineField("Đơn vị nhận chuyển", longest=100)
    tracking_no = LineField("Số bưu gửi", longest=40, render_kw={"autocomplete": "off", "size": 20})
    fee_reason = LineField("Lý do vẫn trả khi chưa thu đủ", longest=500)
    note = LineField("Ghi chú", longest=500)

    def delivery(self, tracking: Mapping[str, str] | None = None) -> Delivery:
        """What was typed; ``tracking`` by the code of the dossier."""
        return Delivery(
            way=self.way.data,
            receiver=self.receiver.data or Receiver.APPLICANT,
            name=self.name.data or "",
            id_number=self.id_number.data or "",
            identity_checked=bool(self.identity_checked.data),
            paper_kind=self.paper_kind.data,
            paper_no=self.paper_no.data or "",
            paper_on=self.paper_on.data,
            receipt=self.receipt.data,
            loss_on=self.loss_on.data,
            carrier=self.carrier.data or "",
            tracking_no=self.tracking_no.data or "",
            tracking=tracking or {},
            fee_reason=self.fee_reason.data or "",
            note=self.note.data or "",
        )


class HandOverForm(DeliveryForm):
    """A result, or several, is handed over."""

    occurred_at = MomentField("Thời điểm trả hoặc gửi", "thời điểm trả hoặc gửi")


class CorrectHandOverForm(DeliveryForm):
    """A further entry in the place of a wrong one; ``version`` is the entry that was seen."""

    reason = LineField("Lý do đính chính", "Ghi lý do đính chính.")


class ComeBackForm(SeenForm):
    """The post brought an item back."""

    reason = ChoiceField(
        "Lý do chuyển hoàn",
        [needed("Chọn lý do chuyển hoàn.")],
        choices=words(ComeBackReason, "Chọn lý do"),
        coerce=member(ComeBackReason),
    )
    note = LineField("Ghi chú", longest=500)
    occurred_at = MomentField("Thời điểm nhận lại bưu gửi", "thời điểm nhận lại bưu gửi")

    def told(self) -> ComeBack:
        """What was typed."""
        return ComeBack(self.reason.data, self.note.data or "")


class RemindForm(SeenForm):
    """An applicant was reminded; ``version`` is the newest reminder that was seen."""

    way = ChoiceField(
        "Cách nhắc",
        [needed("Chọn cách nhắc.")],
        choices=words(ReminderWay),
        coerce=member(ReminderWay),
        default=ReminderWay.PHONE,
    )
    note = LineField("Ghi chú, người nghe máy, hẹn đến nhận", longest=500)
