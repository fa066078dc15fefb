"""Two versions of a procedure side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.test_catalogue import COMMON, FORM, case, days, version, working
from tthc.domain.catalogue import PaperContent, VersionContent
from tthc.domain.catalogue_comparison import DifferenceKind, compare, fee_label
from tthc.domain.vocabulary import Channel, OnlineLevel, SupplementMode


def changes(old: VersionContent, new: VersionContent) -> list[tuple[str, DifferenceKind, str, str]]:
    """(part, what became of it, before, after) of everything that differs."""
    return [
        (row.label, row.kind, row.before, row.after)
        for section in compare(old, new).sections
        for row in section.changed
    ]


def test_the_same_version_differs_in_nothing() -> None:
    comparison = compare(version(), version())
    assert comparison.empty
    assert comparison.changes == 0
    assert [section.title for section in comparison.sections] == [
        "Thông tin chung",
        "Căn cứ pháp lý",
        "Trường hợp và thời hạn",
        "Giấy tờ phải nộp",
    ]
    assert [len(section.same) for section in comparison.sections] == [11, 2, 3, 1]


@pytest.mark.parametrize(
    ("field", "value", "label", "before", "after"),
    [
        ("name", "Cấp lại Giấy phép", "Tên thủ tục", "Cấp Giấy phép", "Cấp lại Giấy phép"),
        ("sector", "Lao động", "Lĩnh vực", "Thương mại quốc tế", "Lao động"),
        ("online_level", OnlineLevel.PARTIAL, "Mức độ trực tuyến", "Toàn trình", "Một phần"),
        ("fee", None, "Lệ phí", "3.000.000 đồng", "chưa có thông tin"),
        ("fee", 0, "Lệ phí", "3.000.000 đồng", "không"),
        (
            "supplement_mode",
            SupplementMode.PAUSE,
            "Khi yêu cầu bổ sung",
            "Tính lại từ đầu",
            "Không tính thời gian bổ sung",
        ),
        (
            "financial_stops_clock",
            True,
            "Chờ nghĩa vụ tài chính",
            "vẫn tính thời hạn",
            "tạm dừng tính thời hạn",
        ),
        ("due_soon_days", 3, "Báo sắp đến hạn", "trước 02 ngày làm việc", "trước 03 ngày làm việc"),
        ("code_confirmed", False, "Mã thủ tục", "đã xác minh", "chưa xác minh"),
        ("limit_confirmed", False, "Thời hạn", "đã xác minh", "chưa xác minh"),
    ],
)
def test_a_field_that_changed(field: str, value: object, label: str, before: str, after: str) -> None:
    assert changes(version(), version(**{field: value})) == [(label, DifferenceKind.CHANGED, before, after)]


def test_a_text_that_came_or_went() -> None:
    assert changes(version(result=""), version()) == [("Kết quả", DifferenceKind.ADDED, "", "Giấy phép")]
    assert changes(version(), version(result="")) == [("Kết quả", DifferenceKind.REMOVED, "Giấy phép", "")]


def test_the_review_of_declared_information() -> None:
    new = version(declaration_reduced=True, declared_cut_percent=15, fields_before=20, fields_after=17)
    after = "đã cắt giảm; công bố giảm 15 %; 20 trường trước, 17 trường sau rà soát"
    assert changes(version(), new) == [("Thông tin khai", DifferenceKind.CHANGED, "chưa cắt giảm", after)]


def test_documents_one_by_one() -> None:
    new = version(legal_basis="Luật Thương mại số 36/2005/QH11; Nghị định số 1/2026/NĐ-CP")
    assert changes(version(), new) == [
        ("Văn bản", DifferenceKind.REMOVED, "Nghị định số 07/2016/NĐ-CP", ""),
        ("Văn bản", DifferenceKind.ADDED, "", "Nghị định số 1/2026/NĐ-CP"),
    ]


def test_cases_that_came_went_or_changed() -> None:
    group = case(name="Nhóm B", is_default=False, statutory=(days(25),))
    old = version(cases=(COMMON, group))
    new = version(
        cases=(
            case(statutory=(days(5, "Ban Quản lý"), working(2, "UBND cấp tỉnh")), committed=(working(4),)),
            case(name="Nhóm C", channel=Channel.ONLINE, is_default=False, statutory=(days(15),)),
        )
    )
    assert changes(old, new) == [
        (
            "“Trường hợp chung”: theo quy định",
            DifferenceKind.CHANGED,
            "07 ngày làm việc",
            "05 ngày (Ban Quản lý) + 02 ngày làm việc (UBND cấp tỉnh)",
        ),
        ("“Trường hợp chung”: cam kết", DifferenceKind.ADDED, "", "04 ngày làm việc"),
        (
            "Trường hợp “Nhóm C” (Trực tuyến)",
            DifferenceKind.ADDED,
            "",
            "theo quy định 15 ngày; mặc định không",
        ),
        ("Trường hợp “Nhóm B”", DifferenceKind.REMOVED, "theo quy định 25 ngày; mặc định không", ""),
    ]
    assert changes(version(), version(cases=(case(is_default=False),))) == [
        ("“Trường hợp chung”: mặc định", DifferenceKind.CHANGED, "có", "không")
    ]


def test_papers_that_came_went_or_changed() -> None:
    licence = PaperContent("Bản sao giấy phép", 0, 1, 0, True)
    new = version(papers=(replace(licence, required=False), PaperContent("Ảnh", 2, 0, 0, True)))
    assert changes(version(papers=(FORM, licence)), new) == [
        (
            "Bản sao giấy phép",
            DifferenceKind.CHANGED,
            "01 bản sao chứng thực",
            "01 bản sao chứng thực, nếu có",
        ),
        ("Ảnh", DifferenceKind.ADDED, "", "02 bản chính"),
        ("Đơn đề nghị", DifferenceKind.REMOVED, "01 bản chính", ""),
    ]
    respelled = version(papers=(replace(FORM, name="Đơn Đề nghị"),))
    assert changes(version(), respelled) == [
        ("Đơn Đề nghị", DifferenceKind.CHANGED, "Đơn đề nghị: 01 bản chính", "Đơn Đề nghị: 01 bản chính")
    ]


def test_the_order_of_papers_alone_is_no_difference() -> None:
    second = PaperContent("Ảnh", 2, 0, 0, True)
    assert compare(version(papers=(FORM, second)), version(papers=(second, FORM))).empty


def test_fees_in_words() -> None:
    assert [fee_label(fee) for fee in (None, 0, 500, 1_500_000)] == [
        "chưa có thông tin",
        "không",
        "500 đồng",
        "1.500.000 đồng",
    ]
