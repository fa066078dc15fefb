"""The pages of periodic reports: the list, a report with its figures, its letter, its sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tthc.domain.permissions import Actor, system_actor
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, Outcome
from tthc.services import closing, dossiers, reports
from tthc.services.vault import Vault

LETTER = {
    "letter_no": "123/BC-BQL",
    "signer": "Lãnh đạo 01",
    "recipient": "Ủy ban nhân dân tỉnh",
    "send_by_on": "20/06/2024",
    "note": "Gửi qua trục liên thông",
}


def _at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 9, 30, tzinfo=OFFICE_ZONE)


@pytest.fixture
def drawn_up(received: Any, done_to: Any, in_session: Any, now: datetime) -> None:
    """The reports of April with a dossier resolved, and of May with one pending whose limit is unverified."""
    code = received(37, _at(4, 2), channel=Channel.ONLINE)
    done_to(code, 1, dossiers.resolve_dossier, _at(4, 4), outcome=Outcome.GRANTED)
    received(15, _at(5, 13))
    in_session(lambda session: reports.draw_up(session, now=now, actor=system_actor(1)))


@pytest.fixture
def closed(drawn_up: None, in_session: Any, now: datetime, supervisor: Actor, tmp_path: Path) -> None:
    """Both months closed."""

    def close(session: Any) -> None:
        found = closing.next_close(session, actor=supervisor, now=now)
        assert found is not None
        closing.close_period(
            session,
            now=now,
            actor=supervisor,
            from_on=found.period.from_on,
            to_on=found.period.to_on,
            figures=found.figures,
            vault=Vault(tmp_path),
            reason="Đã rà soát",
        )

    in_session(close)
    in_session(close)


def _open(reader: Any, title: str = "Tháng 05 năm 2024") -> str:
    """Open a report from the list; its address."""
    reader.get("/bao-cao/ky")
    [link] = [
        row.select_one("a") for row in reader.soup.select("main tbody tr") if title in row.get_text(" ")
    ]
    reader.get(link["href"])
    return str(link["href"])


def _version(reader: Any) -> str:
    return str(reader.soup.select_one('input[name="version"]')["value"])


def test_before_anything_was_received_the_list_says_what_would_be_here(supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao/ky")
    assert "Không có báo cáo nào ở đây" in supervisor_reader.text(".empty")
    supervisor_reader.get("/bao-cao/ky/1", 404)


def test_the_list_tells_kind_period_state_and_points(drawn_up: None, supervisor_reader: Any) -> None:
    supervisor_reader.get("/bao-cao/ky")
    may, april = supervisor_reader.rows()
    assert may[0] == "Báo cáo tháng , Tháng 05 năm 2024"
    assert may[1:3] == ["Tháng 05 năm 2024 15/04/2024 – 14/05/2024", "◐ Dự thảo"]
    assert may[4:] == ["chưa nhập", "–"]
    assert april[1].startswith("Tháng 04 năm 2024")
    supervisor_reader.get("/bao-cao/ky?kind=quarter")
    assert supervisor_reader.rows() == []
    supervisor_reader.get("/bao-cao/ky?kind=month&state=draft&sending=unsent&year=2024")
    assert len(supervisor_reader.rows()) == 2
    # What cannot be read is not applied.
    supervisor_reader.get("/bao-cao/ky?kind=khong-co&year=abc&page=x")
    assert len(supervisor_reader.rows()) == 2


def test_reporters_are_told_on_the_first_page_and_over_the_table(
    drawn_up: None, signed_in: Callable[[str], Any]
) -> None:
    reader = signed_in("reporter")
    reader.get("/")
    link = reader.soup.select_one('.counts a[href*="/bao-cao/ky"]')
    assert link.find("b").get_text() == "2"
    assert "Báo cáo cần hoàn thành" in link.get_text(" ")
    reader.get(link["href"])
    assert len(reader.rows()) == 2
    reader.get("/bao-cao")
    assert "Báo cáo định kỳ (2 cần hoàn thành)" in reader.text(".head-tools")
    for name in ("clerk", "auditor"):
        other = signed_in(name)
        other.get("/")
        assert "Báo cáo cần hoàn thành" not in other.text("main")
        other.get("/bao-cao")
        assert "cần hoàn thành" not in other.text(".head-tools")


def test_every_number_of_a_report_opens_its_dossiers(drawn_up: None, supervisor_reader: Any) -> None:
    address = _open(supervisor_reader)
    for query in ("", "?by=procedure", "?by=khong-co"):
        supervisor_reader.get(f"{address}{query}")
        links = {link["href"]: int(link.get_text()) for link in supervisor_reader.soup.select(".official a")}
        assert sum(links.values()) >= 4
        for target, number in links.items():
            if number:
                supervisor_reader.get(target)
                assert len(supervisor_reader.rows()) == number
    supervisor_reader.get(address)
    points = {
        link["href"]: int(link.get_text()) for link in supervisor_reader.soup.select('a[href*="kiem-tra"]')
    }
    assert points
    for target, number in points.items():
        supervisor_reader.get(target)
        assert len(supervisor_reader.rows()) == number


def test_the_sentence_is_there_to_be_selected(drawn_up: None, supervisor_reader: Any) -> None:
    _open(supervisor_reader)
    assert supervisor_reader.text("#sentence") == (
        "Trong tháng 05 năm 2024 (từ ngày 15/04/2024 đến hết ngày 14/05/2024), Ban Quản lý Khu kinh tế và "
        "các khu công nghiệp tỉnh Thái Bình tiếp nhận 01 hồ sơ thủ tục hành chính (là hồ sơ mới tiếp nhận "
        "theo hình thức trực tiếp; không có hồ sơ từ kỳ trước chuyển sang); chưa giải quyết xong hồ sơ nào; "
        "đang giải quyết 01 hồ sơ, trong hạn; không tiếp nhận phản ánh, kiến nghị nào."
    )
    assert "Xem tổng hợp phản ánh, kiến nghị hiện tại của kỳ" in supervisor_reader.text("main")
    button = supervisor_reader.soup.select_one("button[data-copy]")
    assert (button["data-copy"], button.has_attr("hidden")) == ("sentence", True)


def test_a_draft_says_that_it_is_out_of_date_and_is_drawn_up_again(
    drawn_up: None, received: Any, signed_in: Callable[[str], Any]
) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    assert "đã thay đổi" not in reader.text("main")
    received(37, _at(5, 7))
    reader.get(address)
    assert "Số liệu của kỳ đã thay đổi" in reader.text(".notice-warning")
    version = _version(reader)
    reader.post(f"{address}/lap-lai", {"version": version})
    reader.follow()
    assert "Đã lập lại báo cáo" in reader.text(".notice-done")
    assert "đã thay đổi" not in reader.text("main")
    assert "Cán bộ tổng hợp 01" in reader.text(".facts")
    # Somebody who still sees the page of before.
    reader.post(f"{address}/lap-lai", {"version": version}, 422)
    assert "Báo cáo vừa được người khác cập nhật" in reader.text(".summary")


def test_a_draft_of_an_open_period_is_not_sent(drawn_up: None, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    assert reader.soup.select_one('form[action$="/da-gui"]') is None
    reader.post(f"{address}/da-gui", {"version": _version(reader), "sent_on": "14/06/2024"}, 422)
    assert "Chốt các tháng của kỳ báo cáo trước khi gửi" in reader.text(".summary")


def test_the_letter_is_noted_and_the_report_sent(closed: None, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    assert "Đã chốt số liệu" in reader.text(".facts")
    assert reader.soup.select_one('form[action$="/lap-lai"]') is None
    reader.post(f"{address}/cong-van", {"version": _version(reader), **LETTER})
    reader.follow()
    assert reader.soup.select_one("#letter_no")["value"] == "123/BC-BQL"
    assert "20/06/2024" in reader.text(".facts")
    reader.post(f"{address}/da-gui", {"version": _version(reader), "sent_on": "13/06/2024"})
    reader.follow()
    assert "13/06/2024 · Cán bộ tổng hợp 01" in reader.text(".facts")
    assert "Lãnh đạo 01" in reader.text("main")
    assert reader.soup.select("main form") == []
    reader.get("/bao-cao/ky?state=sent")
    assert [row[5] for row in reader.rows()] == ["13/06/2024"]
    reader.get("/")
    assert reader.soup.select_one('.counts a[href*="/bao-cao/ky"] b').get_text() == "1"


@pytest.mark.parametrize(
    ("action", "typed", "field", "words"),
    [
        ("cong-van", {"send_by_on": "14/05/2024"}, "#send_by_on", "Hạn gửi phải sau ngày cuối kỳ"),
        ("cong-van", {"send_by_on": "hôm nào đó"}, "#send_by_on", "Nhập hạn gửi theo dạng"),
        ("cong-van", {"letter_no": "9" * 65}, "#letter_no", "Viết ngắn hơn: tối đa 64 ký tự"),
        ("da-gui", {"sent_on": ""}, "#sent_on", "Nhập ngày gửi theo dạng"),
    ],
)
def test_what_cannot_be_stands_at_its_field_and_is_kept(
    closed: None,
    signed_in: Callable[[str], Any],
    action: str,
    typed: dict[str, str],
    field: str,
    words: str,
) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    reader.post(f"{address}/{action}", {"version": _version(reader), **LETTER, **typed}, 422)
    assert field in [link["href"] for link in reader.soup.select(".summary a")]
    assert words in reader.text(".summary")
    assert reader.soup.select_one(field)["value"] == next(iter(typed.values()))
    if action == "cong-van":
        assert reader.soup.select_one("#signer")["value"] == "Lãnh đạo 01"


def test_what_is_missing_in_the_letter_is_named(closed: None, signed_in: Callable[[str], Any]) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    reader.post(f"{address}/da-gui", {"version": _version(reader), "sent_on": "13/06/2024"}, 422)
    assert "Ghi số văn bản, người ký của công văn" in reader.text(".summary")


@pytest.mark.parametrize("name", ["clerk", "officer", "admin", "auditor"])
def test_others_read_only(drawn_up: None, signed_in: Callable[[str], Any], name: str) -> None:
    reader = signed_in(name)
    address = _open(reader)
    assert reader.soup.select("main form") == []
    for action in ("lap-lai", "cong-van", "da-gui"):
        reader.post(f"{address}/{action}", {"version": "1"}, 403)


def test_lateness_is_a_word_and_is_counted_on_the_first_page(
    closed: None, signed_in: Callable[[str], Any], clock: Any
) -> None:
    reader = signed_in("reporter")
    address = _open(reader)
    reader.post(f"{address}/cong-van", {"version": _version(reader), **LETTER})
    clock.moment += timedelta(days=7)
    reader.get("/")
    assert "1 quá hạn gửi" in reader.text('.counts a[href*="/bao-cao/ky"]')
    reader.get("/bao-cao/ky?sending=overdue")
    assert [row[4] for row in reader.rows()] == ["▲ quá hạn gửi hạn 20/06/2024"]
