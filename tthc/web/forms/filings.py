"""Accepting or refusing a filing."""

from __future__ import annotations

from wtforms import BooleanField

from tthc.domain.vocabulary import FilingState
from tthc.web.forms.base import ChoiceField, ParagraphField, QueryForm, VietnameseForm, member, number, words


class FilingFilterForm(QueryForm):
    """Which filings to list."""

    state = ChoiceField(
        "Trạng thái",
        choices=words(FilingState, "Tất cả"),
        coerce=member(FilingState),
        default=FilingState.WAITING,
    )


class AcceptForm(VietnameseForm):
    """The case, and the confirmations of an unverified limit and of papers that did not come with it."""

    case_id = ChoiceField("Trường hợp", choices=[("", "Tự chọn theo kênh tiếp nhận")], coerce=number)
    confirm_unverified = BooleanField("Đã đối chiếu quyết định công bố TTHC, đồng ý dùng thời hạn này")
    confirm_missing = BooleanField("Đã kiểm tra giấy tờ còn thiếu khi nộp, tiếp nhận hồ sơ")


class RefuseForm(VietnameseForm):
    """A refusal is told to the applicant, so it needs its reason."""

    reason = ParagraphField("Lý do không tiếp nhận", "Ghi lý do không tiếp nhận.")


class SupplementForm(VietnameseForm):
    """What is missing, told to the applicant before the filing is accepted."""

    missing = ParagraphField("Cần bổ sung, mỗi dòng một mục", "Ghi những giấy tờ, nội dung cần bổ sung.")
    why = ParagraphField("Lý do yêu cầu bổ sung", "Ghi lý do yêu cầu bổ sung.")
