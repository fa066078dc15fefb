"""The list of dossiers, the page of one, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tthc.domain.vocabulary import ApplicantKind, Channel, Outcome
from tthc.services import dossiers
from tthc.services.applicants import ApplicantInput


def _labels(reader: Any) -> list[str]:
    return [" ".join(one.find(string=True).split()) for one in reader.soup.select(".deed > summary")]


def _version(reader: Any) -> str:
    return str(reader.soup.select_one('.deed input[name$="-version"]')["value"])


def test_home_counts_are_links_to_exactly_what_they_count(
    supervisor_reader: Any, received: Any, now: Any
) -> None:
    received(37, now - timedelta(days=30))
    received(37, now - timedelta(days=31))
    received(1, now)
    supervisor_reader.get("/")
    count = supervisor_reader.soup.select_one(".count-overdue")
    assert count.find("b").get_text() == "2"
    supervisor_reader.get(count["href"])
    assert len(supervisor_reader.rows()) == 2
    assert all("quá hạn" in row[-1] for row in supervisor_reader.rows())


def test_mine_shows_only_what_is_mine(
    signed_in: Callable[[str], Any], received: Any, done_to: Any, officer: Any
) -> None:
    received(37)
    code = received(38)
    done_to(code, 1, dossiers.assign_dossier, officer_id=officer.account_id)
    reader = signed_in("officer")
    reader.get("/")
    assert len(reader.rows()) == 2
    reader.get("/?mine=1")
    assert [row[1] for row in reader.rows()] == [code]


def test_search_needs_no_diacritics(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    received(38, applicant=ApplicantInput(ApplicantKind.CITIZEN, "Lê Văn Tám", phone="0987654321"))
    for words in ("duong do", "ĐƯỜNG ĐỎ", "Đường Đỏ", code, code[-4:], "0912345678"):
        clerk_reader.get(f"/ho-so?q={quote(words)}")
        assert code in [row[2] for row in clerk_reader.rows()], words
    clerk_reader.get("/ho-so?q=le+van+tam")
    assert [row[2] == code for row in clerk_reader.rows()] == [False]


def test_filters_narrow_down_and_stay_in_the_form(clerk_reader: Any, received: Any, now: Any) -> None:
    online = received(37, now - timedelta(days=3), channel=Channel.ONLINE)
    received(38, now)
    clerk_reader.get("/ho-so?channel=online&received_to=12/06/2024")
    assert [row[2] for row in clerk_reader.rows()] == [online]
    assert clerk_reader.soup.select_one("#channel option[selected]")["value"] == "online"
    assert clerk_reader.soup.select_one("#received_to")["value"] == "12/06/2024"
    assert clerk_reader.soup.select_one(".box > details.unfold").has_attr("open")


@pytest.mark.parametrize(
    "query",
    [
        "received_from=abc",
        "due_to=32/13/2024",
        "sector_id=zz",
        "sector_id=99999999999999999999",
        "officer_id=-1",
        "state=khong-co",
        "channel=pigeon",
        "bucket=all%00",
        "sort=;drop",
        "q=" + "a" * 500,
    ],
)
def test_a_senseless_filter_is_named_and_not_applied(clerk_reader: Any, received: Any, query: str) -> None:
    received(37)
    clerk_reader.get(f"/ho-so?{query}", 422)
    assert clerk_reader.soup.select(".summary a")
    if not query.startswith("q="):
        assert len(clerk_reader.rows()) == 1


@pytest.mark.parametrize("page", ["0", "-3", "abc", "99999999999999999999999", "1e3", "٣", ""])
def test_a_senseless_page_number_is_no_error(clerk_reader: Any, received: Any, page: str) -> None:
    received(37)
    clerk_reader.get(f"/ho-so?page={quote(page)}")


def test_a_search_for_signs_finds_nothing_and_breaks_nothing(clerk_reader: Any, received: Any) -> None:
    received(37)
    for words in ("%", "_", "'", '"', "\\", "(", "*", "OR", "-", "\x00", "😀"):
        clerk_reader.get(f"/ho-so?q={quote(words)}")


def test_long_lists_are_paged_and_keep_their_filter(clerk_reader: Any, received: Any, now: Any) -> None:
    for number in range(51):
        received(37, now - timedelta(minutes=number), channel=Channel.ONLINE)
    clerk_reader.get("/ho-so?channel=online&sort=code")
    assert len(clerk_reader.rows()) == 50
    following = clerk_reader.soup.select_one('a[rel="next"]')["href"]
    assert "channel=online" in following
    clerk_reader.get(following)
    assert len(clerk_reader.rows()) == 1
    assert clerk_reader.soup.select_one('a[rel="prev"]') is not None
    # The list has become shorter since: its last page, and not that there is nothing in it.
    for path, last in (
        ("/ho-so?channel=online&page=3&q=%C4%91%C3%B4", "/ho-so?channel=online&q=%C4%91%C3%B4&page=2"),
        ("/ho-so?channel=online&page=9&_scheme=x", "/ho-so?channel=online&_scheme=x&page=2"),
        ("/tra-ket-qua?page=2", "/tra-ket-qua?page=1"),
        ("/cho-tiep-nhan?page=2", "/cho-tiep-nhan?page=1"),
    ):
        clerk_reader.get(path, 302)
        assert clerk_reader.answer.headers["Location"] == last


def test_a_clerks_day(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    page = f"/ho-so/{code}"
    clerk_reader.get(page)
    assert _labels(clerk_reader)[0] == "Bắt đầu xử lý"
    steps: list[tuple[str, dict[str, str], str]] = [
        (
            "yeu-cau-bo-sung",
            {"request_supplement-missing": "Bản vẽ", "request_supplement-reason": "Thiếu"},
            "Chờ bổ sung",
        ),
        ("nhan-bo-sung", {}, "Đang xử lý"),
        ("ket-thuc", {"resolve-outcome": "granted"}, "Đã xử lý xong"),
    ]
    for slug, form, state in steps:
        kind = {"yeu-cau-bo-sung": "request_supplement", "nhan-bo-sung": "receive_supplement"}.get(
            slug, "resolve"
        )
        clerk_reader.post(f"{page}/{slug}", {f"{kind}-version": _version(clerk_reader), **form})
        clerk_reader.follow()
        assert clerk_reader.text(".headline dd") == state
        assert clerk_reader.soup.select_one(".notice[autofocus]") is not None
    clerk_reader.get(clerk_reader.soup.select_one("a.deed")["href"])
    taken = {"version": clerk_reader.soup.select_one("[name=version]")["value"], "way": "counter"}
    taken |= {"receiver": "applicant", "name": "Trần Thị Mai", "receipt": "none", "identity_checked": "y"}
    clerk_reader.post(f"/tra-ket-qua/{code}", taken)
    clerk_reader.follow()
    assert clerk_reader.soup.select_one("[autofocus]").get_text() == "In phiếu trả kết quả (PDF)"
    clerk_reader.get(page)
    assert clerk_reader.text(".headline dd") == "Đã trả kết quả"
    titles = [one.get_text() for one in clerk_reader.soup.select(".events b")]
    assert titles == ["Tiếp nhận", "Yêu cầu bổ sung", "Nhận bổ sung", "Kết thúc xử lý", "Trả kết quả"]
    assert "Người nhận: Trần Thị Mai" in clerk_reader.text(".events")
    # The first promise was replaced when the clock began again.
    assert len(clerk_reader.soup.select("del.struck")) >= 1


def test_a_mistake_opens_the_form_again_with_what_was_typed(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    clerk_reader.get(f"/ho-so/{code}")
    form = {
        "request_supplement-version": _version(clerk_reader),
        "request_supplement-missing": "",
        "request_supplement-reason": "Lý do còn nguyên",
        "request_supplement-occurred_at": "15/06/2024 10:00",
    }
    clerk_reader.post(f"/ho-so/{code}/yeu-cau-bo-sung", form, 422)
    opened = clerk_reader.soup.select("details.deed[open]")
    assert len(opened) == 1
    assert clerk_reader.text("#request_supplement-reason") == "Lý do còn nguyên"
    assert clerk_reader.soup.select_one(".summary a")["href"] == "#request_supplement-missing"


def test_a_time_that_cannot_be_is_said_at_its_field(clerk_reader: Any, received: Any, now: Any) -> None:
    code = received(37)
    for typed in ("15/06/2024 10:00", "13/06/2024 10:00", "mai"):
        clerk_reader.get(f"/ho-so/{code}")
        form = {"start-version": _version(clerk_reader), "start-occurred_at": typed}
        clerk_reader.post(f"/ho-so/{code}/bat-dau", form, 422)
        assert clerk_reader.soup.select_one(".summary a")["href"] == "#start-occurred_at", typed
        assert clerk_reader.soup.select_one("#start-occurred_at")["value"] == typed


def test_who_comes_second_sees_what_changed(signed_in: Callable[[str], Any], received: Any) -> None:
    code = received(37)
    first, second = signed_in("clerk"), signed_in("officer")
    for reader in (first, second):
        reader.get(f"/ho-so/{code}")
    seen = _version(second)
    first.post(f"/ho-so/{code}/bat-dau", {"start-version": _version(first)})
    second.post(f"/ho-so/{code}/ket-thuc", {"resolve-version": seen, "resolve-outcome": "granted"}, 422)
    assert "vừa được người khác cập nhật" in second.text(".summary")
    assert second.text(".headline dd") == "Đang xử lý"
    assert _version(second) != seen


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 40])
def test_a_senseless_version_is_an_old_one(clerk_reader: Any, received: Any, version: str) -> None:
    code = received(37)
    clerk_reader.get(f"/ho-so/{code}")
    clerk_reader.post(f"/ho-so/{code}/bat-dau", {"start-version": version}, 422)
    assert "vừa được người khác cập nhật" in clerk_reader.text(".summary")


def test_an_action_that_does_not_fit_the_state_is_refused(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    clerk_reader.get(f"/ho-so/{code}")
    clerk_reader.post(f"/ho-so/{code}/tiep-tuc", {"resume-version": _version(clerk_reader)}, 422)
    assert "không thể ghi" in clerk_reader.text(".summary")


def test_final_steps_ask_for_a_reason(supervisor_reader: Any, received: Any, done_to: Any) -> None:
    code = received(37)
    for slug, kind in (("rut", "withdraw"), ("dung", "stop")):
        supervisor_reader.get(f"/ho-so/{code}")
        form = {f"{kind}-version": _version(supervisor_reader), f"{kind}-reason": " "}
        supervisor_reader.post(f"/ho-so/{code}/{slug}", form, 422)
        assert supervisor_reader.soup.select_one(".summary a")["href"] == f"#{kind}-reason"
    done_to(code, 1, dossiers.resolve_dossier, outcome=Outcome.GRANTED)
    supervisor_reader.get(f"/ho-so/{code}")
    form = {"reopen-version": _version(supervisor_reader), "reopen-reason": "Ghi nhầm kết quả"}
    supervisor_reader.post(f"/ho-so/{code}/mo-lai", form)
    supervisor_reader.follow()
    assert supervisor_reader.text(".headline dd") == "Đang xử lý"


def test_buttons_are_those_that_the_role_may_press(signed_in: Callable[[str], Any], received: Any) -> None:
    code = received(37)
    shown = {}
    for name in ("clerk", "officer", "supervisor", "auditor"):
        reader = signed_in(name)
        reader.get(f"/ho-so/{code}")
        shown[name] = set(_labels(reader))
    assert shown["auditor"] == set()
    assert "Dừng giải quyết" in shown["supervisor"] - shown["clerk"] - shown["officer"]
    assert "Phân công" in shown["clerk"] & shown["supervisor"]
    assert "Phân công" not in shown["officer"]


def test_the_explanation_counts_as_many_days_as_the_limit(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    clerk_reader.get(f"/ho-so/{code}")
    days = clerk_reader.rows("details.unfold table tbody tr")
    assert sum(row[2] == "có" for row in days) == 5
    assert days[0][0] == "14/06/2024"
    assert any("Thứ Bảy" in row[3] for row in days)


def test_a_code_of_any_shape_is_a_page_or_none(clerk_reader: Any) -> None:
    for code in ("khong-co", "%00", "..", "a" * 300, "%20", "%C3%BF", "' OR 1=1 --", "%E2%80%8B"):
        answer = clerk_reader.client.get(f"/ho-so/{code}", follow_redirects=True)
        assert answer.status_code in {200, 404}, code


def test_long_names_stay_whole_on_the_dossiers_own_page(clerk_reader: Any, received: Any) -> None:
    code = received(27)
    clerk_reader.get(f"/ho-so/{code}")
    assert "Theo giai đoạn cho công trình theo tuyến trong đô thị/Dự án)" in clerk_reader.text(".facts")


def test_the_papers_of_a_dossier_are_offered_to_whoever_may_have_them(
    signed_in: Callable[[str], Any], received: Any, done_to: Any, now: Any
) -> None:
    code = received(37, now - timedelta(days=2))
    clerk, auditor = signed_in("clerk"), signed_in("auditor")
    paper, explained = f"/ho-so/{code}/phieu-bo-sung.pdf", f"/ho-so/{code}/cach-tinh-ngay-hen-tra.pdf"

    def offered(reader: Any) -> list[str]:
        reader.get(f"/ho-so/{code}")
        return [link["href"] for link in reader.soup.select('main a[href$=".pdf"]')]

    assert paper not in offered(clerk)
    assert explained in offered(auditor)
    done_to(code, 1, dossiers.request_supplement, missing="Bản vẽ", reason="Thiếu")
    assert paper in offered(clerk)
    assert paper not in offered(auditor), "nothing was issued yet"
    auditor.get(paper, 403)
    clerk.get(paper)
    assert clerk.answer.mimetype == "application/pdf"
    assert clerk.answer.headers["Content-Disposition"] == f"inline; filename=phieu-bo-sung-{code}.pdf"
    assert "Phiếu yêu cầu bổ sung đã in" in clerk.get(f"/ho-so/{code}").get_text()
    assert "dừng tính hạn chờ bổ sung đến 26/07/2024" in clerk.text(".headline")
    assert paper in offered(auditor)
    auditor.get(paper)
    auditor.get(explained)
    assert auditor.answer.data.startswith(b"%PDF")
