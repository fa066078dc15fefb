"""The texts of letters that the office may word itself: which there are, and what may stand in them.

A text is paragraphs with placeholders in braces, such as ``{ma_ho_so}``; one that is not known is refused, so
that no letter goes out with a hole in it. What the law asks a form to name is printed beside the text in any
case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tthc.domain.text import lines_of, nfc
from tthc.domain.vocabulary import DomainError, LabelledEnum

MOST_SIGNS = 6000
#: What is printed where nothing is known.
BLANK = "……………"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class LetterKind(LabelledEnum):
    """A letter of which the text can be worded by the office."""

    SUPPLEMENT = "02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
    REFUSAL = "03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
    EXTENSION = "04", "Xin lỗi và hẹn lại, gia hạn (trong hạn)"
    EXTENSION_LATE = "04-late", "Xin lỗi và hẹn lại (đã quá hạn)"
    STOP = "stop", "Thông báo dừng giải quyết hồ sơ"
    SLIP = "slip", "Phiếu chuyển xử lý"


#: The sets of forms: Circular 01/2018/TT-VPCP, and from 15/9/2025 Circular 03/2025/TT-VPCP.
SETS = ("2018", "2025")

#: Every placeholder, and what stands in its place.
PLACEHOLDERS: Mapping[str, str] = {
    "ma_ho_so": "mã hồ sơ",
    "chu_ho_so": "tên chủ hồ sơ",
    "ten_tthc": "tên thủ tục hành chính",
    "noi_dung": "nội dung đề nghị giải quyết",
    "ngay_tiep_nhan": "thời điểm tiếp nhận hồ sơ",
    "ngay_hen_tra": "ngày hẹn trả đang ghi trên giấy tiếp nhận",
    "don_vi": "tên đơn vị",
    "bo_phan": "bộ phận tiếp nhận và trả kết quả",
    "ly_do": "lý do",
    "noi_dung_bo_sung": "những nội dung cần bổ sung; đứng riêng một dòng thì in thành danh sách đánh số",
    "nguoi_huong_dan": "người hướng dẫn",
    "can_cu": "căn cứ pháp lý",
    "ngay_hen_moi": "ngày hẹn trả mới",
    "thoi_gian_gia_han": "số ngày làm việc được gia hạn",
    "co_quan": "cơ quan nhận",
    "noi_dung_chuyen": "nội dung chuyển xử lý",
    "han_tra_loi": "hạn trả lời",
}
_ALWAYS = (
    "ma_ho_so",
    "chu_ho_so",
    "ten_tthc",
    "noi_dung",
    "ngay_tiep_nhan",
    "don_vi",
    "bo_phan",
)
_OF_KIND: Mapping[LetterKind, tuple[str, ...]] = {
    # What waits to be received may be asked for more, and has no due date.
    LetterKind.SUPPLEMENT: ("noi_dung_bo_sung", "ly_do", "nguoi_huong_dan"),
    LetterKind.REFUSAL: ("ngay_hen_tra", "ly_do"),
    LetterKind.EXTENSION: ("ngay_hen_tra", "ly_do", "can_cu", "ngay_hen_moi", "thoi_gian_gia_han"),
    LetterKind.EXTENSION_LATE: ("ngay_hen_tra", "ly_do", "ngay_hen_moi"),
    LetterKind.STOP: ("ngay_hen_tra", "ly_do"),
    LetterKind.SLIP: ("ngay_hen_tra", "co_quan", "noi_dung_chuyen", "han_tra_loi"),
}
#: Without these a letter does not say what it is for.
_NEEDED: Mapping[LetterKind, tuple[str, ...]] = {
    LetterKind.SUPPLEMENT: ("noi_dung_bo_sung", "ly_do"),
    LetterKind.REFUSAL: ("ly_do",),
    LetterKind.EXTENSION: ("ly_do", "ngay_hen_moi"),
    LetterKind.EXTENSION_LATE: ("ly_do", "ngay_hen_moi"),
    LetterKind.STOP: ("ly_do",),
    LetterKind.SLIP: ("noi_dung_chuyen",),
}

_THANKS = "Rất mong nhận được sự thông cảm của Ông/Bà."
_DEFAULTS: Mapping[LetterKind, Mapping[str, str]] = {
    LetterKind.SUPPLEMENT: dict.fromkeys(
        SETS,
        "Yêu cầu Ông/Bà hoàn thiện hồ sơ gồm những nội dung như sau:\n"
        "{noi_dung_bo_sung}\n"
        "Lý do: {ly_do}\n"
        "Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, Ông/Bà liên hệ với {nguoi_huong_dan}, {bo_phan} "
        "để được hướng dẫn.",
    ),
    LetterKind.REFUSAL: dict.fromkeys(
        SETS,
        "Qua xem xét, {don_vi} thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau: "
        "{ly_do}\n"
        "Xin thông báo cho Ông/Bà được biết và thực hiện.",
    ),
    LetterKind.EXTENSION: {
        "2018": "Tuy nhiên, {don_vi} chưa thể trả kết quả giải quyết hồ sơ của Ông/Bà đúng thời gian đã "
        "hẹn.\n"
        "Lý do: {ly_do}\n"
        "{don_vi} xin lỗi Ông/Bà vì sự chậm trễ này và hẹn lại ngày trả kết quả theo {can_cu}. Hồ sơ được "
        f"trả kết quả vào: {{ngay_hen_moi}}.\n{_THANKS}",
        "2025": "Tuy nhiên, {don_vi} chưa thể trả kết quả giải quyết hồ sơ của Ông/Bà đúng thời gian đã "
        "hẹn.\n"
        "Lý do: {ly_do}\n"
        "{don_vi} xin lỗi Ông/Bà vì sự chậm trễ này và đề nghị gia hạn thời gian giải quyết hồ sơ thêm "
        "{thoi_gian_gia_han} theo {can_cu}. Thời gian trả kết quả sau khi gia hạn: {ngay_hen_moi}.\n"
        f"{_THANKS}",
    },
    LetterKind.EXTENSION_LATE: dict.fromkeys(
        SETS,
        "Tuy nhiên, đến nay {don_vi} chưa có kết quả giải quyết hồ sơ của Ông/Bà.\n"
        "Lý do: {ly_do}\n"
        "{don_vi} xin lỗi Ông/Bà vì sự chậm trễ này và hẹn lại ngày trả kết quả. Hồ sơ được trả kết quả vào: "
        f"{{ngay_hen_moi}}.\n{_THANKS}",
    ),
    LetterKind.STOP: {
        "2018": "{don_vi} đã tiếp nhận hồ sơ {ma_ho_so} của Ông/Bà vào {ngay_tiep_nhan}, hẹn trả kết "
        "quả {ngay_hen_tra}.\n"
        "Nay {don_vi} thông báo dừng giải quyết hồ sơ này với lý do, căn cứ như sau: {ly_do}\n"
        "Ông/Bà liên hệ {bo_phan} để nhận lại hồ sơ đã nộp.",
        "2025": "{don_vi} thông báo dừng giải quyết hồ sơ {ma_ho_so} của Ông/Bà, tiếp nhận vào "
        "{ngay_tiep_nhan}, hẹn trả kết quả {ngay_hen_tra}.\n"
        "Lý do và căn cứ dừng giải quyết: {ly_do}\n"
        "Ông/Bà liên hệ {bo_phan} để nhận lại hồ sơ đã nộp và được hướng dẫn.",
    },
    LetterKind.SLIP: dict.fromkeys(
        SETS,
        "{don_vi} chuyển đến {co_quan} hồ sơ nêu trên để xem xét, giải quyết theo thẩm quyền.\n"
        "Nội dung: {noi_dung_chuyen}\n"
        "Đề nghị {co_quan} có ý kiến, gửi kết quả về {don_vi} trước {han_tra_loi}.",
    ),
}


@dataclass(frozen=True)
class LetterText:
    """The text of a letter; version 0 is the one that the program comes with."""

    kind: LetterKind
    form_set: str
    version: int
    body: str


def placeholders(kind: LetterKind) -> dict[str, str]:
    """What may stand in a letter, with what it means."""
    return {name: PLACEHOLDERS[name] for name in (*_ALWAYS, *_OF_KIND[kind])}


def default_text(kind: LetterKind, form_set: str) -> LetterText:
    """The text that the program comes with."""
    return LetterText(kind, form_set, 0, _DEFAULTS[kind][form_set])


def checked_body(kind: LetterKind, body: str) -> str:
    """A text as it is kept; refused when a letter made of it would have a hole or say nothing."""
    text = "\n".join(lines_of(nfc(body)))
    if not text:
        raise DomainError("Nhập nội dung văn bản.", "body")
    if len(text) > MOST_SIGNS:
        raise DomainError(f"Nội dung dài quá {MOST_SIGNS} ký tự; rút gọn lại.", "body")
    known = placeholders(kind)
    used = [match.strip() for match in _PLACEHOLDER.findall(text)]
    unknown = sorted({name for name in used if name not in known})
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in unknown)
        raise DomainError(
            f"Không có trường {named} trong văn bản này; dùng các trường trong danh sách bên dưới ô nhập.",
            "body",
        )
    if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
        raise DomainError("Có dấu { hoặc } không thành cặp; viết trường dạng {ly_do}.", "body")
    missing = [name for name in _NEEDED[kind] if name not in used]
    if missing:
        named = ", ".join(f"{{{name}}} ({known[name]})" for name in missing)
        raise DomainError(f"Văn bản phải có {named}.", "body")
    return text


def written(
    body: str, values: Mapping[str, str], lists: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """The paragraphs of a letter; what is not known is left to be filled in by hand.

    A value is put in as it is: braces in it mean nothing, and its lines stay lines, so that points numbered
    by hand stand below each other. One of ``lists`` becomes numbered paragraphs where its placeholder stands
    alone, and is told in a row within a sentence.
    """
    lists = lists or {}

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        text = "; ".join(lists[name]) if name in lists else values.get(name, "")
        return "\n".join(" ".join(line.split()) for line in lines_of(text)) or BLANK

    paragraphs: list[str] = []
    for line in lines_of(body):
        alone = _PLACEHOLDER.fullmatch(line)
        if alone and alone[1].strip() in lists:
            paragraphs += [f"{no}. {one}" for no, one in enumerate(lists[alone[1].strip()], 1)]
        else:
            paragraphs += lines_of(_PLACEHOLDER.sub(value, line))
    return paragraphs


#: What a preview is filled with: numbered, nobody's.
_SAMPLES: Mapping[str, str] = {
    "ma_ho_so": "000.00.99.H54-260105-0001",
    "chu_ho_so": "Doanh nghiệp 12",
    "ten_tthc": "Cấp giấy phép xây dựng mới",
    "noi_dung": "Đề nghị cấp giấy phép xây dựng nhà xưởng số 2",
    "ngay_tiep_nhan": "09 giờ 30 phút, ngày 05/01/2026",
    "ngay_hen_tra": "17 giờ 00 phút, ngày 12/01/2026",
    "don_vi": "Ban Quản lý Khu kinh tế và các khu công nghiệp",
    "bo_phan": "Trung tâm Phục vụ hành chính công",
    "ly_do": "bản vẽ thiết kế chưa có dấu thẩm định",
    "nguoi_huong_dan": "Cán bộ một cửa 1",
    "can_cu": "khoản 9 Điều 19 Nghị định 61/2018/NĐ-CP",
    "ngay_hen_moi": "17 giờ 00 phút, ngày 15/01/2026",
    "thoi_gian_gia_han": "03 ngày làm việc",
    "co_quan": "Sở Xây dựng",
    "noi_dung_chuyen": "Đề nghị cho ý kiến về thiết kế cơ sở",
    "han_tra_loi": "17 giờ 00 phút, ngày 09/01/2026",
}
#: The same of what is printed as a numbered list.
SAMPLE_LISTS: Mapping[str, Sequence[str]] = {
    "noi_dung_bo_sung": (
        "Bản vẽ thiết kế (01 bản chính)",
        "Giấy tờ về quyền sử dụng đất (01 bản sao chứng thực)",
    ),
}


def sample_values(kind: LetterKind) -> dict[str, str]:
    """What a preview is filled with beside :data:`SAMPLE_LISTS`."""
    return {name: _SAMPLES[name] for name in placeholders(kind) if name not in SAMPLE_LISTS}
