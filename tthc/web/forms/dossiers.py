"""The filter of the dossier list, and one small form for each thing that can be done to a dossier."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any, Self

from wtforms import BooleanField, HiddenField

from tthc.domain.vocabulary import OFFICE_ZONE, Channel, DossierState, EventKind, Outcome, SupplementMode
from tthc.services import worklists
from tthc.services.consultations import MOST_DAYS
from tthc.services.dossier_views import DossierView
from tthc.services.views import Choice
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    DateField,
    LineField,
    MomentField,
    OfferingForm,
    ParagraphField,
    QueryForm,
    Unsent,
    member,
    needed,
    number,
    options,
    words,
)

BUCKETS = (("", "Tất cả"), *worklists.BUCKETS.items())

SORTS = (
    ("", "Mặc định"),
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
    due_from = DateField("Hạn từ ngày", "hạn từ ngày")
    due_to = DateField("đến ngày", "hạn đến ngày")
    mine = BooleanField("Chỉ việc của tôi")
    sort = ChoiceField("Sắp xếp", choices=SORTS, coerce=lambda value: value or None)


class SeenForm(OfferingForm):
    """A form about a dossier as somebody saw it."""

    version = HiddenField()

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:  # noqa: ARG003 - others look at it
        """What :meth:`offer` takes for a dossier."""
        return None

    @classmethod
    def unsent(cls, view: DossierView, name: str) -> Unsent:
        """The form as the page of a dossier offers it; ids carry the name, as several stand on one page."""
        return Unsent(cls, f"{name}-", cls.on_offer(view))

    @classmethod
    def sent(cls, view: DossierView, name: str) -> Self:
        """The form as it was sent."""
        form = cls(prefix=f"{name}-")
        form.offer(cls.on_offer(view))
        return form

    def arguments(self) -> dict[str, Any]:
        """What the service takes, by name."""
        skipped = {"csrf_token", "version", "occurred_at"}
        return {name: field.data for name, field in self._fields.items() if name not in skipped}

    def seen_version(self) -> int:
        """The version on the page; an unreadable one is none that can be in force."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class DeedForm(SeenForm):
    """What every action on a dossier carries: the version that the person saw, and when it happened."""

    occurred_at = MomentField("Thời điểm xảy ra", "thời điểm xảy ra")


class AssignForm(DeedForm):
    """To whom."""

    officer_id = ChoiceField(
        "Giao cho", [needed("Chọn người xử lý.")], choices=[("", "Chọn người xử lý")], coerce=number
    )
    note = LineField("Ghi chú")

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """Those who may have it, and who has it."""
        return tuple(view.officers), view.officer_id

    def offer(self, offered: tuple[Sequence[Choice], int | None]) -> None:
        """Whoever has it is chosen."""
        officers, holder = offered
        self.officer_id.choices = options(officers, "Chọn người xử lý")
        if self.officer_id.raw_data is None:
            self.officer_id.data = holder


class NoteForm(DeedForm):
    """Nothing more to say than, perhaps, a note."""

    note = LineField("Ghi chú")


class RequestSupplementForm(DeedForm):
    """What is missing and why; the mode of counting may differ from the procedure's."""

    missing = ParagraphField(
        "Giấy tờ, nội dung cần bổ sung",
        "Ghi giấy tờ, nội dung cần bổ sung.",
        description="Mỗi dòng một mục; in trên phiếu yêu cầu bổ sung (mẫu số 02).",
    )
    reason = ParagraphField(
        "Lý do", "Ghi lý do yêu cầu bổ sung.", description="In trên phiếu yêu cầu bổ sung."
    )
    mode = ChoiceField(
        "Cách tính hạn sau khi bổ sung",
        choices=words(SupplementMode, "Theo thủ tục"),
        coerce=member(SupplementMode),
    )
    #: Only asked for where a request was made before.
    again = BooleanField("Vẫn yêu cầu bổ sung lần nữa")

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """Whether a request was made before."""
        return view.supplement_asked

    def offer(self, offered: bool) -> None:
        """The first request needs no second thought."""
        if not offered:
            del self.again


class PauseForm(DeedForm):
    """A pause needs a legal basis."""

    reason = ParagraphField("Lý do tạm dừng", "Ghi lý do tạm dừng.")
    legal_basis = LineField(
        "Căn cứ pháp lý",
        "Ghi căn cứ pháp lý của việc tạm dừng.",
        description="Điều, khoản, văn bản cho phép tạm dừng tính thời hạn.",
    )


class ConsultForm(DeedForm):
    """Whom to ask, what, and until when; where other agencies share the limit, perhaps to hand it on."""

    segment_no = ChoiceField(
        "Chuyển giải quyết theo thời hạn",
        choices=[("", "Không, chỉ lấy ý kiến")],
        coerce=number,
    )
    agency = LineField("Cơ quan được lấy ý kiến")
    question = ParagraphField("Nội dung lấy ý kiến", "Ghi nội dung lấy ý kiến.")
    working_days = CountField("Trả lời trong (ngày làm việc)", least=1, most=MOST_DAYS)
    due_on = DateField("Hoặc hạn trả lời là ngày", "hạn trả lời")

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """The parts of the limit at other agencies."""
        return tuple(
            (f"{one.no}", f"Đoạn {one.no}: {one.agency}, {one.label}")
            for one in view.segments
            if one.elsewhere
        )

    def offer(self, offered: Sequence[tuple[str, str]]) -> None:
        """Without any such part there is nothing to hand on."""
        if not offered:
            del self.segment_no
            return
        self.segment_no.choices = (*self.segment_no.choices, *offered)
        self.agency.description = "Bỏ trống khi chuyển giải quyết theo đoạn."
        self.working_days.description = "Bỏ trống cả hai khi chuyển theo đoạn: hạn là thời gian của đoạn."


class OpinionForm(DeedForm):
    """Who answered, and what."""

    consultation_id = ChoiceField(
        "Trả lời của",
        [needed("Chọn văn bản lấy ý kiến được trả lời.")],
        choices=[],
        coerce=number,
    )
    answer = ParagraphField(
        "Nội dung trả lời",
        "Ghi nội dung, số và ngày văn bản trả lời.",
        description="Kèm số và ngày của văn bản trả lời.",
    )

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """The questions that have no answer yet."""
        return tuple(
            (f"{one.id}", f"{one.agency}, gửi {one.sent_at.astimezone(OFFICE_ZONE):%d/%m/%Y}")
            for one in view.consultations
            if one.open
        )

    def offer(self, offered: Sequence[tuple[str, str]]) -> None:
        """The only one is chosen."""
        several = len(offered) > 1
        self.consultation_id.choices = [*([("", "Chọn cơ quan")] if several else []), *offered]
        if offered and not several and not self.consultation_id.raw_data:
            self.consultation_id.data = int(offered[0][0])


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
    reason = ParagraphField(
        "Lý do (khi từ chối hoặc trả lại)", description="In trong thông báo gửi người nộp."
    )
    note = LineField("Ghi chú")


class ReasonForm(DeedForm):
    """A final step needs its reason, in the same place."""

    reason = ParagraphField("Lý do", "Ghi lý do.", description="Ghi vào lịch sử hồ sơ.")


class ProposeExtensionForm(DeedForm):
    """Until when and why; the last field stands only on a dossier that was extended before."""

    new_due_on = DateField("Ngày hẹn mới", "ngày hẹn mới", need=True)
    reason = ParagraphField(
        "Lý do đề nghị gia hạn",
        "Ghi lý do đề nghị gia hạn; lý do được in trong văn bản xin lỗi.",
        description="In trong văn bản xin lỗi và hẹn lại ngày trả kết quả.",
    )
    override_reason = ParagraphField(
        "Lý do đặc biệt để gia hạn thêm lần nữa", "Ghi lý do đặc biệt để gia hạn thêm lần nữa."
    )

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """Until when it is promised, and whether it was extended before."""
        return view.appointment_on, bool(view.extended)

    def offer(self, offered: tuple[date, bool]) -> None:
        """Only a second extension, which the law does not provide, needs a reason beside its reason."""
        told_on, extended = offered
        self.new_due_on.description = f"Một ngày làm việc sau ngày {told_on:%d/%m/%Y} đang hẹn."
        if not extended:
            del self.override_reason


FORMS: dict[EventKind, type[DeedForm]] = {
    EventKind.ASSIGN: AssignForm,
    EventKind.START: NoteForm,
    EventKind.REQUEST_SUPPLEMENT: RequestSupplementForm,
    EventKind.RECEIVE_SUPPLEMENT: NoteForm,
    EventKind.REQUEST_PAYMENT: NoteForm,
    EventKind.RECEIVE_PAYMENT: NoteForm,
    EventKind.PAUSE: PauseForm,
    EventKind.CONSULT: ConsultForm,
    EventKind.RECEIVE_OPINION: OpinionForm,
    EventKind.RESUME: NoteForm,
    EventKind.RESOLVE: ResolveForm,
    EventKind.PROPOSE_EXTENSION: ProposeExtensionForm,
    EventKind.EXTEND: NoteForm,
    EventKind.REFUSE_EXTENSION: ReasonForm,
    EventKind.WITHDRAW: ReasonForm,
    EventKind.STOP: ReasonForm,
    EventKind.REOPEN: ReasonForm,
}
