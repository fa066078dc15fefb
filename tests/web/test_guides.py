"""The guide of the first day and the page of the design."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import Reader
from tthc.domain.vocabulary import Role
from tthc.resources import static_folder
from tthc.web.design import colours, contrast
from tthc.web.first_day import FIRST_DAY


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_ten_steps_whose_pages_open_for_it(
    role: Role, signed_in: Callable[[str], Reader]
) -> None:
    reader = signed_in(role.value)
    reader.get("/huong-dan")
    assert reader.text("h1") == f"Hướng dẫn ngày đầu: {role.label}"
    steps = reader.soup.select(".first-day li")
    assert len(steps) == len(FIRST_DAY[role]) == 10
    for address in {str(step.a["href"]) for step in steps if step.a}:
        assert reader.client.get(address).status_code == 200, address
    reader.get("/huong-dan?vai=khong-co")
    assert reader.text("h1") == f"Hướng dẫn ngày đầu: {role.label}"
    other = Role.AUDITOR if role is not Role.AUDITOR else Role.CLERK
    reader.get(f"/huong-dan?vai={other.value}")
    assert len(reader.soup.select(".first-day li")) == 10
    # What another role does is told, but leads nowhere that refuses.
    assert reader.soup.select(".first-day a") == []


def test_the_guide_is_offered_until_a_first_dossier(
    signed_in: Callable[[str], Reader], received: Callable[..., str], officer: Any
) -> None:
    reader = signed_in("officer")
    assert reader.text(".foot a[href='/huong-dan']") == "Hướng dẫn ngày đầu"
    assert reader.text("main a[href='/huong-dan']") == "Xem mười việc của ngày đầu"
    received(officer_id=officer.account_id)
    reader.get("/")
    assert reader.soup.select("main a[href='/huong-dan']") == []


def test_the_design_page_shows_every_colour_of_the_stylesheet(signed_in: Callable[[str], Reader]) -> None:
    sheet = (static_folder() / "css" / "tthc.css").read_text("utf-8")
    tokens = re.findall(r"--([a-z-]+): #", sheet.partition("@media")[0])
    reader = signed_in("auditor")
    reader.get("/thiet-ke")
    assert [row[1] for row in reader.rows() if len(row) == 8] == tokens
    assert reader.named_errors() == ["#wrong-received_on"]
    assert reader.soup.select("[data-focus-first]") == []
    assert reader.soup.select_one(".tag-overdue:-soup-contains('kéo dài')") is not None
    swatches = (static_folder() / "css" / "guides.css").read_text("utf-8")
    assert all(f".swatch-{token} {{" in swatches for token in tokens)


def test_text_is_read_by_light_and_by_dark() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    for one in colours():
        if one.below:
            assert min(one.light_contrast or 0, one.dark_contrast or 0) >= 4.5, one
