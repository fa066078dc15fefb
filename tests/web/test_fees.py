"""The pages of fees: at intake, on a dossier, and of a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_fees_are_taken_at_intake_corrected_later_and_added_up(
    clerk_reader: Any, signed_in: Callable[[str], Any]
) -> None:
    page = "/ho-so/tiep-nhan"
    clerk_reader.get(page)
    form = {
        "step": "preview",
        "procedure_id": "36",
        "channel": "counter",
        "applicant_kind": "enterprise",
        "applicant_name": "Doanh nghiệp 12",
        "confirm_unverified": "y",
    }
    clerk_reader.post(page, form, 200)
    assert clerk_reader.soup.select_one("#fee_due")["value"] == "3.000.000"
    form |= {"step": "receive", "fee_due": "3.000.000", "fee_paid": "3000000"}
    clerk_reader.post(page, form, 422)
    assert clerk_reader.named_errors() == ["#fee_receipt_no"]
    for kept in ("save", "refuse"):
        clerk_reader.post(page, {**form, "step": kept, "fee_receipt_no": "BL 7"}, 422)
        assert "chỉ ghi được khi tiếp nhận" in clerk_reader.text(".summary"), "money would be on no record"
    clerk_reader.post(page, {**form, "fee_receipt_no": "BL 7"})
    clerk_reader.follow()
    assert "3.000.000 đồng, đã nộp đủ" in clerk_reader.text("main")
    code = clerk_reader.text("h1")
    address = f"/ho-so/{code}/le-phi"

    clerk_reader.get(address)
    assert clerk_reader.soup.select_one("#correct-fee_paid")["value"] == "3.000.000"
    seen = clerk_reader.soup.select_one('input[name="correct-version"]')["value"]
    wrong = {"correct-version": seen, "correct-fee_due": "3000000", "correct-fee_paid": "5000000"}
    clerk_reader.post(f"{address}/dieu-chinh", {**wrong, "correct-fee_receipt_no": "BL 7"}, 422)
    assert clerk_reader.named_errors() == ["#correct-reason"]
    right = {**wrong, "correct-fee_paid": "2.000.000", "correct-fee_receipt_no": "BL 7"}
    clerk_reader.post(f"{address}/dieu-chinh", {**right, "correct-reason": "Ghi nhầm"})
    clerk_reader.follow()
    assert "còn phải nộp 1.000.000 đồng" in clerk_reader.text(".head")
    assert clerk_reader.soup.select_one(".notice-warning") is None, "a correction is no second use"
    clerk_reader.post(address, {"version": seen, "fee_due": "3000000"}, 422)
    assert "vừa được người khác cập nhật" in clerk_reader.text(".summary")
    clerk_reader.get(address)
    clerk_reader.post(address, {"version": clerk_reader.soup.select_one('[name="version"]')["value"]}, 422)
    assert clerk_reader.named_errors() == ["#fee_due"]

    clerk_reader.get("/le-phi")
    assert "2.000.000 đồng" in clerk_reader.text("main")
    assert [row[3] for row in clerk_reader.rows()] == ["3.000.000", "-1.000.000"]
    for query in ("?on=xyz", "?on=13/06/2024", "?account_id=99", "?account_id=x", "?page=9"):
        clerk_reader.get(f"/le-phi{query}")
    # By one person: also on a day on which nothing was taken; what was typed stays.
    clerk_reader.get("/le-phi")
    clerk = clerk_reader.soup.select("#account_id option")[1]["value"]
    for day, total in (("14/06/2024", "2.000.000 đồng"), ("13/06/2024", "0 đồng")):
        clerk_reader.get(f"/le-phi?on={day}&account_id={clerk}")
        assert not clerk_reader.soup.select(".summary, .error"), day
        assert clerk_reader.soup.select_one("#account_id option[selected]")["value"] == clerk
        assert f"Đã thu trong ngày: {total}" in clerk_reader.text("main")
    clerk_reader.get("/le-phi/trong-ngay.xlsx?on=14/06/2024")
    assert clerk_reader.answer.data.startswith(b"PK")
    clerk_reader.get("/le-phi/trong-ngay.xlsx?on=xyz", 404)

    # The same number for another dossier: received, and said where it stands already.
    clerk_reader.get(page)
    clerk_reader.post(page, {**form, "applicant_name": "Doanh nghiệp 13", "fee_receipt_no": "BL 7"})
    clerk_reader.follow()
    assert f"Biên lai số BL 7 đã được ghi ở hồ sơ {code}" in clerk_reader.text(".notice-warning")

    auditor = signed_in("auditor")
    auditor.get(address)
    assert not auditor.soup.select("main form")
    auditor.get("/le-phi")
    signed_in("officer").get("/le-phi", 403)
