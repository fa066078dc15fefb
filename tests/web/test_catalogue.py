"""The catalogue as everybody reads it: the list, a procedure on a date, the cut of declared information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.web.conftest import Reader
from tthc.domain.catalogue import CaseContent
from tthc.domain.permissions import Actor
from tthc.domain.time_limits import LimitSegment
from tthc.domain.vocabulary import LimitUnit
from tthc.services import catalogue_changes, catalogue_drafts, catalogue_versions
from tthc.services.catalogue_versions import Publication

Publish = Callable[..., int]


@pytest.fixture
def published(in_session: Any, admin: Actor, now: Any, today: date) -> Publish:
    """``published(local_no, since, **changes)`` records a version and gives its id."""

    def publish(local_no: int, since: date, **changes: Any) -> int:
        def act(session: Any) -> int:
            begun = catalogue_drafts.draft_version(session, actor=admin, on=today, local_no=local_no)
            return catalogue_versions.publish_version(
                session,
                now=now,
                actor=admin,
                local_no=local_no,
                seen=begun.seen,
                content=replace(begun.content, **changes),
                publication=Publication(since, "Theo quyết định mới", "12/QĐ-UBND", confirm_received=True),
            )

        found: int = in_session(act)
        return found

    return publish


@pytest.fixture
def both_limits(published: Publish) -> int:
    """From 01/06/2024 procedure 37 has a case in two segments, and promises less than the law allows."""
    cases = (
        CaseContent(
            "Trường hợp chung",
            None,
            True,
            (LimitSegment(5, LimitUnit.WORKING_DAY),),
            (LimitSegment(4, LimitUnit.WORKING_DAY),),
        ),
        CaseContent(
            "UBND cấp tỉnh quyết định",
            None,
            False,
            (
                LimitSegment(25, LimitUnit.DAY, "Ban Quản lý"),
                LimitSegment(7, LimitUnit.WORKING_DAY, "UBND cấp tỉnh"),
            ),
        ),
    )
    return published(37, date(2024, 6, 1), cases=cases, name="Tên từ tháng sáu")


def numbers(reader: Reader) -> list[str]:
    return [row[0] for row in reader.rows()]


def test_the_list_is_narrowed_down(clerk_reader: Reader) -> None:
    clerk_reader.get("/thu-tuc")
    assert len(numbers(clerk_reader)) == 42
    assert clerk_reader.text("main caption") == "42 thủ tục"
    assert not clerk_reader.soup.select('a[href="/thu-tuc/them"]')
    clerk_reader.get("/thu-tuc?q=VAN+phong+cham+dut")
    assert numbers(clerk_reader) == ["23", "40"]
    assert clerk_reader.soup.select_one("#q")["value"] == "VAN phong cham dut"
    clerk_reader.get("/thu-tuc?mark=reduced")
    assert numbers(clerk_reader) == ["26", "27", "28", "29", "30", "31", "33", "34", "35"]
    assert clerk_reader.text("#mark option[selected]") == "Đã cắt giảm thông tin khai"
    sector = next(
        option["value"]
        for option in clerk_reader.soup.select("#sector_id option")
        if option.text == "Quản lý công sản"
    )
    clerk_reader.get(f"/thu-tuc?sector_id={sector}&mark=unverified")
    assert numbers(clerk_reader) == ["33", "34", "35"]
    clerk_reader.get("/thu-tuc?q=khong-co")
    assert "Bớt điều kiện lọc" in clerk_reader.text(".empty")


def test_what_cannot_be_read_is_not_applied(clerk_reader: Reader) -> None:
    clerk_reader.get("/thu-tuc?mark=x&sector_id=y")
    assert len(numbers(clerk_reader)) == 42
    assert "Chọn một mục" in clerk_reader.text(".summary")


def test_a_version_to_come_is_announced(published: Publish, clerk_reader: Reader) -> None:
    published(37, date(2024, 7, 1), name="Tên từ tháng bảy")
    clerk_reader.get("/thu-tuc?mark=planned")
    assert numbers(clerk_reader) == ["37"]
    clerk_reader.get("/thu-tuc/37")
    assert clerk_reader.text("h1").startswith("Cấp lại Giấy phép")
    link = clerk_reader.soup.select_one('a[href="/thu-tuc/37?ngay=01/07/2024"]')
    assert link is not None
    clerk_reader.get(str(link["href"]))
    assert clerk_reader.text("h1") == "Tên từ tháng bảy"
    assert "◐ sắp áp dụng" in clerk_reader.text("main")


def test_both_limits_with_their_agencies_and_the_one_that_counts(
    both_limits: int, clerk_reader: Reader
) -> None:
    clerk_reader.get("/thu-tuc/37")
    assert clerk_reader.rows("main table:first-of-type tbody tr")[:2] == [
        [
            "Trường hợp chung mặc định",
            "mọi kênh",
            "05 ngày làm việc",
            "04 ngày làm việc",
            "04 ngày làm việc theo cam kết",
        ],
        [
            "UBND cấp tỉnh quyết định",
            "mọi kênh",
            "25 ngày Ban Quản lý 07 ngày làm việc UBND cấp tỉnh",
            "không có",
            "25 ngày + 07 ngày làm việc theo quy định",
        ],
    ]


def test_a_procedure_as_it_was_on_a_date(both_limits: int, clerk_reader: Reader) -> None:
    clerk_reader.get("/thu-tuc/37?ngay=31/05/2024")
    assert clerk_reader.text("h1").startswith("Cấp lại Giấy phép")
    assert "Ngày 31/05/2024: phiên bản áp dụng từ đầu đến 31/05/2024" in clerk_reader.text("main")
    assert "đã hết áp dụng" in clerk_reader.text("main")
    clerk_reader.get("/thu-tuc/37?ngay=01062024")
    assert clerk_reader.text("h1") == "Tên từ tháng sáu"
    clerk_reader.get("/thu-tuc/37?ngay=sai")
    assert "Nhập ngày cần xem" in clerk_reader.text(".summary")
    assert clerk_reader.soup.select_one("#ngay")["value"] == "sai"
    assert clerk_reader.text("h1") == "Tên từ tháng sáu"


def test_a_withdrawn_and_replaced_procedure_says_so(
    in_session: Any, admin: Actor, now: Any, clerk_reader: Reader
) -> None:
    in_session(
        lambda session: catalogue_changes.change_status(
            session,
            now=now,
            actor=admin,
            local_no=37,
            seen=1,
            status=catalogue_changes.Status("2.000450", date(2024, 7, 1), "2.000347", "Xem công văn 3"),
            reason="Bãi bỏ",
        )
    )
    clerk_reader.get("/thu-tuc/37")
    notices = [" ".join(one.get_text(" ").split()) for one in clerk_reader.soup.select(".notice-warning")]
    assert notices == [
        "Thủ tục sẽ bị bãi bỏ từ ngày 01/07/2024; từ ngày ấy không tiếp nhận hồ sơ mới.",
        "Thủ tục đã được thay thế bởi 2.000347 .",
    ]
    assert clerk_reader.soup.select_one('.notice a[href="/thu-tuc/38"]') is not None
    assert "Xem công văn 3" in clerk_reader.text(".facts")


def test_the_cut_of_declared_information(published: Publish, clerk_reader: Reader) -> None:
    clerk_reader.get("/thu-tuc/cat-giam")
    rows = clerk_reader.rows()
    assert [row[0] for row in rows] == ["26", "27", "28", "29", "30", "31", "33", "34", "35"]
    assert {tuple(row[3:]) for row in rows} == {
        ("chưa rõ", "chưa rõ", "giảm 15 %", "chưa có số trường để đối chiếu")
    }
    published(26, date(2024, 6, 1), fields_before=40, fields_after=34)
    published(27, date(2024, 6, 1), fields_before=12, fields_after=10)
    published(37, date(2024, 6, 1), declaration_reduced=True, fields_before=8, fields_after=7)
    clerk_reader.get("/thu-tuc/cat-giam")
    rows = clerk_reader.rows()
    assert rows[0][3:] == ["40", "34", "giảm 15 %", "✓ khớp tỷ lệ công bố 15 %"]
    assert rows[1][3:] == ["12", "10", "giảm 16,7 %", "△ công bố giảm 15 %"]
    assert rows[9][3:] == ["8", "7", "giảm 12,5 %", "chưa có tỷ lệ công bố"]
    clerk_reader.get("/thu-tuc/26")
    assert "giảm 15 % 40 trường trước, 34 trường sau rà soát" in clerk_reader.text(".facts")
    clerk_reader.get("/thu-tuc/28")
    assert "giảm 15 % theo tỷ lệ công bố, chưa có số trường" in clerk_reader.text(".facts")


def test_the_history_compares_any_two_versions(
    both_limits: int, published: Publish, signed_in: Callable[[str], Reader]
) -> None:
    third = published(37, date(2024, 7, 1), due_soon_days=3)
    reader = signed_in("supervisor")
    reader.get("/thu-tuc/37/phien-ban")
    rows = reader.rows("main table:first-of-type tbody tr")
    assert [row[0] for row in rows[:3]] == [
        "từ 01/07/2024 ◐ sắp áp dụng",
        "từ 01/06/2024 đến 30/06/2024 ● đang áp dụng",
        "từ đầu đến 31/05/2024 ✓ đã hết áp dụng",
    ]
    assert rows[1][1] == "12/QĐ-UBND Theo quyết định mới"
    assert rows[1][2] == "Quản trị 01 14/06/2024 09:30"
    assert not reader.soup.select('a[href$="/phien-ban/moi"]')
    # By default the two that begin last.
    assert [row[:4] for row in reader.rows(".compare tbody tr")][:2] == [
        ["Thông tin chung"],
        ["→ Sửa", "Báo sắp đến hạn", "trước 02 ngày làm việc", "trước 03 ngày làm việc"],
    ]
    first = [option["value"] for option in reader.soup.select("#tu option")][2]
    reader.get(f"/thu-tuc/37/phien-ban?tu={third}&den={first}")
    changed = reader.rows('[aria-label="Các mục khác nhau"] tbody tr')
    assert ["+ Thêm", "“Trường hợp chung”: cam kết", "–", "04 ngày làm việc"] in changed
    assert reader.soup.select_one(".compare th[scope=rowgroup]") is not None
    reader.get(f"/thu-tuc/37/phien-ban?tu={third}&den={third}")
    assert "Chọn hai phiên bản khác nhau" in reader.text("main")
    reader.get("/thu-tuc/37/phien-ban?tu=1&den=abc")
    assert "Chọn hai phiên bản khác nhau" in reader.text("main")
    reader.get("/thu-tuc/38/phien-ban")
    assert "mới có một phiên bản" in reader.text("main")
