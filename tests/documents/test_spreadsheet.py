"""Spreadsheets are opened again by another library: what was a number is a number, every sum is right."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from tthc.documents.ii06a import Ii06aForm, Ii06aRow, write_ii06a
from tthc.documents.spreadsheet import spans, write_table
from tthc.documents.tables import Column, ReportTable
from tthc.documents.workbooks import sheet_name

#: The published figures of the first half of 2024 in total; their parting over the sectors is for the test.
ROWS = (
    Ii06aRow("Đầu tư tại Việt Nam", 60, 4, 8, early=66, on_time=0, late=0, within=6, overdue=0),
    Ii06aRow("Hoạt động xây dựng", 30, 2, 4, early=30, on_time=2, late=0, within=4, overdue=0),
    Ii06aRow("Lao động", 20, 1, 1, early=20, on_time=1, late=0, within=1, overdue=0),
)
FORM = Ii06aForm(
    unit_name="Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh Thái Bình",
    superior_name="Ủy ban nhân dân tỉnh Thái Bình",
    recipient_name="Văn phòng Ủy ban nhân dân tỉnh Thái Bình",
    place="Thái Bình",
    period_title="6 tháng đầu năm 2024",
    from_on=date(2023, 12, 15),
    to_on=date(2024, 6, 14),
    rows=ROWS,
    separate_ends=False,
    issued_on=date(2024, 6, 17),
    notes=("Số liệu ghi nhận đến hết ngày 14/06/2024.",),
)
LABELS = [
    "(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)",
    "(11)=(12)+(13)", "(12)", "(13)",
]  # fmt: skip


def opened(content, *, values=True):
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values).worksheets[0]


def texts(sheet):
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def find(sheet, text):
    """The one cell that holds exactly this text."""
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert len(found) == 1, (text, found)
    return found[0]


def numbers(sheet, row):
    return [cell.value for cell in sheet[row][2:]]


def test_the_official_form_names_itself_period_and_parties():
    sheet = opened(write_ii06a(FORM))
    assert sheet["A1"].value == "Biểu số II.06a/VPCP/KSTT"
    assert sheet["A2"].value == "Ban hành theo Thông tư số 01/2020/TT-VPCP ngày 21/10/2020"
    find(sheet, "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC")
    find(sheet, "Kỳ báo cáo: 6 tháng đầu năm 2024\n(Từ ngày 15/12/2023 đến ngày 14/06/2024)")
    find(sheet, f"- Đơn vị báo cáo: {FORM.unit_name}\n- Đơn vị nhận báo cáo: {FORM.recipient_name}")
    find(sheet, "Đơn vị tính: Số hồ sơ TTHC")
    find(sheet, "Thái Bình, ngày 17 tháng 6 năm 2024")
    find(sheet, "Người làm báo cáo")
    find(sheet, "Thủ trưởng đơn vị")
    assert "Số liệu ghi nhận đến hết ngày 14/06/2024." in find(sheet, f"- {FORM.notes[0]}").value
    assert all(text == unicodedata.normalize("NFC", text) for text in texts(sheet))


def test_the_columns_are_numbered_and_grouped_as_in_the_circular():
    sheet = opened(write_ii06a(FORM))
    assert [cell.value for cell in sheet[8]] == LABELS
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    assert {
        "A5:A7", "B5:B7", "C5:F5", "G5:J5", "K5:M5", "C6:C7", "D6:E6", "F6:F7",
        "G6:G7", "H6:H7", "I6:I7", "J6:J7", "K6:K7", "L6:L7", "M6:M7",
    } <= merged  # fmt: skip
    assert [sheet[at].value for at in ("C5", "G5", "K5", "D6", "D7", "E7", "F6", "C6")] == [
        "Số hồ sơ nhận giải quyết",
        "Số lượng hồ sơ đã giải quyết",
        "Số lượng hồ sơ đang giải quyết",
        "Trong kỳ",
        "Trực tuyến",
        "Trực tiếp, dịch vụ bưu chính",
        "Từ kỳ trước",
        "Tổng số",
    ]
    assert [sheet.cell(6, column).value for column in range(7, 14)] == [
        "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn", "Quá hạn",
    ]  # fmt: skip


def test_every_number_is_a_number_and_the_total_adds_up():
    sheet = opened(write_ii06a(FORM))
    assert [cell.value for cell in sheet[9]] == [
        1,
        "Đầu tư tại Việt Nam",
        72,
        60,
        4,
        8,
        66,
        66,
        0,
        0,
        6,
        6,
        0,
    ]
    total = find(sheet, "TỔNG CỘNG").row
    assert total == 12
    assert numbers(sheet, total) == [130, 110, 7, 13, 119, 116, 3, 0, 11, 11, 0]
    for row in range(9, 13):
        assert all(type(value) is int for value in numbers(sheet, row))


def evaluated(formulas, values, cell):
    """What a formula of the form ``=D9+E9`` or ``=SUM(C9:C11)`` gives from the stored values."""
    body = formulas[cell].value.removeprefix("=")
    if body.startswith("SUM("):
        return sum(part.value for (part,) in values[body[4:-1]])
    return sum(values[name].value for name in body.split("+"))


@pytest.mark.parametrize("separate_ends", [False, True])
def test_sums_are_live_formulas_stored_with_their_values(separate_ends):
    rows = [replace(row, online=row.online + 3, withdrawn=2, stopped=1) for row in ROWS]
    content = write_ii06a(replace(FORM, rows=rows, separate_ends=separate_ends))
    formulas, values = opened(content, values=False), opened(content)
    wide = 15 if separate_ends else 13
    for row in (9, 10, 11):
        assert [formulas[f"{letter}{row}"].value for letter in "CGK"] == [
            f"=D{row}+E{row}+F{row}",
            f"=H{row}+I{row}+J{row}",
            f"=L{row}+M{row}",
        ]
    live = [f"{letter}{row}" for letter in "CGK" for row in (9, 10, 11)]
    for column in range(3, wide + 1):
        letter = get_column_letter(column)
        assert formulas[f"{letter}12"].value == f"=SUM({letter}9:{letter}11)"
        live.append(f"{letter}12")
    for cell in live:
        assert values[cell].value == evaluated(formulas, values, cell), cell


def test_separate_ends_stand_in_two_further_columns():
    rows = [replace(row, online=row.online + 3, withdrawn=2, stopped=1) for row in ROWS]
    sheet = opened(write_ii06a(replace(FORM, rows=rows, separate_ends=True)))
    assert [cell.value for cell in sheet[8]] == [*LABELS, "(14)", "(15)"]
    assert (sheet["N5"].value, sheet["N6"].value, sheet["O6"].value) == (
        "Số hồ sơ kết thúc khác",
        "Rút hồ sơ",
        "Dừng giải quyết",
    )
    assert "N5:O5" in {str(cells) for cells in sheet.merged_cells.ranges}
    assert numbers(sheet, 12) == [139, 119, 7, 13, 119, 116, 3, 0, 11, 11, 0, 6, 3]
    assert any("cột (14), (15)" in text for text in texts(sheet))
    folded = opened(write_ii06a(replace(FORM, rows=rows)))
    assert folded.max_column == 13
    assert not any("(14)" in text for text in texts(folded))


def strip(form):
    """The printed check: its words, its formula and its stored answer."""
    content = write_ii06a(form)
    values, formulas = opened(content), opened(content, values=False)
    label = next(
        cell
        for row in values.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("Kiểm tra số liệu")
    )
    answers = [cell for cell in values[label.row] if cell.value in ("Khớp", "Lệch")]
    assert len(answers) == 1
    return label.value, formulas[answers[0].coordinate].value, answers[0].value


def test_the_strip_says_whether_the_identity_holds():
    label, formula, answer = strip(FORM)
    assert "(3) = (7) + (11) tại" in label
    assert formula == '=IF(SUMPRODUCT(--(C9:C12<>G9:G12+K9:K12))=0,"Khớp","Lệch")'
    assert answer == "Khớp"
    # One dossier too many in one sector and one too few in another: the total alone would not show it.
    crossed = (replace(ROWS[0], online=61), replace(ROWS[1], online=29), ROWS[2])
    assert strip(replace(FORM, rows=crossed))[2] == "Lệch"


def test_the_strip_counts_withdrawn_and_stopped_where_they_stand_apart():
    rows = [replace(row, online=row.online + 3, withdrawn=2, stopped=1) for row in ROWS]
    label, formula, answer = strip(replace(FORM, rows=rows, separate_ends=True))
    assert "(3) = (7) + (11) + (14) + (15)" in label
    assert "G9:G12+K9:K12+N9:N12+O9:O12" in formula
    assert answer == "Khớp"
    assert strip(replace(FORM, rows=rows))[2] == "Lệch"


def test_a_period_without_dossiers_still_has_its_form():
    content = write_ii06a(replace(FORM, rows=()))
    sheet = opened(content)
    total = find(sheet, "TỔNG CỘNG").row
    assert numbers(sheet, total) == [0] * 11
    assert opened(content, values=False)[f"C{total}"].value == f"=SUM(C9:C{total - 1})"
    find(sheet, "Không phát sinh hồ sơ trong kỳ")


def test_the_form_prints_on_a4_landscape_with_its_head_on_every_page():
    sheet = opened(write_ii06a(replace(FORM, unit_name="Ban Quản lý A & B")))
    assert sheet.title == "II.06a"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    # One page wide is what the format means when it names no width; 0 is "as many as it takes".
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$5:$8"
    assert sheet.freeze_panes == "C9"
    assert 0.3 <= sheet.page_margins.left <= 0.8
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None} == {
        "Times New Roman"
    }
    assert "A && B" in str(sheet.oddFooter.left.text)


HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://a.example","x")',
    "+84",
    "-1",
    "@SUM(A1)",
    "http://a.example",
    "{=1}",
    "007",
]

TABLE = ReportTable(
    title="DANH SÁCH HỒ SƠ QUÁ HẠN",
    subtitle="Tính đến ngày 22/11/2026",
    columns=(
        Column("no", "STT", "number", 6, number_label="(1)"),
        Column("applicant", "Chủ hồ sơ", "text", 30, number_label="(2)"),
        Column("received", "Nhận hồ sơ", "datetime", 16, group="Ngày, tháng, năm", number_label="(3)"),
        Column("due", "Hẹn trả", "date", 12, group="Ngày, tháng, năm", number_label="(4)"),
        Column("rate", "Tỷ lệ", "percent", 10, number_label="(5)"),
        Column("capital", "Vốn (tỷ đồng)", "number", 14, number_label="(6)"),
    ),
    rows=[
        [i, text, datetime(2024, 6, 13, 18, 5, tzinfo=UTC), date(2024, 6, 20), 0.992, Decimal("203.82")]
        for i, text in enumerate(HOSTILE, start=1)
    ],
    total=[None, "Tổng cộng", None, None, "–", Decimal("1630.56")],
    notes=("Ghi chú: số liệu tại thời điểm lập.",),
    header_left=("ỦY BAN NHÂN DÂN TỈNH THÁI BÌNH", "BAN QUẢN LÝ KHU KINH TẾ"),
    header_right=("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"),
    unit_line="Đơn vị tính: hồ sơ",
    signers=("Người lập biểu", "Thủ trưởng đơn vị"),
)


def test_a_list_keeps_every_value_as_what_it_is():
    sheet = opened(write_table(TABLE))
    first = find(sheet, "=1+1").row
    row = sheet[first]
    assert row[0].value == 1
    assert row[2].value == datetime(2024, 6, 14, 1, 5)
    assert row[2].number_format == "dd/mm/yyyy hh:mm"
    assert row[3].value.date() == date(2024, 6, 20)
    assert row[3].number_format == "dd/mm/yyyy"
    assert row[4].value == pytest.approx(0.992)
    assert row[4].number_format == "0.0%"
    assert row[5].value == pytest.approx(203.82)
    total = sheet[find(sheet, "Tổng cộng").row]
    assert [cell.value for cell in total] == [None, "Tổng cộng", None, None, "–", pytest.approx(1630.56)]
    assert total[5].font.bold


def test_no_text_becomes_a_formula_or_a_link():
    sheet = opened(write_table(TABLE), values=False)
    first = find(sheet, "=1+1").row
    cells = [sheet.cell(first + offset, 2) for offset in range(len(HOSTILE))]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    form = opened(
        write_ii06a(replace(FORM, rows=(replace(ROWS[0], label="=1+1"),), notes=("=1+1",))), values=False
    )
    assert (form["B9"].value, form["B9"].data_type) == ("=1+1", "s")


def test_a_list_has_its_caption_head_filter_and_signatures():
    sheet = opened(write_table(TABLE))
    head = find(sheet, "Ngày, tháng, năm").row
    first = find(sheet, "=1+1").row
    assert first == head + 3
    assert [cell.value for cell in sheet[head + 2]] == ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]
    assert {f"C{head}:D{head}", f"A{head}:A{head + 1}"} <= {str(cells) for cells in sheet.merged_cells.ranges}
    assert sheet.freeze_panes == f"A{first}"
    assert sheet.print_title_rows == f"${head}:${first - 1}"
    assert sheet.auto_filter.ref == f"A{first - 1}:F{first + len(HOSTILE) - 1}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    order = [
        find(sheet, text).row
        for text in (
            "BAN QUẢN LÝ KHU KINH TẾ",
            "DANH SÁCH HỒ SƠ QUÁ HẠN",
            "Tính đến ngày 22/11/2026",
            "Đơn vị tính: hồ sơ",
            "STT",
            "Tổng cộng",
            "Ghi chú: số liệu tại thời điểm lập.",
            "Người lập biểu",
        )
    ]
    assert order == sorted(order)
    assert find(sheet, "Người lập biểu").row == find(sheet, "Thủ trưởng đơn vị").row


def test_an_empty_list_says_so_and_has_nothing_to_filter():
    sheet = opened(write_table(replace(TABLE, rows=(), total=None)))
    find(sheet, "Không có dữ liệu trong phạm vi đã chọn.")
    assert sheet.auto_filter.ref is None


def test_a_list_of_one_column_stacks_its_caption():
    one = replace(TABLE, columns=(Column("a", "Nội dung", "text", 20),), rows=[["x"]], total=None)
    sheet = opened(write_table(one))
    assert [sheet.cell(row, 1).value for row in range(1, 6)] == [
        *TABLE.header_left,
        *TABLE.header_right,
        "DANH SÁCH HỒ SƠ QUÁ HẠN",
    ]
    assert find(sheet, "Người lập biểu").row < find(sheet, "Thủ trưởng đơn vị").row


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", True),
        ("number", date(2024, 1, 1).__class__),
        ("datetime", datetime(2024, 1, 1)),
        ("date", 45000),
    ],
)
def test_a_value_of_the_wrong_sort_is_refused(kind, value):
    table = ReportTable("A", "", (Column("a", "A", kind),), [[value]])
    with pytest.raises(TypeError):
        write_table(table)


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="row 2 has 1 cells for 2 columns"):
        ReportTable("A", "", (Column("a", "A"), Column("b", "B")), [["x", "y"], ["x"]])
    with pytest.raises(ValueError, match="the total has 3 cells"):
        ReportTable("A", "", (Column("a", "A"), Column("b", "B")), [], total=["x", "y", "z"])


def test_the_same_table_gives_the_same_bytes():
    assert write_table(TABLE) == write_table(TABLE)
    assert write_ii06a(FORM) == write_ii06a(FORM)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Sổ theo dõi", "Sổ theo dõi"),
        ("a/b:c*d?e[f]g\\h", "a b c d e f g h"),
        ("'", "Danh sách"),
        ("History", "Danh sách"),
        ("x" * 40, "x" * 31),
    ],
)
def test_the_name_of_a_sheet_is_one_that_excel_accepts(title, name):
    assert sheet_name(title) == name


def test_columns_are_divided_by_width_without_an_empty_span():
    assert spans((10, 10, 40), 2) == [(0, 1), (2, 2)]
    assert spans((40, 10, 10), 2) == [(0, 0), (1, 2)]
    assert spans((1, 1, 100), 3) == [(0, 0), (1, 1), (2, 2)]
    with pytest.raises(ValueError, match="3 spans of 2 columns"):
        spans((1, 1), 3)
