"""The rules that an office may set: how each is named, what it may be, and what holds until it is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tthc.domain import alerts
from tthc.domain.permissions import Action
from tthc.domain.text import squeeze
from tthc.domain.vocabulary import DomainError, PeriodCutoff, ReportCutoffs, TallyEnds

T = TypeVar("T", int, str)


@dataclass(frozen=True)
class KnownSetting(Generic[T]):
    """A rule that an office may set: how the page names it, what it may be, and what holds until it is set.

    ``slug`` stands in addresses. Its type is that of ``default``: a whole number from ``least`` to ``most``
    (of ``unit``), or one line of at most ``most`` characters, with ``choices`` (value, words) one of these.
    ``tidy`` brings a text into the form in which it is kept, or refuses it;
    ``none`` is how an empty text or a zero reads; ``change`` is what one must be allowed to set it.
    """

    key: str
    slug: str
    label: str
    help: str
    default: T
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 300
    unit: str = ""
    none: str = ""
    tidy: Callable[[str], str] = squeeze
    change: Action = Action.CHANGE_SETTINGS

    def told(self, value: object) -> str:
        """A value in words."""
        if self.none and not value:
            return self.none
        return dict(self.choices).get(str(value), f"{value} {self.unit}".strip())

    def check(self, value: T) -> T:
        """The value as it is kept; refuses what this setting cannot be."""
        if isinstance(value, int):
            if not self.least <= value <= self.most:
                raise DomainError(f"Nhập số nguyên từ {self.least} đến {self.most}.", "value")
            return value
        text = self.tidy(value)
        if self.choices and text not in dict(self.choices):
            raise DomainError("Chọn một mục có trong danh sách.", "value")
        if len(text) > self.most:
            raise DomainError(f"Viết ngắn hơn: tối đa {self.most} ký tự.", "value")
        return text


TALLY_ENDS = KnownSetting(
    "tally_ends",
    "ho-so-rut-va-dung",
    "Hồ sơ rút và hồ sơ dừng giải quyết trong Biểu II.06a",
    "Gộp: tính vào các cột (8), (9), (10) theo ngày kết thúc. Tách: ghi riêng tại cột (14), (15), không tính "
    "vào cột (7).",
    default=TallyEnds.FOLDED.value,
    choices=tuple((one.value, one.label) for one in TallyEnds),
)
TALLY_CUTOFF = KnownSetting(
    "tally_cutoff",
    "ngay-chot-so-lieu",
    "Ngày chốt số liệu báo cáo tháng",
    "Tháng báo cáo kết thúc vào ngày này; kỳ đang mở được chốt đến ngày chốt kế tiếp, không bỏ sót ngày nào.",
    default=PeriodCutoff.OFFICIAL.value,
    choices=tuple((one.value, one.label) for one in PeriodCutoff),
)
REPORT_CUTOFFS = KnownSetting(
    "report.cutoffs",
    "ky-bao-cao-tu-dong",
    "Kỳ báo cáo được lập tự động",
    "Hết mỗi kỳ, dự thảo báo cáo tháng, quý, 6 tháng, 9 tháng, năm được lập theo ngày này. Chỉ kỳ trùng "
    "với ngày chốt số liệu mới được chốt.",
    default=ReportCutoffs.CHAIN.value,
    choices=tuple((one.value, one.label) for one in ReportCutoffs),
)
SEND_WITHIN = KnownSetting(
    "report.send_within",
    "thoi-han-gui-bao-cao",
    "Thời hạn gửi báo cáo định kỳ",
    "Tính từ ngày cuối kỳ, theo quy định của cơ quan nhận báo cáo; sửa được ở từng báo cáo. Nhập 0 nếu chưa "
    "có quy định.",
    default=0,
    most=60,
    unit="ngày làm việc",
    none="chưa nhập, báo cáo không có hạn gửi",
)
UNANSWERED_DAYS = KnownSetting(
    "supplement.unanswered_days",
    "cho-bo-sung-qua-lau",
    "Thời gian chờ bổ sung hồ sơ",
    "Yêu cầu bổ sung chưa được trả lời sau số ngày làm việc này được đưa vào danh sách để xem xét; "
    "người giữ hồ sơ được cảnh báo trước ngày ấy, vào ngày ấy và khi quá ngày ấy.",
    default=30,
    least=1,
    most=250,
    unit="ngày làm việc",
)
STOP_BASIS = KnownSetting(
    "supplement.stop_basis",
    "can-cu-dung-giai-quyet",
    "Căn cứ dừng giải quyết hồ sơ không bổ sung",
    "Văn bản và điều khoản cho phép dừng giải quyết hồ sơ quá thời gian chờ bổ sung; được ghi vào thông báo "
    "dừng giải quyết hồ sơ. Để trống: không dừng hồ sơ theo cách này.",
    default="",
    most=500,
    none="chưa nhập, không áp dụng",
    # Not for whoever keeps the machine: it opens the way to ending dossiers.
    change=Action.STOP_DOSSIER,
)

PETITION_NOTICE = KnownSetting(
    "petition.due_soon_days",
    "bao-truoc-han-phan-anh",
    "Báo trước hạn xử lý phản ánh, kiến nghị",
    "Phản ánh, kiến nghị còn từ số ngày làm việc này trở xuống được báo là sắp đến hạn.",
    default=2,
    most=30,
    unit="ngày làm việc",
)

ESCALATION_DAYS = KnownSetting(
    "alert.escalation_days",
    "canh-bao-qua-han-keo-dai",
    "Cảnh báo quá hạn kéo dài",
    "Hồ sơ, bước xử lý, yêu cầu bổ sung, ý kiến của cơ quan được hỏi, phản ánh, kiến nghị quá hạn được cảnh "
    "báo lại khi đã quá hạn đủ từng số ngày làm việc sau đây, và được báo bằng thư. Ví dụ 1, 3, 5.",
    default="1, 3, 5, 10, 20",
    most=60,
    unit="ngày làm việc",
    none="không cảnh báo lại",
    tidy=lambda text: alerts.show_days(alerts.parse_days(text)),
)
ALERT_ANSWER_DAYS = KnownSetting(
    "alert.answer_days",
    "tra-loi-canh-bao",
    "Thời gian trả lời cảnh báo quá hạn",
    "Cảnh báo quá hạn không được trả lời sau số ngày làm việc này được chuyển lên một cấp: từ người đang xử "
    "lý lên lãnh đạo đơn vị, rồi lên lãnh đạo cấp trên nếu có. Nhập 0 nếu không chuyển.",
    default=2,
    most=60,
    unit="ngày làm việc",
    none="không chuyển lên cấp trên",
)

ANSWER_HOURS = KnownSetting(
    "filing.answer_hours",
    "tra-loi-ho-so-truc-tuyen",
    "Thời hạn trả lời hồ sơ chờ tiếp nhận",
    "Hồ sơ nộp trực tuyến được tiếp nhận, yêu cầu bổ sung hoặc từ chối trong thời gian này, tính từ lúc nộp "
    "hoặc từ lúc nhận bổ sung.",
    default=8,
    least=1,
    most=80,
    unit="giờ làm việc",
)

COLLECT_DAYS = KnownSetting(
    "result.collect_days",
    "nhac-nhan-ket-qua",
    "Nhắc nhận kết quả",
    "Kết quả chưa nhận sau số ngày này, sau hai lần và ba lần số ngày này được đưa vào danh sách cần nhắc; "
    "nếu đơn vị gửi thư cho chủ hồ sơ thì thư nhắc được gửi. Nhập 0 để không nhắc.",
    default=5,
    most=60,
    unit="ngày làm việc",
    none="không nhắc",
)

LOOKUP_ADDRESS = KnownSetting(
    "lookup.address",
    "dia-chi-tra-cuu",
    "Địa chỉ tra cứu công khai",
    "Địa chỉ mà người nộp hồ sơ mở được, ví dụ https://tthc.example.vn; mã QR trên giấy tiếp nhận và "
    "trên phiếu của hồ sơ chưa tiếp nhận dẫn tới trang tra cứu ở địa chỉ này. Để trống: mã QR chỉ chứa "
    "mã hồ sơ.",
    default="",
    most=200,
    none="chưa nhập, mã QR chứa mã hồ sơ",
)

YES, NO = "yes", "no"
DIGEST_AT = KnownSetting(
    "mail.digest_at",
    "thu-hang-ngay",
    "Thư nhắc việc hằng ngày",
    "Vào giờ này của ngày làm việc, mỗi người có địa chỉ thư nhận một thư về hồ sơ sắp đến hạn, quá hạn đang "
    "ở mình; lãnh đạo nhận cả hồ sơ quá hạn của đơn vị và việc chưa có người xử lý. Không có gì để nhắc thì "
    "không gửi.",
    default="07:30",
    choices=(("", "không gửi"), *((f"{hour:02}:30", f"{hour:02} giờ 30 phút") for hour in range(7, 17))),
)
ESCALATIONS_ANYTIME = KnownSetting(
    "mail.escalations_anytime",
    "thu-qua-han-keo-dai",
    "Thư về hồ sơ quá hạn kéo dài",
    "Thư và webhook về hồ sơ quá hạn đủ số ngày cảnh báo hoặc chưa được trả lời. Khi chỉ gửi trong giờ làm "
    "việc, việc mà thư nhắc việc hằng ngày sắp nêu không có thư riêng.",
    default=NO,
    choices=((NO, "chỉ gửi trong giờ làm việc"), (YES, "gửi cả ngoài giờ làm việc")),
)
TELL_APPLICANTS = KnownSetting(
    "mail.tell_applicants",
    "thu-cho-chu-ho-so",
    "Thư cho chủ hồ sơ",
    "Chủ hồ sơ có địa chỉ thư được báo khi hồ sơ được tiếp nhận, cần bổ sung, dời ngày hẹn trả, có kết quả. "
    "Hồ sơ nhập từ tệp không gửi thư.",
    default=NO,
    choices=((NO, "không gửi"), (YES, "gửi")),
)
TELL_WEBHOOK = KnownSetting(
    "webhook.tell",
    "webhook",
    "Báo cho hệ thống khác (webhook)",
    "Việc tiếp nhận, yêu cầu bổ sung, dời ngày hẹn trả, kết quả và hồ sơ quá hạn kéo dài được gửi tới "
    "địa chỉ TTHC_WEBHOOK_URL: chỉ mã hồ sơ, tên thủ tục và ngày.",
    default=NO,
    choices=((NO, "không gửi"), (YES, "gửi")),
)

CALENDAR_AHEAD = KnownSetting(
    "calendar.ahead",
    "bao-truoc-lich-sap-het",
    "Báo trước khi lịch làm việc sắp hết",
    "Lãnh đạo và người quản trị được báo khi lịch làm việc chỉ còn từ số tháng này trở xuống.",
    default=3,
    least=1,
    most=24,
    unit="tháng",
)
DAYS_AHEAD = KnownSetting(
    "calendar.days_ahead",
    "bao-truoc-ngay-nghi-du-kien",
    "Báo trước ngày nghỉ dự kiến",
    "Lãnh đạo và người quản trị được báo khi ngày nghỉ chưa có văn bản còn từ số ngày này trở xuống.",
    default=30,
    least=1,
    most=180,
    unit="ngày",
)
KEEP_DRAFTS = KnownSetting(
    "keep.drafts",
    "giu-ban-nhap",
    "Giữ bản nháp",
    "Nội dung nhập dở mà không ai nhập tiếp trong thời gian này được xóa; nó chứa dữ liệu cá nhân.",
    default=7,
    least=1,
    most=90,
    unit="ngày",
)
KEEP_PASSING = KnownSetting(
    "keep.passing",
    "giu-tep-tam",
    "Giữ tệp tạm và số lần tra cứu",
    "Tệp tải lên để xem trước mà không ai lưu, và số lần tra cứu đã đếm, được xóa sau thời gian này.",
    default=1,
    least=1,
    most=30,
    unit="ngày",
)
KEEP_RUNS = KnownSetting(
    "keep.runs",
    "giu-lich-su-bo-hen-gio",
    "Giữ lịch sử bộ hẹn giờ",
    "Lượt chạy cũ hơn được xóa khỏi lịch sử; lượt mới nhất của từng việc luôn được giữ.",
    default=400,
    least=30,
    most=4000,
    unit="ngày",
)

#: Every setting there is, in the order of the page. A further one is one entry here.
KNOWN: tuple[KnownSetting[Any], ...] = (
    TALLY_ENDS,
    TALLY_CUTOFF,
    REPORT_CUTOFFS,
    SEND_WITHIN,
    UNANSWERED_DAYS,
    STOP_BASIS,
    PETITION_NOTICE,
    ESCALATION_DAYS,
    ALERT_ANSWER_DAYS,
    ANSWER_HOURS,
    DIGEST_AT,
    ESCALATIONS_ANYTIME,
    TELL_APPLICANTS,
    TELL_WEBHOOK,
    COLLECT_DAYS,
    LOOKUP_ADDRESS,
    CALENDAR_AHEAD,
    DAYS_AHEAD,
    KEEP_DRAFTS,
    KEEP_PASSING,
    KEEP_RUNS,
)
