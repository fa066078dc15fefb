"""The strip of days on the pages: named for those who cannot see it, with its legend in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.web.conftest import Reader
from tthc.services import dossiers


def legend(reader: Reader) -> list[str]:
    """The words under the strip."""
    return [" ".join(one.get_text(" ").split()) for one in reader.soup.select(".strip li")]


def test_the_page_of_a_dossier_draws_its_days(received: Callable[..., str], clerk_reader: Reader) -> None:
    code = received(37)
    reader = clerk_reader
    reader.get(f"/ho-so/{code}")
    picture = reader.soup.select_one(".strip > svg")
    assert picture is not None
    assert picture["role"] == "img"
    title, told = (reader.text(f"#{name}") for name in picture["aria-labelledby"].split())
    assert title == "Dải ngày từ khi tiếp nhận đến ngày hẹn trả"
    assert told == (
        "Tiếp nhận Thứ Sáu 14/06/2024; Hẹn trả Thứ Sáu 21/06/2024; Hôm nay 14/06/2024. Gồm "
        "05 ngày được tính, 02 ngày nghỉ không tính, 01 ngày bắt đầu hoặc chuyển tiếp, không tính."
    )
    # One bar for each date of the table of days.
    bars = [one.find("title").get_text() for one in picture.select("rect")]
    table = [row[0] for row in reader.rows("details.unfold tbody tr")]
    assert [bar.split(":")[0].split()[-1] for bar in bars] == table
    assert legend(reader) == [
        "05 ngày được tính",
        "02 ngày nghỉ không tính",
        "01 ngày bắt đầu hoặc chuyển tiếp, không tính",
    ]
    assert reader.soup.select_one('link[href*="css/day_strip.css"]') is not None


def test_a_dossier_whose_clock_stands(
    received: Callable[..., str], done_to: Callable[..., None], clerk_reader: Reader, now: Any
) -> None:
    code = received(37, now - timedelta(days=3))
    done_to(
        code,
        1,
        dossiers.pause_dossier,
        now - timedelta(days=1),
        reason="Chờ ý kiến",
        legal_basis="Khoản 1 Điều 1 văn bản thử nghiệm",
    )
    clerk_reader.get(f"/ho-so/{code}")
    assert [str(one["fill"]) for one in clerk_reader.soup.select(".strip > svg .strip-stopped")] == [
        "url(#strip-hatch)"
    ] * 2
    assert clerk_reader.soup.select_one("pattern#strip-hatch") is not None
    assert "02 ngày đang dừng, ngày hẹn trả được tính lại khi tiếp tục" in legend(clerk_reader)


def test_the_card_of_the_intake_draws_what_would_be_promised(clerk_reader: Reader) -> None:
    clerk_reader.get("/ho-so/tiep-nhan")
    form = {"procedure_id": "37", "channel": "counter", "step": "preview"}
    clerk_reader.post("/ho-so/tiep-nhan", form, 200)
    assert clerk_reader.text("#due-strip-desc").startswith(
        "Tiếp nhận Thứ Sáu 14/06/2024; Hẹn trả Thứ Sáu 21/06/2024. Gồm 05 ngày được tính"
    )
    assert clerk_reader.soup.select_one(".strip-now") is None
