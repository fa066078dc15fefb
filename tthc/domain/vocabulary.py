"""The words of the field: enums with their Vietnamese labels, and the one error that users see."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

#: The office's own time zone; every local date in the program is a date here.
OFFICE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class DomainError(Exception):
    """A refusal in a Vietnamese sentence that says what to do next.

    ``field`` names the input that it belongs to (``None``: the whole request). ``also``: what else stands in
    the way, so that whoever typed mends everything at once.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.also: Sequence[DomainError] = ()


class LabelledEnum(StrEnum):
    """A text enum whose members carry the Vietnamese word that users read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Channel(LabelledEnum):
    """How a dossier came in (kênh tiếp nhận)."""

    COUNTER = "counter", "Trực tiếp"
    ONLINE = "online", "Trực tuyến"
    POST = "post", "Bưu chính công ích"


class LimitUnit(LabelledEnum):
    """The unit in which a limit is counted."""

    WORKING_DAY = "working_day", "ngày làm việc"
    DAY = "day", "ngày"
    MONTH = "month", "tháng"
    HOUR = "hour", "giờ làm việc"


class LimitKind(LabelledEnum):
    """What the law allows, and what the board promises (which may be less, and then counts)."""

    STATUTORY = "statutory", "Theo quy định"
    COMMITTED = "committed", "Cam kết"


class DayKind(LabelledEnum):
    """Why a date of the working calendar differs from its weekday."""

    HOLIDAY = "holiday", "Nghỉ lễ"
    COMPENSATORY = "compensatory", "Nghỉ bù"
    SWAPPED_OFF = "swapped_off", "Nghỉ hoán đổi"
    WORKED_SATURDAY = "worked_saturday", "Làm bù"


class Confidence(LabelledEnum):
    """How sure a calendar row or year is."""

    CONFIRMED = "confirmed", "Đã xác nhận"
    ESTIMATED = "estimated", "Dự kiến"


class DayMark(LabelledEnum):
    """What a date is to the count of a limit."""

    COUNTED = "counted", "ngày được tính"
    OFF = "off", "ngày nghỉ không tính"
    PAUSED = "paused", "ngày tạm dừng tính thời hạn"
    #: Worked and not paused: the start day, the day onto which a last day off rolls.
    UNCOUNTED = "uncounted", "ngày bắt đầu hoặc chuyển tiếp, không tính"


class DueAtMode(LabelledEnum):
    """At which time of its last day a limit in days ends."""

    CLOSING = "closing", "Giờ đóng cửa"
    CLOCK_TIME = "clock_time", "Giờ tiếp nhận"


class DossierState(LabelledEnum):
    """The present state of a dossier."""

    RECEIVED = "received", "Được tiếp nhận"
    PROCESSING = "processing", "Đang xử lý"
    AWAITING_SUPPLEMENT = "awaiting_supplement", "Chờ bổ sung"
    AWAITING_PAYMENT = "awaiting_payment", "Chờ nghĩa vụ tài chính"
    PAUSED = "paused", "Tạm dừng"
    RESOLVED = "resolved", "Đã xử lý xong"
    HANDED_OVER = "handed_over", "Đã trả kết quả"
    WITHDRAWN = "withdrawn", "Đã rút hồ sơ"
    STOPPED = "stopped", "Dừng giải quyết"


#: States in which a dossier is still to be resolved.
PENDING_STATES = frozenset(
    {
        DossierState.RECEIVED,
        DossierState.PROCESSING,
        DossierState.AWAITING_SUPPLEMENT,
        DossierState.AWAITING_PAYMENT,
        DossierState.PAUSED,
    }
)
#: States in which nobody has anything left to do; what is resolved still waits to be collected.
OUT_OF_HAND = frozenset({DossierState.HANDED_OVER, DossierState.WITHDRAWN, DossierState.STOPPED})


class FilingState(LabelledEnum):
    """The state of a filing, which is not or not yet a dossier."""

    WAITING = "waiting", "Chờ tiếp nhận"
    ACCEPTED = "accepted", "Đã tiếp nhận"
    REFUSED = "refused", "Không được tiếp nhận"


class EventKind(LabelledEnum):
    """What can happen to a dossier."""

    RECEIVE = "receive", "Tiếp nhận"
    ASSIGN = "assign", "Phân công"
    START = "start", "Bắt đầu xử lý"
    REQUEST_SUPPLEMENT = "request_supplement", "Yêu cầu bổ sung"
    RECEIVE_SUPPLEMENT = "receive_supplement", "Nhận bổ sung"
    REQUEST_PAYMENT = "request_payment", "Yêu cầu nghĩa vụ tài chính"
    RECEIVE_PAYMENT = "receive_payment", "Đã thực hiện nghĩa vụ tài chính"
    PAUSE = "pause", "Tạm dừng"
    RESUME = "resume", "Tiếp tục"
    RESOLVE = "resolve", "Kết thúc xử lý"
    HAND_OVER = "hand_over", "Trả kết quả"
    COME_BACK = "come_back", "Bưu gửi chuyển hoàn"
    WITHDRAW = "withdraw", "Rút hồ sơ"
    STOP = "stop", "Dừng giải quyết"
    REOPEN = "reopen", "Mở lại"
    SET_APPOINTMENT = "set_appointment", "Ghi ngày hẹn trả từ tệp nhập"
    PROPOSE_EXTENSION = "propose_extension", "Đề xuất gia hạn"
    EXTEND = "extend", "Gia hạn, hẹn lại"
    REFUSE_EXTENSION = "refuse_extension", "Không đồng ý gia hạn"
    CORRECT = "correct", "Đính chính"
    RECALCULATE = "recalculate", "Tính lại ngày hẹn trả theo lịch mới"
    CONSULT = "consult", "Lấy ý kiến"
    RECEIVE_OPINION = "receive_opinion", "Nhận ý kiến"


class EndKind(LabelledEnum):
    """How a dossier ended."""

    RESOLVED = "resolved", "Đã giải quyết"
    WITHDRAWN = "withdrawn", "Rút hồ sơ"
    STOPPED = "stopped", "Dừng giải quyết"


class Outcome(LabelledEnum):
    """What a resolved dossier got."""

    GRANTED = "granted", "Đồng ý giải quyết"
    REFUSED = "refused", "Từ chối giải quyết"


class SupplementMode(LabelledEnum):
    """What a supplement does to the clock."""

    RESTART = "restart", "Tính lại từ đầu"
    PAUSE = "pause", "Không tính thời gian bổ sung"


class Timeliness(LabelledEnum):
    """The class of an ended dossier."""

    EARLY = "early", "Trước hạn"
    ON_TIME = "on_time", "Đúng hạn"
    LATE = "late", "Quá hạn"


class Standing(LabelledEnum):
    """The class of a pending dossier on a day."""

    WITHIN = "within", "Trong hạn"
    OVERDUE = "overdue", "Quá hạn"


class AlertStage(LabelledEnum):
    """The stages of which the supervisor is told."""

    DUE_SOON = "due_soon", "Sắp đến hạn"
    DUE_TODAY = "due_today", "Đến hạn hôm nay"
    OVERDUE = "overdue", "Quá hạn"
    ESCALATED = "escalated", "Quá hạn kéo dài"


class OverdueReason(LabelledEnum):
    """The causes of the overdue annex (a, b, c)."""

    STAFF = "a", "Cơ sở vật chất, biên chế, hạ tầng CNTT"
    REGULATION = "b", "Quy định hành chính"
    OTHER = "c", "Nguyên nhân khác"


class DueCause(LabelledEnum):
    """Why a due date was computed."""

    INTAKE = "intake", "Tiếp nhận"
    SUPPLEMENT = "supplement", "Bổ sung hồ sơ"
    PAUSE = "pause", "Tạm dừng"
    EXTENSION = "extension", "Gia hạn"
    CALENDAR = "calendar", "Thay đổi lịch làm việc"
    CORRECTION = "correction", "Đính chính"
    IMPORT = "import", "Nhập từ tệp"


class SubjectKind(LabelledEnum):
    """What a due date or an alert is about."""

    DOSSIER = "dossier", "Hồ sơ"
    STEP = "step", "Bước xử lý"
    SUPPLEMENT = "supplement", "Yêu cầu bổ sung"
    CONSULTATION = "consultation", "Lấy ý kiến"
    PETITION = "petition", "Phản ánh, kiến nghị"


class MoveKind(LabelledEnum):
    """How a dossier came from one step of the workflow to another, or from one person to another."""

    BEGUN = "begun", "Bắt đầu"
    HANDED_ON = "handed_on", "Chuyển bước tiếp"
    TAKEN_BACK = "taken_back", "Thu hồi"
    SENT_BACK = "sent_back", "Trả bước trước"
    REASSIGNED = "reassigned", "Đổi người xử lý"
    FINISHED = "finished", "Kết thúc"


class TransferKind(LabelledEnum):
    """Which way a list of dossiers goes between the counter and the board."""

    TO_BOARD = "to_board", "Bàn giao hồ sơ"
    TO_COUNTER = "to_counter", "Bàn giao kết quả"


class PetitionKind(LabelledEnum):
    """What a petition (phản ánh, kiến nghị) is about."""

    CONDUCT = "conduct", "Hành vi hành chính"
    REGULATION = "regulation", "Quy định hành chính"


class PetitionHandling(LabelledEnum):
    """Who deals with a petition: the office itself, or another body to which it was handed on."""

    HERE = "here", "Xử lý tại đơn vị"
    TRANSFERRED = "transferred", "Chuyển cơ quan khác"


class PetitionState(LabelledEnum):
    """How far a petition has come."""

    PENDING = "pending", "Đang xử lý"
    ANSWERED = "answered", "Đã trả lời"
    TRANSFERRED = "transferred", "Đã chuyển cơ quan khác"


class TallyEnds(LabelledEnum):
    """Where the official form counts withdrawn and stopped dossiers."""

    FOLDED = "folded", "Gộp vào các cột (8), (9), (10)"
    SEPARATE = "separate", "Tách thành cột (14), (15)"


class CloseState(LabelledEnum):
    """The state of a period's closing."""

    DRAFT = "draft", "Dự thảo"
    CLOSED = "closed", "Đã chốt"
    REOPENED = "reopened", "Đã mở lại"


class TakeOverState(LabelledEnum):
    """How far the take-over of paper figures has come."""

    DRAFT = "draft", "Đang chuẩn bị"
    SUBMITTED = "submitted", "Chờ xác nhận"
    CONFIRMED = "confirmed", "Đã xác nhận"
    UNDONE = "undone", "Đã hủy"


class PeriodCutoff(LabelledEnum):
    """Where a reporting month ends."""

    OFFICIAL = "official", "Ngày 14 hằng tháng (Điều 12 Nghị định 09/2019/NĐ-CP)"
    CALENDAR = "calendar", "Ngày cuối tháng dương lịch"


class TimeUnit(LabelledEnum):
    """By which stretches of time a tally has its lines."""

    DAY = "day", "Ngày"
    WEEK = "week", "Tuần"
    MONTH = "month", "Tháng"
    QUARTER = "quarter", "Quý"
    YEAR = "year", "Năm"


class ReportCutoffs(LabelledEnum):
    """At which cut-offs reports are drawn up."""

    CHAIN = "chain", "Ngày chốt số liệu báo cáo tháng"
    BOTH = "both", "Cả ngày 14 hằng tháng và ngày cuối tháng dương lịch"


class ReportKind(LabelledEnum):
    """How long a report's period is."""

    MONTH = "month", "Báo cáo tháng"
    QUARTER = "quarter", "Báo cáo quý"
    HALF = "half", "Báo cáo 6 tháng"
    NINE_MONTHS = "nine_months", "Báo cáo 9 tháng"
    YEAR = "year", "Báo cáo năm"


class ReportState(LabelledEnum):
    """How far a report has come."""

    DRAFT = "draft", "Dự thảo"
    FINAL = "final", "Đã chốt số liệu"
    SENT = "sent", "Đã gửi"


class ApplicantKind(LabelledEnum):
    """LoaiDoiTuong of the national record."""

    CITIZEN = "citizen", "Công dân"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    STATE_BODY = "state_body", "Cơ quan nhà nước"
    OTHER = "other", "Tổ chức khác"


class OnlineLevel(LabelledEnum):
    """How far a procedure can be done online."""

    FULL = "full", "Toàn trình"
    PARTIAL = "partial", "Một phần"
    INFORMATION = "information", "Chỉ cung cấp thông tin"


class ProcedureChangeKind(LabelledEnum):
    """What of a procedure was changed outside its versions."""

    ADDED = "added", "Thêm thủ tục"
    NATIONAL_CODE = "national_code", "Mã quốc gia"
    WITHDRAWN_ON = "withdrawn_on", "Ngày bãi bỏ"
    REPLACED_BY = "replaced_by", "Thủ tục thay thế"
    NOTE = "note", "Ghi chú"
    PLANNED_CHANGED = "planned_changed", "Sửa phiên bản chưa áp dụng"
    PLANNED_REMOVED = "planned_removed", "Bỏ phiên bản chưa áp dụng"


class CodeSource(LabelledEnum):
    """Whether this system issued a dossier's code or the dossier came with it."""

    ISSUED = "issued", "Hệ thống cấp"
    GIVEN = "given", "Có sẵn"


class Role(LabelledEnum):
    """Who does what here all day."""

    CLERK = "clerk", "Cán bộ một cửa"
    OFFICER = "officer", "Chuyên viên"
    SUPERVISOR = "supervisor", "Lãnh đạo"
    REPORTER = "reporter", "Cán bộ tổng hợp báo cáo"
    ADMIN = "admin", "Quản trị"
    AUDITOR = "auditor", "Kiểm tra"
