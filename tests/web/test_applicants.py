"""The pages of applicants, and the log of who looked at whose data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tthc.domain.vocabulary import ApplicantKind
from tthc.services.access import Look
from tthc.services.applicants import ApplicantInput
from tthc.web.access import LookBook


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


def test_an_applicant_is_found_opened_and_put_right(signed_in: Callable[[str], Any], received: Any) -> None:
    code = received(37, applicant=firm("Doanh nghiệp 900", phone="0912000900"))
    reader = signed_in("clerk")
    reader.get("/chu-ho-so?q=doanh+900")
    address = reader.soup.select_one("main tbody a")["href"]
    reader.get(address)
    assert code in reader.text("main .list")
    assert reader.soup.find("a", string="Ai đã xem") is None
    reader.get(f"{address}/sua")
    version = reader.soup.select_one("input[name=version]")["value"]
    sent = {"kind": "enterprise", "applicant_name": "Doanh nghiệp 901", "phone": "12", "version": version}
    reader.post(f"{address}/sua", sent, 422)
    assert "8 đến 14 chữ số" in reader.text(".summary")
    assert reader.soup.select_one("#applicant_name")["value"] == "Doanh nghiệp 901", "input is kept"
    reader.post(f"{address}/sua", {**sent, "phone": "0912000901"})
    assert reader.follow().h1.text == "Doanh nghiệp 901"
    reader.post(f"{address}/sua", {**sent, "phone": "0912000902"}, 422)
    assert "vừa được người khác cập nhật" in reader.text(".summary")
    assert signed_in("officer").client.get(f"{address}/sua").status_code == 403


def test_two_entries_are_merged_after_a_look_and_taken_apart(
    signed_in: Callable[[str], Any], received: Any
) -> None:
    received(37, applicant=firm("Doanh nghiệp 900", id_number="0100900900"))
    moved = received(38, applicant=firm("Doanh nghiệp 900", phone="0912000900"))
    reader = signed_in("supervisor")
    reader.get("/chu-ho-so/trung-lap")
    assert "Cùng tên: Doanh nghiệp 900" in reader.text("caption")
    kept, merged = (link["href"] for link in reader.soup.select("main tbody a"))
    reader.get(kept)
    reader.get(reader.soup.select_one('main a[href*="/gop/"]')["href"])
    assert moved in reader.text("#moving ~ ul")
    form = {one["name"]: one["value"] for one in reader.soup.select("main input[type=hidden]")}
    reader.post(reader.soup.select_one("main form")["action"], form)
    reader.follow()
    assert moved in reader.text("main .list")
    reader.get(merged, 302)
    assert reader.answer.headers["Location"] == kept
    reader.get(kept)
    undo = reader.soup.select_one('form[action$="/hoan-tac"]')
    reader.post(undo["action"], {"version": undo.select_one("[name=version]")["value"]})
    assert reader.follow().select_one('form[action$="/hoan-tac"]') is None
    reader.get(merged)
    assert moved in reader.text("main .list")


def test_every_look_is_attributable(signed_in: Callable[[str], Any], received: Any) -> None:
    code, other = received(37), received(38)
    clerk = signed_in("clerk")
    clerk.get(f"/ho-so/{code}")
    clerk.get("/ho-so/KHONG-CO", 404)
    clerk.get("/chu-ho-so/1")
    clerk.get("/chu-ho-so")
    assert clerk.client.get("/nhat-ky-truy-cap").status_code == 403
    auditor = signed_in("auditor")
    auditor.get(f"/ho-so/{code}")
    auditor.get(f"/ho-so/{other}")
    auditor.get(f"/nhat-ky-truy-cap?subject={code}")
    looks = [row[1:] for row in auditor.rows()]
    assert [look[1] for look in looks] == [f"Hồ sơ {code}", f"Hồ sơ {code}"]
    assert len({look[0] for look in looks}) == 2, "one of each person"
    auditor.get("/nhat-ky-truy-cap")
    assert len(auditor.rows()) == 4
    auditor.get("/nhat-ky-truy-cap?account_id=1&from_on=14/06/2024&to_on=14/06/2024")
    assert [row[2] for row in auditor.rows()] == ["Chủ hồ sơ số 1", f"Hồ sơ {code}"]
    auditor.get("/nhat-ky-truy-cap?from_on=15/06/2024")
    assert "Bớt điều kiện lọc" in auditor.text("main .empty")
    auditor.get("/nhat-ky-truy-cap?from_on=15/06/2024&to_on=14/06/2024", 422)


def test_looks_are_written_together_and_none_is_lost() -> None:
    written: list[list[Look]] = []
    failing, done = [True], threading.Event()

    def write(looks: list[Look]) -> None:
        if failing.pop() if failing else False:
            raise OSError("disk full")
        written.append(looks)
        done.set()

    book = LookBook(write, 0.05)
    looks = [Look(datetime(2024, 6, 14, tzinfo=UTC), 1, f"dossier:{number}") for number in range(5)]
    for look in looks[:3]:
        book.add(look)
    assert written == []
    book.flush()
    assert written == [], "what could not be written waits"
    for look in looks[3:]:
        book.add(look)
    assert done.wait(10)
    assert [look for part in written for look in part] == looks
