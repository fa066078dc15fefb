"""The columns of the register as a file: national field names, Vietnamese headings, words for codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from tthc.domain.text import fold
from tthc.domain.vocabulary import ApplicantKind, Channel, Outcome


class Field(StrEnum):
    """The fields that are read and written, by their national names, in the order of the file.

    The names are those of the dossier record that one-stop systems send to the national portal. The last
    six are not in every file: contact details, the two dates of a supplement, pause or payment request,
    and the outcome (KetQua is our own name).
    """

    CODE = "MaHoSo"
    PROCEDURE_CODE = "MaTTHC"
    PROCEDURE_NAME = "TenTTHC"
    SECTOR = "TenLinhVuc"
    CHANNEL = "KenhThucHien"
    APPLICANT = "ChuHoSo"
    APPLICANT_KIND = "LoaiDoiTuong"
    ID_NUMBER = "SoGiayToChuHoSo"
    SUBJECT = "TrichYeuHoSo"
    SUBMITTED = "NgayNopHoSo"
    RECEIVED = "NgayTiepNhan"
    DUE = "NgayHenTra"
    STATUS = "TrangThaiHoSo"
    ENDED = "NgayKetThucXuLy"
    HANDED_OVER = "NgayTra"
    REFUSED = "NgayTuChoi"
    NOTE = "GhiChu"
    PHONE = "SoDienThoai"
    EMAIL = "Email"
    ADDRESS = "DiaChi"
    REQUESTED = "NgayYeuCauBoSung"
    ANSWERED = "NgayTiepNhanBoSung"
    OUTCOME = "KetQua"


#: Columns that a file may lack altogether.
OPTIONAL = frozenset(Field) - {Field.CODE, Field.CHANNEL, Field.APPLICANT, Field.STATUS}

#: Of each of these at least one has to be there.
ONE_OF = ((Field.PROCEDURE_CODE, Field.PROCEDURE_NAME), (Field.SUBMITTED, Field.RECEIVED))

_ALIASES: Mapping[Field, Sequence[str]] = {
    Field.CODE: ("Số hồ sơ", "Số biên nhận"),
    Field.PROCEDURE_CODE: ("Mã thủ tục", "Mã thủ tục hành chính"),
    Field.PROCEDURE_NAME: ("Tên thủ tục", "Tên thủ tục hành chính", "Thủ tục hành chính", "Thủ tục"),
    Field.SECTOR: ("Lĩnh vực",),
    Field.CHANNEL: ("Kênh tiếp nhận", "Hình thức tiếp nhận", "Hình thức nộp"),
    Field.APPLICANT: ("Tên chủ hồ sơ", "Tổ chức, cá nhân", "Tên tổ chức, cá nhân"),
    Field.APPLICANT_KIND: ("Đối tượng",),
    Field.ID_NUMBER: ("Số giấy tờ", "Số định danh", "Mã số thuế", "CCCD/MST", "Số CCCD/MST"),
    Field.SUBJECT: ("Trích yếu", "Nội dung hồ sơ"),
    Field.SUBMITTED: ("Ngày nộp", "Thời điểm nộp hồ sơ"),
    Field.RECEIVED: ("Ngày tiếp nhận hồ sơ", "Ngày nhận", "Ngày nhận hồ sơ", "Thời điểm tiếp nhận"),
    Field.DUE: ("Ngày hẹn trả kết quả", "Hạn giải quyết", "Ngày hẹn"),
    Field.STATUS: ("Trạng thái", "Tình trạng hồ sơ", "Tình trạng"),
    Field.ENDED: ("Ngày kết thúc", "Ngày có kết quả", "Ngày hoàn thành"),
    Field.HANDED_OVER: ("Ngày trả kết quả",),
    Field.REFUSED: ("Ngày từ chối tiếp nhận", "Ngày không tiếp nhận"),
    Field.NOTE: (),
    Field.PHONE: ("Điện thoại", "SĐT"),
    Field.EMAIL: ("Thư điện tử", "E-mail"),
    Field.ADDRESS: (),
    Field.REQUESTED: ("Ngày tạm dừng", "Ngày yêu cầu nghĩa vụ tài chính"),
    Field.ANSWERED: ("Ngày nhận bổ sung", "Ngày tiếp tục"),
    Field.OUTCOME: ("Kết quả giải quyết",),
}

#: What other systems put beside them and this program has no use for; skipped without a word.
_UNUSED = (
    "TT|MaLinhVuc|MaDoiTuong|ThongTinKhac|Fax|ThongTinTra|HinhThuc|DonViXuLy|NoiNopHoSo|"
    "HoSoCoThanhPhanSoHoa|TaiKhoanDuocXacThucVoiVNeID|DuocThanhToanTrucTuyen|LoaiDinhDanh|SoDinhDanh|"
    "STT|Số thứ tự"
)

_STATUSES: Mapping[int, Sequence[str]] = {
    1: ("Mới đăng ký", "Chờ tiếp nhận"),
    2: ("Được tiếp nhận", "Đã tiếp nhận", "Mới tiếp nhận"),
    3: ("Không được tiếp nhận", "Không tiếp nhận", "Từ chối tiếp nhận"),
    4: ("Đang xử lý", "Đang giải quyết"),
    5: ("Yêu cầu bổ sung giấy tờ", "Yêu cầu bổ sung", "Chờ bổ sung"),
    6: ("Yêu cầu thực hiện nghĩa vụ tài chính", "Chờ nghĩa vụ tài chính"),
    7: ("Công dân yêu cầu rút hồ sơ", "Đã rút hồ sơ", "Rút hồ sơ"),
    8: ("Dừng xử lý", "Dừng giải quyết", "Tạm dừng"),
    9: ("Đã xử lý xong", "Đã giải quyết"),
    10: ("Đã trả kết quả", "Đã trả"),
}
_CHANNELS: Mapping[Channel, Sequence[str]] = {
    Channel.COUNTER: ("1", "Trực tiếp"),
    Channel.ONLINE: ("2", "Trực tuyến"),
    Channel.POST: ("3", "Bưu chính công ích", "Bưu chính", "Dịch vụ bưu chính công ích"),
}
_KINDS: Mapping[ApplicantKind, Sequence[str]] = {
    ApplicantKind.CITIZEN: ("1", "Công dân", "Cá nhân"),
    ApplicantKind.ENTERPRISE: ("2", "Doanh nghiệp"),
    ApplicantKind.STATE_BODY: ("3", "Cơ quan nhà nước"),
    ApplicantKind.OTHER: ("4", "Tổ chức khác", "Tổ chức"),
}
_OUTCOMES: Mapping[tuple[Outcome, bool], Sequence[str]] = {
    (Outcome.GRANTED, False): ("1", "Đồng ý", "Đồng ý giải quyết"),
    (Outcome.REFUSED, False): ("2", "Từ chối", "Từ chối giải quyết"),
    (Outcome.REFUSED, True): ("3", "Trả lại", "Trả lại hồ sơ"),
}


def key(text: str) -> str:
    """What headings and words are compared by: letters and digits without case, marks and blanks."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


FIELDS_BY_HEADING: Mapping[str, Field] = {
    key(name): field for field in Field for name in (field.value, *_ALIASES[field])
}
UNUSED_HEADINGS = frozenset(map(key, _UNUSED.split("|")))

STATUSES: Mapping[str, int] = {
    key(word): code for code, words in _STATUSES.items() for word in (str(code), *words)
}
STATUS_LABELS: Mapping[int, str] = {code: words[0] for code, words in _STATUSES.items()}
CHANNELS: Mapping[str, Channel] = {key(word): one for one, words in _CHANNELS.items() for word in words}
KINDS: Mapping[str, ApplicantKind] = {key(word): one for one, words in _KINDS.items() for word in words}
OUTCOMES: Mapping[str, tuple[Outcome, bool]] = {
    key(word): one for one, words in _OUTCOMES.items() for word in words
}

#: The codes that are written.
CHANNEL_CODES: Mapping[Channel, str] = {one: words[0] for one, words in _CHANNELS.items()}
KIND_CODES: Mapping[ApplicantKind, str] = {one: words[0] for one, words in _KINDS.items()}
OUTCOME_CODES: Mapping[tuple[Outcome, bool], str] = {one: words[0] for one, words in _OUTCOMES.items()}


def known_headings(headings: Sequence[str]) -> int:
    """How many of the headings name a field."""
    return sum(key(heading) in FIELDS_BY_HEADING for heading in headings)
