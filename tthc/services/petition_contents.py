"""What may be on record of a petition: the content as somebody types it, put in order or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tthc.db.models import Procedure
from tthc.domain.calendar import CalendarNotCovered, WorkingCalendar, day_after, office_time
from tthc.domain.petitions import complaint_word
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, PetitionKind, PetitionState
from tthc.services import calendar
from tthc.services.applicants import ApplicantInput
from tthc.services.dossiers import needed_text

_LONGEST = 300
_TOO_LONG = f"Viết ngắn hơn: tối đa {_LONGEST} ký tự."
#: What a state leaves no room for.
_EMPTY: Mapping[PetitionState, tuple[str, tuple[str, ...]]] = {
    PetitionState.PENDING: (
        "Phản ánh, kiến nghị đang xử lý tại đơn vị thì bỏ trống ô này.",
        ("transferred_to", "ended_on", "answer", "published_on", "published_in"),
    ),
    PetitionState.ANSWERED: ("Phản ánh, kiến nghị đã trả lời thì bỏ trống ô này.", ("transferred_to",)),
    PetitionState.TRANSFERRED: (
        "Phản ánh, kiến nghị đã chuyển cơ quan khác thì bỏ trống ô này.",
        ("answer", "published_on", "published_in"),
    ),
}
#: What the day is called on which a petition ended.
ENDS: Mapping[PetitionState, str] = {
    PetitionState.ANSWERED: "Ngày trả lời",
    PetitionState.TRANSFERRED: "Ngày chuyển",
}


@dataclass(frozen=True)
class PetitionContent:
    """A petition as it is typed: who (``None``: nobody is named), about what, and what came of it.

    A pending one has neither end nor answer; one that was handed on has no answer and may have no due date.
    """

    kind: PetitionKind
    subject: str
    applicant: ApplicantInput | None
    received_at: datetime
    procedure_id: int | None = None
    state: PetitionState = PetitionState.PENDING
    due_on: date | None = None
    legal_basis: str = ""
    ended_on: date | None = None
    answer: str = ""
    transferred_to: str = ""
    published_on: date | None = None
    published_in: str = ""

    @property
    def received_on(self) -> date:
        """The office's date of the receipt."""
        return office_time(self.received_at).date()


def subject_text(text: str) -> str:
    """What the petition says."""
    return needed_text(text, "subject", "Nhập nội dung phản ánh, kiến nghị.")


def answer_text(text: str) -> str:
    """What was answered."""
    return needed_text(text, "answer", "Nhập nội dung trả lời, số và ngày văn bản trả lời.")


def receiving_body(name: str) -> str:
    """To whom a petition was handed on."""
    body = squeeze(name)
    if not body:
        raise DomainError("Nhập cơ quan nhận phản ánh, kiến nghị được chuyển đến.", "transferred_to")
    if len(body) > _LONGEST:
        raise DomainError(_TOO_LONG, "transferred_to")
    return body


def ending_day(on: date | None, state: PetitionState, *, received_on: date, today: date) -> date:
    """The day on which a petition was answered or handed on: none before its receipt, none to come."""
    what = ENDS[state]
    if on is None:
        raise DomainError(f"Nhập {what.lower()}.", "ended_on")
    if on > today:
        raise DomainError(f"{what} không được sau hôm nay.", "ended_on")
    if on < received_on:
        raise DomainError(f"{what} phải từ ngày tiếp nhận ({received_on:%d/%m/%Y}) trở đi.", "ended_on")
    return on


def publication(
    on: date | None, place: str, *, ended_on: date | None, today: date
) -> tuple[date | None, str]:
    """When and where an answer was published: both or neither, and not before the answer."""
    where = squeeze(place)
    if on is None and not where:
        return None, ""
    if on is None:
        raise DomainError("Nhập ngày đăng tải, hoặc bỏ trống cả nơi đăng tải.", "published_on")
    if not where:
        raise DomainError("Nhập nơi đăng tải, ví dụ địa chỉ trang thông tin điện tử.", "published_in")
    if len(where) > _LONGEST:
        raise DomainError(_TOO_LONG, "published_in")
    if ended_on is None or on < ended_on:
        raise DomainError("Ngày đăng tải phải từ ngày trả lời trở đi.", "published_on")
    if on > today:
        raise DomainError("Ngày đăng tải không được sau hôm nay.", "published_on")
    return on, where


def settled(
    session: Session, content: PetitionContent, *, now: datetime, not_complaint: bool
) -> PetitionContent:
    """The content in order; refuses what cannot be, from the top of the form to its end.

    A text that looks like a complaint or a denunciation is refused unless ``not_complaint``.
    """
    today = office_time(now).date()
    subject = subject_text(content.subject)
    word = complaint_word(subject)
    if word and not not_complaint:
        raise DomainError(
            f"Nội dung có chữ “{word}”. Khiếu nại, tố cáo được giải quyết theo Luật Khiếu nại, Luật Tố cáo, "
            "không ghi vào sổ này; chuyển đơn đến bộ phận tiếp công dân. Nếu đây đúng là phản ánh, kiến nghị "
            "thì đánh dấu ô này rồi ghi lại.",
            "not_complaint",
        )
    if content.applicant is not None and not squeeze(content.applicant.name):
        raise DomainError(
            "Nhập tên cá nhân, tổ chức phản ánh, kiến nghị, hoặc chọn “Không nêu tên”.", "applicant_name"
        )
    if content.procedure_id is not None and session.get(Procedure, content.procedure_id) is None:
        raise DomainError("Chọn thủ tục có trong danh mục.", "procedure_id")
    if content.received_at > now:
        raise DomainError("Thời điểm tiếp nhận không được sau hiện tại.", "received_at")
    sentence, empty = _EMPTY[content.state]
    for name in empty:
        if getattr(content, name):
            raise DomainError(sentence, name)
    kept = replace(content, subject=subject, legal_basis=squeeze(content.legal_basis))
    if kept.state is PetitionState.PENDING:
        return kept
    if kept.state is PetitionState.ANSWERED:
        kept = replace(kept, answer=answer_text(kept.answer))
    else:
        kept = replace(kept, transferred_to=receiving_body(kept.transferred_to))
    ended_on = ending_day(kept.ended_on, kept.state, received_on=kept.received_on, today=today)
    on, where = publication(kept.published_on, kept.published_in, ended_on=ended_on, today=today)
    return replace(kept, published_on=on, published_in=where)


def due_moment(session: Session, unit_id: int, content: PetitionContent) -> datetime | None:
    """The end of the day by which an answer is due, as its legal basis has it.

    Refuses a day off: a limit that ends on one goes on to the next working day (Civil Code 148).
    """
    due_on = content.due_on
    if due_on is None:
        if content.legal_basis:
            raise DomainError("Nhập hạn xử lý theo căn cứ đã ghi, hoặc bỏ trống cả hai ô.", "due_on")
        if content.state is PetitionState.TRANSFERRED:
            return None
        raise DomainError("Nhập hạn xử lý.", "due_on")
    if not content.legal_basis:
        raise DomainError("Nhập căn cứ xác định hạn xử lý: văn bản, điều khoản.", "legal_basis")
    if len(content.legal_basis) > _LONGEST:
        raise DomainError(_TOO_LONG, "legal_basis")
    if due_on < content.received_on:
        raise DomainError(
            f"Hạn xử lý phải từ ngày tiếp nhận ({content.received_on:%d/%m/%Y}) trở đi.", "due_on"
        )
    working = calendar.load_rules(session, unit_id, content.received_on).calendar
    _require_working_day(working, due_on)
    return datetime.combine(due_on, working.hours.closes, OFFICE_ZONE)


def _require_working_day(working: WorkingCalendar, due_on: date) -> None:
    try:
        if working.is_working_day(due_on):
            return
        following = working.next_working_day(day_after(due_on))
    except CalendarNotCovered as refusal:
        raise DomainError(refusal.message, "due_on") from None
    raise DomainError(
        f"Ngày {due_on:%d/%m/%Y} không phải ngày làm việc ({working.day_note(due_on)}); thời hạn kết thúc "
        f"vào ngày nghỉ thì kéo đến ngày làm việc tiếp theo: {following:%d/%m/%Y}.",
        "due_on",
    )
