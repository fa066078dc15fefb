"""The receipt as it leaves the printer: read back as text, as fonts, as a picture and through its QR code."""

from __future__ import annotations

import io
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pypdfium2
import pytest
import zxingcpp

from tthc import resources
from tthc.documents.printing import qr_svg, render_pdf

CODE = "000.00.99.H54-240614-0003"

#: The longest name in the catalogue.
LONGEST = (
    "Thủ tục điều chỉnh dự án đầu tư theo bản án, quyết định của tòa án, trọng tài đối với dự án đầu tư đã "
    "được cấp Giấy chứng nhận đăng ký đầu tư và không thuộc diện chấp thuận chủ trương đầu tư hoặc dự án đã "
    "được chấp thuận chủ trương đầu tư nhưng không thuộc trường hợp quy định tại khoản 3 Điều 41 của Luật "
    "Đầu tư (Khoản 4 Điều 54 Nghị định số 31/2021/NĐ-CP)"
)

PAPERS = (
    "Văn bản đề nghị điều chỉnh dự án đầu tư (theo mẫu)",
    "Báo cáo tình hình triển khai dự án đầu tư đến thời điểm điều chỉnh",
    "Bản án, quyết định có hiệu lực pháp luật của tòa án, trọng tài",
    "Tài liệu về tư cách pháp lý của nhà đầu tư: giấy chứng nhận đăng ký doanh nghiệp hoặc tương đương",
    "Tài liệu chứng minh năng lực tài chính của nhà đầu tư",
    "Đề xuất dự án đầu tư điều chỉnh",
    "Bản sao giấy chứng nhận đăng ký đầu tư",
    "Văn bản ủy quyền cho người nộp hồ sơ",
)


def receipt(papers=4, **changes):
    """The data of a receipt with so many papers."""
    data = {
        "superior": "Ủy ban nhân dân tỉnh Thái Bình",
        "unit": "Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh Thái Bình",
        "place": "Thái Bình",
        "issued_on": "ngày 14 tháng 6 năm 2024",
        "form_note": "Mẫu số 01, ban hành kèm theo Thông tư số 01/2018/TT-VPCP ngày 23/11/2018",
        "code": CODE,
        "qr_svg": qr_svg(CODE),
        "register_volume": "2024",
        "register_no": "0117",
        "reception_desk": "Trung tâm Phục vụ hành chính công tỉnh Thái Bình",
        "applicant": "Công ty trách nhiệm hữu hạn Doanh nghiệp 001",
        "submitter": "Nguyễn Thị Hường",
        "address": "Lô CN-05, Khu công nghiệp Liên Hà Thái, huyện Thái Thụy, tỉnh Thái Bình",
        "phone": "0900 000 001",
        "email": "lienhe@doanhnghiep001.example",
        "id_number": "0000000001",
        "subject": "",
        "procedure": "Cấp giấy chứng nhận đăng ký đầu tư",
        "papers": [
            {
                "no": str(i + 1),
                "name": PAPERS[i % 8],
                "originals": "1",
                "certified": "0",
                "copies": str(i % 3),
            }
            for i in range(papers)
        ],
        "sets": "01",
        "limit_label": "15 ngày làm việc",
        "received_line": "09 giờ 32 phút, ngày 14/06/2024 (Thứ Sáu)",
        "due_line": "trước 17 giờ 00 phút, ngày 05/07/2024 (Thứ Sáu)",
        "fee_line": "Không thu",
        "result_delivery": "Trung tâm Phục vụ hành chính công tỉnh Thái Bình",
        "replaces": "",
        "provisional_note": "",
        "warning_note": "",
        "clerk": "Trần Văn Đĩnh",
        "demo_note": "",
    }
    return data | changes


def pages(pdf):
    """The text of each page, with every run of white space folded into one blank."""
    read = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [re.sub(r"\s+", " ", page.extract_text().replace("\u200b", "")) for page in read]


def pictures(pdf, dpi):
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil() for page in document]


@pytest.mark.parametrize("papers", [0, 4, 8, 25])
def test_every_page_is_a5_upright(papers):
    for page in pypdf.PdfReader(io.BytesIO(render_pdf("receipt", receipt(papers)))).pages:
        assert float(page.mediabox.width) == pytest.approx(420, abs=1)
        assert float(page.mediabox.height) == pytest.approx(595, abs=1)


def test_the_receipt_says_everything_the_form_asks_for_in_order():
    (text,) = pages(render_pdf("receipt", receipt()))
    assert text == unicodedata.normalize("NFC", text)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "ỦY BAN NHÂN DÂN TỈNH THÁI BÌNH" in text
    assert "Mẫu số 01, ban hành kèm theo Thông tư số 01/2018/TT-VPCP ngày 23/11/2018" in text
    assert "Thái Bình, ngày 14 tháng 6 năm 2024" in text
    assert "Quyển số: 2024 Số thứ tự: 0117" in text
    expected = [
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {CODE}",
        "(Liên: Lưu/Giao khách hàng)",
        "Bộ phận tiếp nhận và trả kết quả: Trung tâm Phục vụ hành chính công tỉnh Thái Bình",
        "Tiếp nhận hồ sơ của: Công ty trách nhiệm hữu hạn Doanh nghiệp 001",
        "Người nộp: Nguyễn Thị Hường",
        "Địa chỉ: Lô CN-05",
        "Số điện thoại: 0900 000 001",
        "Email: lienhe@doanhnghiep001.example",
        "Số CMND/Thẻ căn cước/Hộ chiếu: 0000000001",
        "Nội dung yêu cầu giải quyết: Cấp giấy chứng nhận đăng ký đầu tư",
        "1. Thành phần hồ sơ, số lượng mỗi loại giấy tờ:",
        "Số lượng TT Thành phần hồ sơ Bản chính Bản chứng thực Bản photo",
        f"3 {PAPERS[2]} 1 0 2",
        "2. Số lượng hồ sơ: 01 (bộ)",
        "3. Thời gian giải quyết hồ sơ theo quy định là: 15 ngày làm việc",
        "4. Thời gian nhận hồ sơ: 09 giờ 32 phút, ngày 14/06/2024 (Thứ Sáu)",
        "5. Thời gian trả kết quả giải quyết hồ sơ: trước 17 giờ 00 phút, ngày 05/07/2024 (Thứ Sáu)",
        "6. Đăng ký nhận kết quả tại: Trung tâm Phục vụ hành chính công tỉnh Thái Bình",
        "7. Phí, lệ phí: Không thu",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
        "Trần Văn Đĩnh",
    ]
    found = [text.find(part) for part in expected]
    assert [part for part, at in zip(expected, found, strict=True) if at < 0] == []
    assert found == sorted(found)
    assert "Thủ tục hành chính:" not in text
    assert "Trang 1" not in text


def test_a_subject_of_its_own_stands_beside_the_procedure():
    (text,) = pages(render_pdf("receipt", receipt(subject="Đề nghị cấp mới cho nhà máy số 2")))
    assert "Nội dung yêu cầu giải quyết: Đề nghị cấp mới cho nhà máy số 2" in text
    assert "Thủ tục hành chính: Cấp giấy chứng nhận đăng ký đầu tư" in text


def test_notes_are_printed_where_there_are_any():
    notes = {
        "form_note": "Mẫu số 01, ban hành kèm theo Thông tư số 03/2025/TT-VPCP",
        "replaces": "Giấy này thay thế giấy tiếp nhận đã in ngày 13/06/2024.",
        "provisional_note": "Ngày hẹn trả là tạm tính: lịch nghỉ năm 2027 chưa được công bố.",
        "warning_note": "Thông tin đơn vị chưa được xác minh.",
        "demo_note": "BẢN IN THỬ – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ",
        "id_label": "Mã số doanh nghiệp",
    }
    (text,) = pages(render_pdf("receipt", receipt(**notes)))
    for note in notes.values():
        assert note in text
    assert "01/2018" not in text
    assert "CMND" not in text


@pytest.mark.parametrize("code", [CODE, "000.00.99.H54-261122-9999"])
@pytest.mark.parametrize("papers", [1, 8, 25])
def test_the_qr_code_reads_as_exactly_the_dossier_code(code, papers):
    pdf = render_pdf("receipt", receipt(papers, procedure=LONGEST, code=code, qr_svg=qr_svg(code)))
    read = zxingcpp.read_barcodes(pictures(pdf, 300)[0])
    assert [(found.text, found.format) for found in read] == [(code, zxingcpp.BarcodeFormat.QRCode)]


def test_the_qr_code_is_large_enough_for_a_poor_copier():
    # 100 dpi and four grey levels: a photocopy photographed in poor light.
    picture = (
        pictures(render_pdf("receipt", receipt()), 100)[0].convert("L").point(lambda grey: grey // 64 * 64)
    )
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [CODE]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"procedure": LONGEST},
        {
            "procedure": LONGEST,
            "subject": "Điều chỉnh dự án Nhà máy sản xuất linh kiện điện tử công nghệ cao",
        },
        {
            "procedure": LONGEST,
            "demo_note": "BẢN IN THỬ",
            "warning_note": "Thông tin đơn vị chưa được xác minh.",
        },
    ],
)
def test_eight_papers_and_the_longest_name_stay_on_one_page(changes):
    (text,) = pages(render_pdf("receipt", receipt(8, **changes)))
    assert changes.get("procedure", "") in text
    assert f"8 {PAPERS[7]}" in text
    assert "Trần Văn Đĩnh" in text


def test_many_papers_run_on_with_their_head_and_numbered_pages():
    texts = pages(render_pdf("receipt", receipt(25, procedure=LONGEST, demo_note="BẢN IN THỬ")))
    assert len(texts) == 2
    for number, text in enumerate(texts, start=1):
        assert text.count("Bản chứng thực") == 1
        assert f"Trang {number} / 2" in text
        assert f"Mã hồ sơ: {CODE}" in text
        assert "BẢN IN THỬ" in text
    numbers = re.findall(r"(?<!\S)(\d+) (?=Văn bản|Báo cáo|Bản án|Tài liệu|Đề xuất|Bản sao)", " ".join(texts))
    assert [int(number) for number in numbers] == list(range(1, 26))
    # What is signed stands together.
    for part in ("5. Thời gian trả kết quả", "NGƯỜI NỘP HỒ SƠ", "Nguyễn Thị Hường", "Trần Văn Đĩnh"):
        assert part in texts[1]


@pytest.mark.parametrize(
    "typed",
    [
        '#panic("x") #read("form.typ") #{1 + 1}',
        "$x^2$ giá 5$",
        "*đậm* _nghiêng_ `mã` ~ @nhãn <b>",
        "\\ \\n \\u{41} \"nháy\" 'đơn'",
        "=1+1 = Tiêu đề",
        "- một + hai / ba: bốn // năm /* sáu */",
        "A -- B --- C ... D",
    ],
)
def test_what_a_person_typed_stays_literal(typed):
    data = receipt(1, applicant=typed, address=typed, procedure=typed, warning_note=typed)
    data["papers"][0]["name"] = typed
    (text,) = pages(render_pdf("receipt", data))
    assert text.count(typed) == 5


def ink(picture, box):
    """Whether there is anything dark within the box, given in parts of the picture."""
    wide, high = picture.size
    part = picture.convert("L").crop((box[0] * wide, box[1] * high, box[2] * wide, box[3] * high))
    return part.getextrema()[0] < 128


def test_long_words_never_run_off_the_paper():
    word = "Đ" * 150
    data = receipt(1, applicant=word, address=word, email=word, procedure=word, submitter="x" * 40)
    data["papers"][0]["name"] = word
    pdf = render_pdf("receipt", data)
    (text,) = pages(pdf)
    assert text.replace(" ", "").count(word) == 5
    (picture,) = pictures(pdf, 150)
    # The margins are 12 mm of 148; the outer 10 mm must be white.
    assert not ink(picture, (0, 0, 10 / 148, 1))
    assert not ink(picture, (138 / 148, 0, 1, 1))
    assert ink(picture, (0.1, 0.1, 0.9, 0.9))


def test_a_receipt_without_papers_or_contacts_leaves_room_to_write():
    data = receipt(0, phone="", email="", id_number="", submitter="", result_delivery="")
    (text,) = pages(render_pdf("receipt", data))
    assert "Không kèm giấy tờ" in text
    assert "Người nộp:" not in text
    assert "Số điện thoại: Email: Số CMND/Thẻ căn cước/Hộ chiếu: Nội dung" in text


def test_only_tinos_is_used_and_it_is_embedded():
    data = receipt(25, procedure=LONGEST, warning_note="Ẵ ẵ Ệ ệ Ữ ữ Ợ ợ Ỹ ỹ Đ đ – “ ” …")
    fonts = {}
    for page in pypdf.PdfReader(io.BytesIO(render_pdf("receipt", data))).pages:
        for font in page["/Resources"]["/Font"].values():
            outer = font.get_object()
            inner = outer["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"]
            embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            fonts[str(outer["/BaseFont"]).split("+")[-1]] = embedded
    assert {"Tinos", "Tinos-Bold", "Tinos-Italic"} <= {name.removesuffix("-Regular") for name in fonts} | {
        "Tinos"
    }
    assert all(name.startswith("Tinos") for name in fonts)
    assert all(fonts.values())


def test_the_file_names_itself_its_language_and_no_moment():
    read = pypdf.PdfReader(io.BytesIO(render_pdf("receipt", receipt())))
    assert read.metadata.title == f"Giấy tiếp nhận hồ sơ và hẹn trả kết quả {CODE}"
    assert read.metadata.author == receipt()["unit"]
    assert str(read.trailer["/Root"]["/Lang"]).lower().startswith("vi")
    assert read.metadata.creation_date is None
    assert render_pdf("receipt", receipt()) == render_pdf("receipt", receipt())


def test_two_desks_may_print_at_once():
    names = [f"Doanh nghiệp {number:03}" for number in range(1, 13)]
    with ThreadPoolExecutor(4) as desks:
        printed = list(desks.map(lambda name: render_pdf("receipt", receipt(applicant=name)), names))
    for name, pdf in zip(names, printed, strict=True):
        assert f"Tiếp nhận hồ sơ của: {name} Người nộp" in pages(pdf)[0]


def test_an_unknown_form_is_an_error_and_no_path_leads_out_of_the_forms():
    with pytest.raises(FileNotFoundError, match="no printed form 'no-such-form'"):
        render_pdf("no-such-form", {})
    # It is looked for among the forms, under its own name.
    assert pages(render_pdf("../../elsewhere/receipt", receipt())) == pages(render_pdf("receipt", receipt()))


def test_templates_come_from_the_package_when_installed_and_else_from_beside_it(tmp_path, monkeypatch):
    package = tmp_path / "tthc"
    package.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.templates_folder() == tmp_path / "templates"
    (package / "templates").mkdir()
    assert resources.templates_folder() == package / "templates"
    assert resources.static_folder() == package / "static"
    assert resources.seeds_folder() == package / "seeds"
