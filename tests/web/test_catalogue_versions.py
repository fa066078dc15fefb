"""The pages of whoever keeps the catalogue, all of them without any script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from bs4 import Tag

from tests.web.conftest import Reader
from tests.web.test_catalogue import Publish, published
from tthc.services import catalogue

NEW = "/thu-tuc/37/phien-ban/moi"

__all__ = ["published"]


@pytest.fixture
def keeper(signed_in: Callable[[str], Reader]) -> Reader:
    """An administrator at the first page."""
    return signed_in("admin")


def typed(reader: Reader, **changes: str | None) -> dict[str, str]:
    """What a browser would send of the form on the page, with changes; ``None`` takes a field out."""
    form = reader.soup.select_one("form[data-main]")
    assert form is not None
    sent = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.find_parent("template") or (
            field.get("type") == "checkbox" and not field.has_attr("checked")
        ):
            continue
        sent[str(field["name"])] = _value(field)
    sent |= {name.replace("__", "-"): text or "" for name, text in changes.items()}
    return {name: text for name, text in sent.items() if changes.get(name.replace("-", "__"), "") is not None}


def _value(field: Tag) -> str:
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        assert chosen is not None
        return str(chosen["value"])
    if field.name == "textarea":
        return field.text.removeprefix("\n")
    return str(field.get("value", "y" if field.get("type") == "checkbox" else ""))


def send(
    reader: Reader, address: str, step: str = "publish", status: int = 302, **changes: str | None
) -> None:
    """Send the form of the page by one of its buttons."""
    button = {"step": step} if step in {"publish", "check"} else dict([step.split("=")])
    reader.post(address, {**typed(reader, **changes), **button}, status)


def errors(reader: Reader) -> dict[str, str]:
    """Field → sentence, as the summary links them."""
    return {str(link["href"])[1:]: " ".join(link.text.split()) for link in reader.soup.select(".summary a")}


def test_a_version_is_looked_at_and_recorded(keeper: Reader) -> None:
    keeper.get(NEW)
    assert keeper.text("h1") == "Phiên bản mới: thủ tục số 37"
    assert keeper.soup.select_one("#name").text.strip().startswith("Cấp lại Giấy phép")
    assert keeper.soup.select_one("#fee")["value"] == "1.500.000"
    assert keeper.soup.select_one("#cases-0-statutory-0-amount")["value"] == "5"
    change = {
        "valid_from": "01/07/2024",
        "reason": "Rút ngắn thời hạn",
        "decision": "12/QĐ-UBND",
        "cases__0__committed__0__amount": "4",
        "legal_basis": "Luật Thương mại số 36/2005/QH11\nNghị định 1/2026/NĐ-CP",
    }
    send(keeper, NEW, "check", 200, **change)
    assert keeper.text("#review h2") == "Thay đổi so với phiên bản áp dụng từ đầu"
    rows = keeper.rows("#review .compare:first-of-type tbody tr")
    assert ["+ Thêm", "“Trường hợp chung”: cam kết", "–", "04 ngày làm việc"] in rows
    assert ["+ Thêm", "Văn bản", "–", "Nghị định 1/2026/NĐ-CP"] in rows
    send(keeper, NEW)
    keeper.follow()
    assert keeper.text("h1") == "Phiên bản áp dụng từ 01/07/2024"
    assert keeper.text(".notice-done") == "Đã ghi phiên bản áp dụng từ 01/07/2024."
    assert "12/QĐ-UBND" in keeper.text(".facts")
    assert "Quản trị 01, 14/06/2024 09:30" in keeper.text(".facts")
    keeper.get("/thu-tuc/37?ngay=01/07/2024")
    assert keeper.rows()[0][2:] == ["05 ngày làm việc", "04 ngày làm việc", "04 ngày làm việc theo cam kết"]


def test_the_first_button_of_the_form_changes_nothing(keeper: Reader) -> None:
    """Enter in a field presses it."""
    keeper.get(NEW)
    first = keeper.soup.select_one("form[data-main] button")
    assert (first["name"], first["value"]) == ("step", "check")
    keeper.get("/thu-tuc/them")
    first = keeper.soup.select_one("form[data-main] button")
    assert (first["name"], first["value"]) == ("step", "check")


def test_rows_come_and_go_and_what_was_typed_stays(keeper: Reader) -> None:
    keeper.get(NEW)
    send(keeper, NEW, "add=cases", 200, reason="Đang gõ")
    assert keeper.soup.select_one("#cases-1-name").has_attr("autofocus")
    send(
        keeper,
        NEW,
        "add=cases-1-statutory",
        200,
        cases__1__name="UBND tỉnh",
        cases__1__statutory__0__amount="25",
    )
    assert keeper.soup.select_one("#cases-1-statutory-1-amount").has_attr("autofocus")
    assert keeper.soup.select_one("#cases-1-name")["value"] == "UBND tỉnh"
    send(keeper, NEW, "add=papers", 200, papers__0__name="Đơn", cases__1__is_default="y")
    assert keeper.soup.select_one("#papers-1-name").has_attr("autofocus")
    assert keeper.soup.select_one("#cases-1-is_default").has_attr("checked")
    send(keeper, NEW, "drop=cases-0", 200)
    assert keeper.soup.select_one("#cases-0-name") is None
    assert keeper.soup.select_one("#cases-1-statutory-0-amount")["value"] == "25"
    send(keeper, NEW, "drop=papers-0", 200)
    assert keeper.soup.select_one("#papers-0-name") is None
    assert keeper.soup.select_one("#reason").text.strip() == "Đang gõ"
    # The next number is a new one, so that no two rows ever share a field.
    send(keeper, NEW, "add=cases", 200)
    assert keeper.soup.select_one("#cases-2-name") is not None
    send(
        keeper,
        NEW,
        cases__2__name="Trường hợp còn lại",
        cases__2__statutory__0__amount="10",
        cases__1__statutory__0__agency="Ban Quản lý",
        cases__1__statutory__1__amount="7",
        cases__1__statutory__1__unit="day",
        cases__1__statutory__1__agency="UBND cấp tỉnh",
        papers__1__name="Bản sao giấy phép",
        papers__1__certified="1",
        valid_from="01/07/2024",
        decision="12/QĐ-UBND",
    )
    keeper.get("/thu-tuc/37?ngay=01/07/2024")
    assert [row[0] for row in keeper.rows("main table:first-of-type tbody tr")][:2] == [
        "UBND tỉnh mặc định",
        "Trường hợp còn lại",
    ]
    assert "Bản sao giấy phép" in keeper.text(".columns")


def test_rows_have_an_end(keeper: Reader) -> None:
    keeper.get(NEW)
    many = {f"cases__0__statutory__{number}__amount": "1" for number in range(9)}
    send(keeper, NEW, "add=cases-0-statutory", 200, **many)
    assert keeper.soup.select_one("#cases-0-statutory-9-amount") is None
    for wrong in ("add=cases-99-statutory", "add=x", "drop=cases-x", "drop=9", "add=cases-0-x"):
        keeper.get(NEW)
        send(keeper, NEW, wrong, 200)
        assert len(keeper.soup.select("main form > div .case")) == 1


def test_every_fault_stands_at_its_field(keeper: Reader) -> None:
    keeper.get(NEW)
    send(
        keeper,
        NEW,
        status=422,
        name=" ",
        valid_from="32/13/2024",
        reason="",
        due_soon_days="",
        fee="một triệu",
        cases__0__statutory__0__amount="0",
        cases__0__committed__0__agency="Ban Quản lý",
        papers__0__originals="nhiều",
    )
    assert errors(keeper) == {
        "valid_from": "Nhập ngày bắt đầu áp dụng theo dạng ngày/tháng/năm, ví dụ 22/11/2026.",
        "reason": "Nhập lý do; lý do được ghi vào lịch sử của thủ tục.",
        "name": "Nhập tên thủ tục.",
        "fee": "Lệ phí (đồng): Nhập số nguyên từ 0 đến 999.999.999.",
        "due_soon_days": "Báo sắp đến hạn trước (ngày làm việc): Nhập số nguyên từ 0 đến 60.",
        "cases-0-statutory-0-amount": "Trường hợp 1: Nhập số nguyên từ 1 đến 999.",
        "cases-0-committed-0-amount": "Trường hợp 1: Nhập số ngày, tháng hoặc giờ của đoạn.",
        "papers-0-originals": "Giấy tờ 1: Nhập số nguyên từ 0 đến 999.",
    }
    for target in errors(keeper):
        field = keeper.soup.select_one(f"#{target}")
        assert field is not None
        assert field["aria-invalid"] == "true"
        assert keeper.soup.find(id=str(field["aria-describedby"]).split()[-1]) is not None
    assert keeper.soup.select_one("#fee")["value"] == "một triệu"


def test_what_the_service_refuses_stands_at_its_field_too(keeper: Reader) -> None:
    keeper.get(NEW)
    send(keeper, NEW, "add=cases", 200)
    send(keeper, NEW, "add=papers", 200)
    send(
        keeper,
        NEW,
        status=422,
        valid_from="01/07/2024",
        reason="Thử",
        cases__0__is_default=None,
        cases__0__committed__0__amount="9",
        # The row in between is blank and does not count.
        cases__1__name="",
        papers__0__name="",
        papers__1__name="Đơn",
        fields_before="20",
        fields_after="17",
        limit_confirmed="y",
    )
    assert errors(keeper) == {
        "decision": "Ghi số quyết định công bố đã đối chiếu, vì mã hoặc thời hạn được đánh dấu đã xác minh.",
        "declaration_reduced": (
            "Số trường đã giảm; đánh dấu “Đã cắt giảm thông tin khai” hoặc sửa số trường."
        ),
        "cases": (
            "Chọn trường hợp mặc định: kênh trực tiếp, trực tuyến, bưu chính công ích chưa có thời hạn nào "
            "được áp dụng khi không chọn trường hợp."
        ),
        "cases-0-committed-0-amount": (
            "Trường hợp 1: Thời hạn cam kết (09 ngày làm việc) không được dài hơn thời hạn theo quy định "
            "(05 ngày làm việc)."
        ),
        "papers-1-originals": "Giấy tờ 2: Nhập số bản của ít nhất một loại.",
    }
    assert keeper.text("[data-cut]") == "giảm 15 %"


def test_the_cut_is_set_against_the_published_one(keeper: Reader) -> None:
    keeper.get("/thu-tuc/26/phien-ban/moi")
    assert keeper.text(".cut") == "giảm 15 %"
    address = "/thu-tuc/26/phien-ban/moi"
    usual = {"valid_from": "01/07/2024", "reason": "Thử", "decision": "12/QĐ-UBND"}
    send(keeper, address, "check", 200, fields_before="40", fields_after="34", **usual)
    assert keeper.text(".cut") == "giảm 15 % ✓ khớp tỷ lệ công bố"
    send(keeper, address, "check", 200, fields_before="12", fields_after="10", **usual)
    assert keeper.text(".cut") == "giảm 16,7 % △ khác tỷ lệ công bố"


def test_a_past_date_names_the_dossiers_and_asks_once(keeper: Reader, received: Any, now: Any) -> None:
    code = received(37)
    change = {
        "valid_from": "14/06/2024",
        "reason": "Thử",
        "decision": "12/QĐ-UBND",
        "cases__0__committed__0__amount": "4",
    }
    keeper.get(NEW)
    send(keeper, NEW, status=422, **change)
    assert f"1 hồ sơ ({code})" in errors(keeper)["confirm_received"]
    assert keeper.rows("#review table:first-of-type tbody tr")[0][0] == code
    send(keeper, NEW, confirm_received="y")
    keeper.follow()
    assert keeper.rows("main table:first-of-type tbody tr")[0][0] == code
    assert "sửa từng hồ sơ bằng “Đính chính”" in keeper.text("main")


def test_the_same_date_twice_and_nothing_new(keeper: Reader, published: Publish) -> None:
    published(37, date(2024, 7, 1), due_soon_days=3)
    keeper.get(NEW)
    send(keeper, NEW, status=422, valid_from="01/07/2024", reason="Thử", due_soon_days="4")
    assert "đã có phiên bản áp dụng từ ngày 01/07/2024" in errors(keeper)["valid_from"]
    send(keeper, NEW, status=422, valid_from="20/06/2024", due_soon_days="2")
    assert "Nội dung không khác phiên bản áp dụng từ đầu" in keeper.text(".summary")
    assert "Hai phiên bản không khác nhau" in keeper.text("#review")


def test_what_somebody_else_recorded_meanwhile_is_shown(keeper: Reader, published: Publish) -> None:
    keeper.get(NEW)
    published(37, date(2024, 6, 20), name="Tên của người khác")
    change = {"valid_from": "01/07/2024", "reason": "Thử", "due_soon_days": "4"}
    send(keeper, NEW, status=422, **change)
    assert "Thủ tục số 37 vừa được người khác cập nhật" in keeper.text(".summary")
    assert ["→ Sửa", "Báo sắp đến hạn", "trước 02 ngày làm việc", "trước 04 ngày làm việc"] in keeper.rows(
        "#review tbody tr"
    )
    assert "Tên của người khác" in keeper.text("#review")
    # Whoever has seen it may go on.
    send(keeper, NEW)
    keeper.follow()
    assert keeper.text("h1") == "Phiên bản áp dụng từ 01/07/2024"


def test_a_form_sent_twice_is_one_version(keeper: Reader, in_session: Any, admin: Any, today: date) -> None:
    keeper.get(NEW)
    data = {**typed(keeper, valid_from="01/07/2024", reason="Thử", due_soon_days="4"), "step": "publish"}
    for _ in range(2):
        keeper.post(NEW, data)
        assert keeper.answer.headers["Location"].startswith("/thu-tuc/37/phien-ban/")
    keeper.get("/thu-tuc/37/phien-ban")
    assert keeper.text("main caption").startswith("2 phiên bản")


def test_a_version_to_come_is_changed_and_removed(keeper: Reader, published: Publish) -> None:
    version_id = published(37, date(2024, 7, 1), due_soon_days=3)
    page = f"/thu-tuc/37/phien-ban/{version_id}"
    keeper.get(page)
    assert keeper.soup.select_one(f'a[href="{page}/sua"]') is not None
    keeper.get(f"{page}/sua")
    assert keeper.soup.select_one("#valid_from")["value"] == "01/07/2024"
    assert keeper.soup.select_one("#decision")["value"] == "12/QĐ-UBND"
    send(keeper, f"{page}/sua", valid_from="08/07/2024", reason="Sửa ngày", due_soon_days="5")
    keeper.follow()
    assert keeper.text("h1") == "Phiên bản áp dụng từ 08/07/2024"
    keeper.post(f"{page}/bo", {"seen": "3", "reason": ""}, 422)
    assert "Nhập lý do" in keeper.text(".summary")
    keeper.post(f"{page}/bo", {"seen": "1", "reason": "Thu hồi"}, 422)
    assert "vừa được người khác cập nhật" in keeper.text(".summary")
    seen = str(keeper.soup.select_one("input[name=seen]")["value"])
    keeper.post(f"{page}/bo", {"seen": seen, "reason": "Thu hồi"})
    keeper.follow()
    assert keeper.text("h1") == "Các phiên bản của thủ tục số 37"
    assert [row[0] for row in keeper.rows("main table:last-of-type tbody tr")][-2:] == [
        "Bỏ phiên bản chưa áp dụng",
        "Sửa phiên bản chưa áp dụng",
    ]
    keeper.get(page, 404)
    keeper.post(f"{page}/bo", {"csrf_token": keeper.token(), "seen": "4", "reason": "Thu hồi"}, 404)


def test_a_version_that_began_is_not_changed(keeper: Reader) -> None:
    keeper.get("/thu-tuc/37/phien-ban/37")
    assert not keeper.soup.select('a[href$="/sua"]')
    assert keeper.soup.select_one('a[href="/thu-tuc/37/phien-ban/moi?tu=37"]') is not None
    keeper.get("/thu-tuc/37/phien-ban/37/sua", 422)
    assert "hãy ghi phiên bản mới" in keeper.text("main")


def test_a_procedure_is_added(keeper: Reader) -> None:
    address = "/thu-tuc/them"
    keeper.get(address)
    assert keeper.soup.select_one("#local_no")["value"] == "43"
    assert keeper.soup.select_one("#cases-0-name")["value"] == "Trường hợp chung"
    assert keeper.soup.select_one("#cases-0-is_default").has_attr("checked")
    send(keeper, address, status=422)
    assert {"name", "valid_from", "reason"} <= set(errors(keeper))
    wanted = {
        "name": "Cấp giấy phép môi trường",
        "new_sector": "Môi trường",
        "valid_from": "14/06/2024",
        "reason": "Được ủy quyền",
        "local_no": "42",
        "national_code": "1.009742",
    }
    send(keeper, address, "check", 422, **wanted)
    assert errors(keeper) == {"cases-0-statutory-0-amount": "Trường hợp 1: Nhập thời hạn theo quy định."}
    send(keeper, address, "check", 200, cases__0__statutory__0__amount="15")
    assert "chưa lưu" in keeper.text(".notice")
    send(keeper, address, status=422)
    assert "Số 42 đã dùng" in errors(keeper)["local_no"]
    send(keeper, address, status=422, local_no="43")
    assert "Mã 1.009742 đã dùng cho thủ tục số 1" in errors(keeper)["national_code"]
    send(keeper, address, national_code="1.012345")
    keeper.follow()
    assert keeper.text("h1") == "Cấp giấy phép môi trường"
    assert "Thủ tục số 43 · 1.012345 · Môi trường" in keeper.text(".head")
    keeper.get("/thu-tuc?q=moi+truong")
    assert [row[0] for row in keeper.rows()] == ["43"]


def test_code_end_and_successor(keeper: Reader) -> None:
    address = "/thu-tuc/33/tinh-trang"
    keeper.get(address)
    send(keeper, address, status=422, national_code="abc", reason="Thử")
    assert "ví dụ 1.009742" in errors(keeper)["national_code"]
    assert keeper.soup.select_one("#national_code")["value"] == "abc"
    send(keeper, address, national_code="3.000019", withdrawn_on="01/07/2024", decision="3/QĐ-UBND")
    keeper.follow()
    assert keeper.text(".notice-done") == "Đã ghi: mã quốc gia, ngày bãi bỏ."
    keeper.get(address)
    assert "Hiện ghi: 3.000019" in keeper.text("#national_code-hint")
    send(keeper, address, withdrawn_on="", reason="Hủy việc bãi bỏ")
    keeper.get("/thu-tuc/33/phien-ban")
    rows = keeper.rows("main table:last-of-type tbody tr")
    assert [row[:4] for row in rows[-3:]] == [
        ["Ngày bãi bỏ", "01/07/2024", "–", "không ghi số quyết định Hủy việc bãi bỏ"],
        ["Ngày bãi bỏ", "–", "01/07/2024", "3/QĐ-UBND Thử"],
        ["Mã quốc gia", "–", "3.000019", "3/QĐ-UBND Thử"],
    ]


def test_an_end_in_the_past_asks_once(keeper: Reader, received: Any) -> None:
    code = received(37)
    address = "/thu-tuc/37/tinh-trang"
    keeper.get(address)
    send(keeper, address, status=422, withdrawn_on="14/06/2024", reason="Bãi bỏ")
    assert code in errors(keeper)["confirm_received"]
    send(keeper, address, confirm_received="y")
    keeper.follow()
    assert "bị bãi bỏ từ ngày 14/06/2024" in keeper.text("main")


def test_somebody_else_changed_the_status(keeper: Reader, published: Publish) -> None:
    address = "/thu-tuc/37/tinh-trang"
    keeper.get(address)
    published(37, date(2024, 7, 1), due_soon_days=3)
    send(keeper, address, status=422, note="Ghi chú", reason="Thử")
    assert "vừa được người khác cập nhật" in keeper.text(".summary")
    send(keeper, address)


def test_thresholds_of_all_procedures(keeper: Reader, in_session: Any, admin: Any) -> None:
    address = "/thu-tuc/nguong-bao"
    keeper.get(address)
    assert len(keeper.rows()) == 42
    send(keeper, f"{address}?page=1", status=422)
    assert set(errors(keeper)) == {"valid_from", "reason"}
    usual = {"valid_from": "17/06/2024", "reason": "Báo sớm hơn"}
    send(keeper, f"{address}?page=1", status=422, **usual)
    assert "Chưa có ngưỡng nào thay đổi" in keeper.text(".summary")
    send(keeper, f"{address}?page=1", status=422, days__2="x", days__3="61")
    assert errors(keeper) == {
        "days-2": "Thủ tục số 2: Nhập số ngày làm việc từ 0 đến 60.",
        "days-3": "Thủ tục số 3: Nhập số ngày làm việc từ 0 đến 60.",
    }
    assert keeper.soup.select_one("#days-2")["value"] == "x"
    assert keeper.soup.select_one("#days-2")["aria-describedby"] == "days-2-error"
    send(keeper, f"{address}?page=1", status=422, days__2="5", days__3="2", valid_from="13/06/2024")
    assert "từ hôm nay" in errors(keeper)["valid_from"]
    send(keeper, f"{address}?page=1", valid_from="17/06/2024")
    keeper.follow()
    assert keeper.text(".notice-done") == "Đã ghi ngưỡng mới của 1 thủ tục, áp dụng từ 17/06/2024."
    view = in_session(
        lambda session: catalogue.get_procedure(session, actor=admin, on=date(2024, 6, 17), local_no=2)
    )
    assert view.due_soon_days == 5
    keeper.get(address)
    assert "có phiên bản từ 17/06/2024" in keeper.rows()[1][1]
    send(keeper, f"{address}?page=1", status=422, days__2="6", **usual)
    assert "đã có phiên bản áp dụng từ ngày 17/06/2024" in errors(keeper)["days-2"]


def test_a_threshold_that_somebody_else_changed(keeper: Reader, published: Publish) -> None:
    address = "/thu-tuc/nguong-bao?page=1"
    keeper.get("/thu-tuc/nguong-bao")
    published(37, date(2024, 7, 1), due_soon_days=3)
    send(keeper, address, status=422, valid_from="17/06/2024", reason="Thử", days__37="4")
    assert "Thủ tục số 37 vừa được người khác cập nhật" in keeper.text(".summary")
    send(keeper, address)
    keeper.follow()
    assert "1 thủ tục" in keeper.text(".notice-done")
