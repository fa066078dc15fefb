"""The paper that explains a due date: every day on it, the promises, the law, and nothing recorded."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from tthc.cli import due_dates as command
from tthc.db.models import ProcedureCase, ProcedureVersion
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import Channel
from tthc.services import explanations, intake
from tthc.services.transaction import NotFound


def pages(office: Any, code: str, by: str = "clerk", **more: Any) -> list[str]:
    """The text of each page, its blanks folded."""
    content = explanations.explanation_paper(
        office.session, now=office.now, actor=office.person(by), code=code, **more
    )
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        for page in document:
            assert page.get_size() == pytest.approx((595, 842), abs=1), "A4"
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def test_every_day_stands_on_one_page(office: Any) -> None:
    office.stand("14/06/2024 17:40")
    code = office.receive(37)
    [text] = pages(office, code)
    for words in (
        "CÁCH TÍNH NGÀY HẸN TRẢ",
        code,
        "Doanh nghiệp 900",
        "05 ngày làm việc",
        "17 giờ 40 phút, Thứ Sáu, ngày 14/06/2024",
        "Thứ Hai, 17/06/2024",
        "17 giờ 00 phút, Thứ Hai, ngày 24/06/2024",
        "14/06/2024 Thứ Sáu – Tiếp nhận sau giờ làm việc",
        "15/06/2024 Thứ Bảy – Thứ Bảy",
        "17/06/2024 Thứ Hai – Ngày bắt đầu tính thời hạn",
        "Tổng số được tính 05 ngày",
        "1 17 giờ 00 phút, Thứ Hai, ngày 24/06/2024 Tiếp nhận đang áp dụng",
        "khoản 1 Điều 147 Bộ luật Dân sự 2015",
        "khoản 5 Điều 148 Bộ luật Dân sự 2015",
    ):
        assert words in text, words
    assert "Nghị định 61/2018" not in text
    # The strip of days, with the day on which the paper was made.
    for words in ("Tiếp nhận 14/06", "Hẹn trả 24/06", "Ngày lập 14/06", "05 ngày được tính"):
        assert words in text, words
    counted = [day for day in office.view(code).explanation if day.counted]
    assert len(counted) == 5
    rows = re.findall(r"(\d\d/\d\d/2024) (?:Thứ \w+|Chủ nhật) 1 Ngày làm việc", text)
    assert rows == [f"{day.date:%d/%m/%Y}" for day in counted]


def test_a_new_beginning_shows_both_promises_and_names_the_decree(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06/2024")
    code = office.receive(37)
    office.stand("12/06/2024")
    office.act("request_supplement", code)
    office.stand("14/06/2024")
    office.act("receive_supplement", code)
    [text] = pages(office, code)
    assert "1 17 giờ 00 phút, Thứ Hai, ngày 17/06/2024 Tiếp nhận đã được thay thế" in text
    assert "2 17 giờ 00 phút, Thứ Sáu, ngày 21/06/2024 Bổ sung hồ sơ đang áp dụng" in text
    assert "khoản 4 Điều 19 Nghị định 61/2018/" in text
    assert "14/06/2024 Thứ Sáu – Ngày bắt đầu tính thời hạn" in text
    assert "13/06/2024" not in text


def test_a_long_limit_runs_on_with_its_head(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(2)
    office.stand("17/06/2024")
    office.act("pause", code)
    office.stand("02/08/2024")
    office.act("resume", code)
    texts = pages(office, code)
    assert len(texts) > 1
    for number, text in enumerate(texts, start=1):
        days = re.search(r"\d\d/\d\d/2024 (Thứ|Chủ)", text)
        assert ("Ngày Thứ Tính Lý do" in text) == (days is not None), text
        assert f"Trang {number} / {len(texts)}" in text
        assert f"Mã hồ sơ: {code}" in text
    whole = " ".join(texts)
    assert all(f"{day.date:%d/%m/%Y} " in whole for day in office.view(code).explanation)
    assert "Tổng số được tính 25 ngày" in whole


def test_a_provisional_date_and_a_demonstration_are_marked(sqlite_office: Any) -> None:
    sqlite_office.stand("28/12/2026")
    code = sqlite_office.receive(37)
    [text] = pages(sqlite_office, code, demo=True)
    assert "Ngày hẹn trả tạm tính" in text
    assert "DỮ LIỆU MINH HỌA" in text
    assert "DỮ LIỆU MINH HỌA" not in pages(sqlite_office, code)[0]


def test_whoever_looks_at_dossiers_may_print_it_and_nothing_is_recorded(sqlite_office: Any) -> None:
    code = sqlite_office.receive(37)
    before = sqlite_office.everything()
    for role in ("auditor", "reporter", "clerk"):
        assert code in pages(sqlite_office, code, by=role)[0]
    assert sqlite_office.everything() == before
    with pytest.raises(NotFound):
        pages(sqlite_office, "000.00.99.H54-240614-9999")
    nobody = sqlite_office.person("clerk").__class__(None, 1, "", frozenset())
    with pytest.raises(NotAllowed):
        explanations.explanation_paper(sqlite_office.session, now=sqlite_office.now, actor=nobody, code=code)


def test_the_strip_of_a_dossier_follows_its_life(sqlite_office: Any) -> None:
    office = sqlite_office
    office.stand("10/06/2024")
    code = office.receive(37)

    def strip() -> Any:
        found = explanations.strip_of(office.view(code), office.today).laid_out()
        assert found is not None
        return found

    assert [label.words for label in strip().above] == ["Tiếp nhận 10/06", "Hẹn trả 17/06"]
    office.stand("12/06/2024")
    office.act("pause", code)
    office.stand("13/06/2024")
    kinds = [cell.kind for cell in strip().cells]
    assert kinds == ["uncounted", "counted", "stopped", "stopped", "counted", "off", "off", "counted"]
    office.stand("14/06/2024")
    office.act("resume", code)
    kinds = [cell.kind for cell in strip().cells]
    assert kinds[:5] == ["uncounted", "counted", "paused", "paused", "counted"]
    assert "stopped" not in kinds
    assert strip().now.words == "Hôm nay 14/06"
    office.stand("18/06/2024")
    office.act("resolve", code)
    office.stand("01/07/2024")
    assert strip().now.words == "Kết thúc 18/06"


def test_the_strip_of_a_preview_has_no_today(sqlite_office: Any) -> None:
    office = sqlite_office
    office.receive(37)
    due = intake.preview_due(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        procedure_id=office.procedure_id(37),
        case_id=None,
        channel=Channel.COUNTER,
    ).due
    found = explanations.strip_of_due(due).laid_out()
    assert found is not None
    assert found.now is None
    assert [label.words for label in found.above] == ["Tiếp nhận 14/06", "Hẹn trả 21/06"]


def test_the_parts_of_a_shared_limit_are_named_on_paper_and_on_the_command_line(sqlite_office: Any) -> None:
    """25 days at the board until Fri 26/06/2026, then 07 working days at the provincial committee."""
    office = sqlite_office
    case_id = office.session.scalars(
        select(ProcedureCase.id)
        .join(ProcedureVersion, ProcedureVersion.id == ProcedureCase.version_id)
        .where(
            ProcedureVersion.procedure_id == office.procedure_id(1),
            ProcedureCase.name == "UBND cấp tỉnh quyết định",
        )
    ).one()
    office.stand("01/06/2026")
    code = office.receive(1, case_id=case_id, confirm_unverified=True)
    office.stand("29/06/2026")
    text = " ".join(pages(office, code))
    for words in (
        "Các đoạn của thời hạn",
        "1 Ban Quản lý 25 ngày Thứ Sáu, 26/06/2026",
        "2 UBND cấp tỉnh 07 ngày làm việc Thứ Ba, 07/07/2026 đang chạy",
        "chỉ ngày cuối của cả thời hạn được chuyển sang ngày làm việc tiếp theo",
    ):
        assert words in text, words
    office.stand("08/07/2026")
    view = office.view(code)
    answer = command.dossier_as_json(view)
    assert answer["segments"] == [
        {
            "no": 1,
            "agency": "Ban Quản lý",
            "limit": "25 ngày",
            "last_on": office.on("26/06/2026"),
            "running": False,
            "held": "từ 01/06/2026, hạn 26/06/2026",
            "late": "quá hạn 08 ngày làm việc",
        },
        {
            "no": 2,
            "agency": "UBND cấp tỉnh",
            "limit": "07 ngày làm việc",
            "last_on": office.on("07/07/2026"),
            "running": False,
            "held": "",
            "late": "",
        },
    ]
    assert answer["delays"] == view.delays
    lines = command.dossier_as_text(view).splitlines()
    assert "Các đoạn của thời hạn" in lines
    assert "Chậm tại Ban Quản lý: quá hạn 08 ngày làm việc (hạn 26/06/2026, chưa xong)." in lines
    other = office.receive(37)
    assert "Các đoạn" not in " ".join(pages(office, other))
    assert "Các đoạn" not in command.dossier_as_text(office.view(other))
