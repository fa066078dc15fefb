"""Handing a result over: who takes it, what he shows, what he gives back, and how long results wait.

These are the office's own rules: whoever comes for a result shows who he is and brings the receipt back, an
authorised person shows the paper that authorises him, a lost receipt is declared in writing, what goes by
post has a number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tthc.domain.calendar import WorkingCalendar
from tthc.domain.refusals import refuse_all
from tthc.domain.supplements import unanswered_since
from tthc.domain.text import fold, nfc, squeeze
from tthc.domain.vocabulary import Channel, DomainError, LabelledEnum

#: Applicants are reminded so many times at most: after the set number of working days, after twice, thrice.
STAGES = 3

_TRACKING = re.compile(r"[A-Z0-9][A-Z0-9./-]{5,39}")


class Receiver(LabelledEnum):
    """Who takes a result."""

    APPLICANT = "applicant", "Chủ hồ sơ hoặc người nộp hồ sơ"
    AUTHORISED = "authorised", "Người được ủy quyền"


class Authorisation(LabelledEnum):
    """By what paper somebody takes a result for another."""

    POWER = "power", "Giấy ủy quyền"
    INTRODUCTION = "introduction", "Giấy giới thiệu"
    CONTRACT = "contract", "Hợp đồng ủy quyền"
    OTHER = "other", "Giấy tờ khác"


class ReceiptReturn(LabelledEnum):
    """What became of the receipt that was given out at intake."""

    TAKEN_BACK = "taken_back", "Đã thu lại"
    LOST = "lost", "Người nhận khai bị mất"
    NONE = "none", "Không có giấy để thu lại"


class ReminderWay(LabelledEnum):
    """How an applicant was reminded to come for a result."""

    PHONE = "phone", "Điện thoại"
    MAIL = "mail", "Thư điện tử"
    OTHER = "other", "Cách khác"


class ComeBackReason(LabelledEnum):
    """Why an item could not be delivered and was sent back (Postal Law 49/2010/QH12 art. 17.1, 17.2)."""

    ABSENT = "absent", "Người nhận vắng mặt, không đến nhận"
    WRONG_ADDRESS = "wrong_address", "Địa chỉ sai hoặc không đầy đủ"
    MOVED = "moved", "Người nhận đã chuyển địa chỉ"
    NOT_FOUND = "not_found", "Không tìm được người nhận tại địa chỉ"
    REFUSED = "refused", "Người nhận từ chối nhận"
    OTHER = "other", "Lý do khác"


@dataclass(frozen=True)
class Delivery:
    """How results are handed over, as it was typed; ``tracking`` by the code of the dossier.

    ``tracking_no`` is the number of the item for every dossier that has none of its own.
    """

    way: Channel = Channel.COUNTER
    receiver: Receiver = Receiver.APPLICANT
    name: str = ""
    id_number: str = ""
    identity_checked: bool = False
    paper_kind: Authorisation | None = None
    paper_no: str = ""
    paper_on: date | None = None
    receipt: ReceiptReturn | None = None
    loss_on: date | None = None
    carrier: str = ""
    tracking_no: str = ""
    tracking: Mapping[str, str] = field(default_factory=dict)
    fee_reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class ComeBack:
    """Why an item came back, as it was typed."""

    reason: ComeBackReason
    note: str = ""


def came_back(told: ComeBack, way: Channel | None) -> ComeBack:
    """The same in clean text; refused for a result that did not go by post.

    ``way``: how it was handed over as it reads now; ``None``: nobody noted how.
    """
    if way is not Channel.POST:
        how = f"được trả {way.label.lower()}" if way else "không được ghi là gửi bưu chính"
        raise DomainError(
            f"Kết quả {how} nên không có bưu gửi nào chuyển hoàn; nếu ghi nhầm cách trả thì đính chính việc "
            "trả kết quả trước."
        )
    clean = replace(told, note=_line(told.note, "note", 500))
    if clean.reason is ComeBackReason.OTHER and not clean.note:
        raise DomainError("Ghi lý do bưu gửi chuyển hoàn.", "note")
    return clean


def settled(
    told: Delivery,
    *,
    on: date,
    printed: bool,
    unpaid: bool,
    owners: Collection[str] = (),
    firms: Collection[str] = (),
) -> Delivery:
    """What counts of ``told`` for its way, in clean text; refuses all at once what is missing or cannot be.

    ``on`` is the day of handing over, ``printed``: a receipt was printed here, ``unpaid``: fees are left,
    ``owners``: the names of the applicants, ``firms`` those that are no people. What belongs to another way
    is dropped: a result sent by post has nobody at the counter, and goes to its applicant unless somebody
    else is named.
    """
    clean = replace(
        told,
        name=_line(told.name, "name", 300),
        id_number=_line(told.id_number, "id_number", 32).upper(),
        paper_no=_line(told.paper_no, "paper_no", 64),
        carrier=_line(told.carrier, "carrier", 100),
        tracking_no=tracking_of(told.tracking_no),
        tracking={code: tracking_of(number) for code, number in told.tracking.items() if number.strip()},
        fee_reason=_line(told.fee_reason, "fee_reason", 500) if unpaid else "",
        note=nfc(told.note).strip(),
    )
    counter, post = clean.way is Channel.COUNTER, clean.way is Channel.POST
    asked = [
        (not clean.name and not post, "Ghi họ tên người nhận kết quả.", "name"),
        *(_of_counter(clean, on, printed, owners, firms) if counter else ()),
        (post and not clean.carrier, "Ghi đơn vị nhận chuyển, ví dụ bưu điện.", "carrier"),
        (
            unpaid and not clean.fee_reason,
            "Còn phí, lệ phí chưa thu; thu đủ trước, hoặc ghi lý do vẫn trả kết quả.",
            "fee_reason",
        ),
    ]
    refuse_all(DomainError(message, name) for wrong, message, name in asked if wrong)
    if counter:
        clean = replace(clean, carrier="", tracking_no="", tracking={})
        if clean.receiver is not Receiver.AUTHORISED:
            clean = replace(clean, paper_kind=None, paper_no="", paper_on=None)
        return clean if clean.receipt is ReceiptReturn.LOST else replace(clean, loss_on=None)
    away = replace(
        clean,
        receiver=Receiver.APPLICANT,
        id_number="",
        identity_checked=False,
        paper_kind=None,
        paper_no="",
        paper_on=None,
        receipt=ReceiptReturn.NONE,
        loss_on=None,
    )
    return away if post else replace(away, carrier="", tracking_no="", tracking={})


def _of_counter(
    told: Delivery, on: date, printed: bool, owners: Collection[str], firms: Collection[str]
) -> list[tuple[bool, str, str]]:
    """What is asked of whoever stands at the counter: whether it is wrong, in which words, at which field."""
    another = told.receiver is Receiver.AUTHORISED
    named, lost = another and told.name in owners, told.receipt is ReceiptReturn.LOST
    return [
        (named, "Ghi họ tên người được ủy quyền, không phải chủ hồ sơ.", "name"),
        (
            not named and fold(told.name) in {fold(firm) for firm in firms},
            "Ghi họ tên người đại diện đến nhận, không phải tên tổ chức.",
            "name",
        ),
        (another and not told.id_number, "Ghi số căn cước, hộ chiếu của người được ủy quyền.", "id_number"),
        (another and told.paper_kind is None, "Chọn loại giấy tờ ủy quyền.", "paper_kind"),
        (
            another and not told.paper_no,
            "Ghi số của giấy tờ ủy quyền; giấy không có số thì ghi “không số”.",
            "paper_no",
        ),
        (
            another and (told.paper_on is None or told.paper_on > on),
            "Nhập ngày của giấy tờ ủy quyền, không sau ngày trả kết quả.",
            "paper_on",
        ),
        (
            not told.identity_checked,
            "Đối chiếu giấy tờ tùy thân của người nhận rồi đánh dấu ô này.",
            "identity_checked",
        ),
        (told.receipt is None, "Chọn tình trạng giấy tiếp nhận và hẹn trả.", "receipt"),
        (
            told.receipt is ReceiptReturn.NONE and printed,
            "Giấy tiếp nhận đã được in cho hồ sơ này: thu lại giấy, hoặc ghi nhận giấy bị mất.",
            "receipt",
        ),
        (
            lost and (told.loss_on is None or told.loss_on > on),
            "Nhập ngày của văn bản khai mất giấy, không sau ngày trả kết quả.",
            "loss_on",
        ),
    ]


def tracking_of(text: str) -> str:
    """The number of a postal item as it is kept: "ra 123 456 789 vn" is RA123456789VN; empty for nothing."""
    number = "".join(text.split()).upper()
    if number and not (number.isascii() and _TRACKING.fullmatch(number)):
        raise DomainError("Số bưu gửi có từ 6 đến 40 chữ cái không dấu và chữ số.", "tracking_no")
    return number


def _line(text: str, name: str, longest: int) -> str:
    line = squeeze(text)
    if len(line) > longest:
        raise DomainError(f"Viết ngắn hơn: tối đa {longest} ký tự.", name)
    return line


def stage_ends(on: date, calendar: WorkingCalendar, days: int) -> list[date]:
    """The last days on which a result became ready that waits on a day for stage 1, 2 and 3; [] for 0 days.

    Seen on Fri 14/06/2024 with 2 days: ready by Wed 12/06, Mon 10/06, Thu 06/06.
    """
    if not days:
        return []
    return [
        date.fromordinal(unanswered_since(on, calendar, stage * days - 1).toordinal() - 1)
        for stage in range(1, STAGES + 1)
    ]


def stage_of(ended_on: date, ends: Sequence[date]) -> int:
    """How often the applicant should have been reminded of a result of a day, by :func:`stage_ends`.

    Ready on Mon 10/06/2024 and seen on Fri 14/06 with 2 days: four working days, so twice.
    """
    return sum(ended_on <= last for last in ends)
