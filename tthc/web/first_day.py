"""The first day of each role in ten short steps; every link opens for that role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tthc.domain.vocabulary import Role


class Step(NamedTuple):
    """What to do, the page where it is done (endpoint, words of its link), and the key, if any."""

    words: str
    endpoint: str
    link: str
    key: str = ""


_PASSWORD = Step(
    "Đổi mật khẩu được cấp thành mật khẩu chỉ mình biết.", "accounts.change_password", "Đổi mật khẩu"
)
_TODAY = Step(
    "Xem việc trong ngày: mỗi con số là một danh sách, bấm vào để mở.", "home.index", "Trang Hôm nay"
)
_SEARCH = Step(
    "Tìm hồ sơ theo mã, tên, số điện thoại; gõ không dấu cũng được.", "search.index", "Tìm kiếm", "/"
)
_KEYS = Step("Mở bảng phím tắt ở cuối trang và thử từng phím.", "home.index", "Trang Hôm nay", "?")
_DUE = Step(
    "Mở một hồ sơ, xem “Cách tính ngày hẹn trả”: từng ngày được tính hay không và vì sao.",
    "dossiers.index",
    "Danh sách hồ sơ",
)
_CALENDAR = Step(
    "Xem ngày nghỉ, ngày làm bù của năm; ngày hẹn trả tính theo lịch này.", "calendar.index", "Lịch làm việc"
)
_OWN_LIST = Step("Lọc hồ sơ theo nhóm; địa chỉ trang giữ nguyên cách lọc.", "dossiers.index", "Hồ sơ")
_TALLY = Step("Xem bảng tổng hợp; bấm vào con số để thấy các hồ sơ đã đếm.", "reports.index", "Báo cáo")
_ALERTS = Step("Xem hồ sơ sắp đến hạn và quá hạn đã được cảnh báo.", "alerts.index", "Cảnh báo")

FIRST_DAY: Mapping[Role, Sequence[Step]] = {
    Role.CLERK: (
        _PASSWORD,
        _TODAY,
        Step("Tiếp nhận một hồ sơ: chọn thủ tục, chủ hồ sơ, giấy tờ.", "intake.new", "Tiếp nhận", "F2"),
        Step(
            "Xem ngày hẹn trả trước khi lưu; lưu xong thì in giấy tiếp nhận và hẹn trả.",
            "intake.new",
            "Tiếp nhận",
            "Ctrl Enter",
        ),
        Step(
            "Trả lời hồ sơ nộp trực tuyến: tiếp nhận, yêu cầu bổ sung hoặc từ chối.",
            "filings.index",
            "Chờ tiếp nhận",
        ),
        Step("Bàn giao hồ sơ trong ngày, in danh sách để hai bên ký.", "transfers.index", "Bàn giao"),
        Step("Ghi phí, lệ phí đã thu và đối chiếu tổng trong ngày.", "fees.day", "Phí, lệ phí"),
        _SEARCH,
        Step("Trả kết quả: quét mã của giấy tiếp nhận, ghi ai nhận.", "hand_overs.index", "Trả kết quả"),
        _KEYS,
    ),
    Role.OFFICER: (
        _PASSWORD,
        _TODAY,
        Step("Mở hồ sơ của mình, hạn gần nhất trước.", "dossiers.index", "Hồ sơ"),
        _DUE,
        Step("Chọn việc làm được ngay trên trang hồ sơ bằng phím số.", "dossiers.index", "Hồ sơ", "1 … 9"),
        Step("Nhận hồ sơ từ bộ phận một cửa và chuyển kết quả về.", "transfers.results", "Bàn giao kết quả"),
        _SEARCH,
        Step("Xem thời hạn, giấy tờ của thủ tục mình giải quyết.", "catalogue.index", "Thủ tục"),
        _CALENDAR,
        _KEYS,
    ),
    Role.SUPERVISOR: (
        _PASSWORD,
        _TODAY,
        Step("Trả lời cảnh báo ngay trong dòng: lý do, ngày hứa xong.", "alerts.index", "Cảnh báo"),
        Step("Mở hồ sơ chờ duyệt gia hạn và quyết định.", "dossiers.index", "Hồ sơ"),
        Step("Giao việc của người vắng mặt cho người khác.", "transfers.absence", "Bàn giao việc"),
        Step("Cử người ký thay khi đi vắng.", "settings.letters.deputies", "Ký thay"),
        _TALLY,
        Step("Chốt kỳ khi số liệu đã đối chiếu.", "closing.index", "Chốt kỳ"),
        Step("Xác nhận lịch nghỉ khi có thông báo chính thức.", "calendar.index", "Lịch làm việc"),
        _KEYS,
    ),
    Role.REPORTER: (
        _PASSWORD,
        _TALLY,
        Step("Đổi kỳ và cách chia theo lĩnh vực, thủ tục, tháng.", "reports.index", "Báo cáo"),
        Step("Xem kỳ báo cáo phải gửi và hạn gửi.", "periodic_reports.index", "Báo cáo định kỳ"),
        Step("Đọc biểu đồ và bảng số của biểu đồ.", "charts.index", "Biểu đồ"),
        Step("Xem các chỉ số theo Quyết định 766.", "indicators.index", "Chỉ số 766"),
        Step("Ghi đủ số liệu đầu tư còn thiếu.", "investment.index", "Đầu tư"),
        Step("Xem phản ánh, kiến nghị trong kỳ.", "petitions.tally", "Phản ánh, kiến nghị"),
        Step("Xuất sổ hồ sơ thành tệp, nhập lại khi cần.", "register.index", "Sổ hồ sơ"),
        _KEYS,
    ),
    Role.ADMIN: (
        _PASSWORD,
        Step("Kiểm tra tên, mã của đơn vị; giấy tờ in ra lấy ở đây.", "settings.unit", "Thông tin đơn vị"),
        Step("Đọc cách tính thời hạn đang dùng.", "settings.index", "Cách tính thời hạn"),
        Step("Xem các quy định khác của đơn vị.", "settings.others", "Quy định khác"),
        Step("Đối chiếu danh mục thủ tục với quyết định công bố.", "catalogue.index", "Thủ tục"),
        Step("Đặt số ngày báo trước hạn của thủ tục.", "catalogue.changes.thresholds", "Ngưỡng báo"),
        _CALENDAR,
        Step("Đọc và sửa lời văn bản mẫu, xem trước khi lưu.", "settings.letters.index", "Văn bản mẫu"),
        Step("Xem ai đã mở thông tin của chủ hồ sơ.", "access.index", "Nhật ký truy cập"),
        _KEYS,
    ),
    Role.AUDITOR: (
        _PASSWORD,
        _TODAY,
        _OWN_LIST,
        _DUE,
        _SEARCH,
        _ALERTS,
        _TALLY,
        Step(
            "Xem hồ sơ quá hạn và nguyên nhân trong báo cáo định kỳ.",
            "periodic_reports.index",
            "Báo cáo định kỳ",
        ),
        Step("Xem ai đã mở thông tin của chủ hồ sơ.", "access.index", "Nhật ký truy cập"),
        _KEYS,
    ),
}
