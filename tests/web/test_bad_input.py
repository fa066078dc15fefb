"""Senseless input, on both databases: a page that says so, never a breakdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

NONSENSE = [
    "\x00",
    "a\x00b",
    "'",
    "%",
    "\\",
    "😀" * 50,
    "\ud7ff\u202e",
    "9" * 40,
    "-1",
    "1e9",
    "NaN",
    "<script>",
    "a" * 5000,
    "01/01/0001",
    "31/12/9999",
]

#: The worst of it, for each field by itself.
HARSH = ["\x00", "9" * 40, "01/01/0001"]


@pytest.fixture
def client(app_on_both: Flask, password: str) -> Iterator[Any]:
    """A supervisor's client, whose forms need no token."""
    app_on_both.config["WTF_CSRF_ENABLED"] = False
    with app_on_both.test_client() as client:
        answer = client.post("/dang-nhap", data={"name": "supervisor", "password": password})
        assert answer.status_code == 302
        yield client


def test_addresses(client: Any) -> None:
    for text in NONSENSE:
        part = quote(text, safe="")
        for path in (
            f"/ho-so/{part}",
            f"/cho-tiep-nhan/{part}",
            f"/thu-tuc/{part}",
            f"/tra-cuu/{part}",
            f"/tim-kiem?q=%2Ftra-cuu%3Fcode%3D{quote(part)}",
            f"/{part}",
        ):
            assert client.get(path, follow_redirects=True).status_code in {200, 404}, path
        assert client.post(f"/ho-so/{part}/bat-dau").status_code in {404, 405}, part
        assert client.post(f"/canh-bao/{part}").status_code in {404, 405}, part
        assert client.post("/ho-so/nhieu/phan-cong", data={"marks": f"1:{text}"}).status_code == 200, part
        forms = client.post("/ho-so/in-nhieu/giay-tiep-nhan.pdf", data={"codes": text})
        assert forms.status_code in {404, 422}, part
        assert client.post("/ban-giao", data={"codes": text}).status_code == 422, part


QUERIES = {
    "/ho-so": "q state sector_id procedure_id channel officer_id received_from due_to bucket sort page",
    "/cho-tiep-nhan": "state page",
    "/canh-bao": "stage answered kind officer_id sector_id procedure_id by trend page",
    "/bao-cao": "preset year from_on to_on by",
    "/bao-cao/danh-sach": "from_on to_on by row cell page",
    "/bao-cao/phu-luc/qua-han": "preset year from_on to_on page",
    "/bao-cao/phu-luc/cung-ky.xlsx": "preset year from_on to_on",
    "/phan-anh": "q state kind from_on to_on cell page",
    "/phan-anh/xuat.csv": "q state kind from_on cell",
    "/phan-anh/tong-hop": "preset year from_on to_on",
    "/bao-cao/ii06a.xlsx": "preset year from_on",
    "/so-ho-so/xuat": "from_on to_on format",
    "/dau-tu": "preset year from_on to_on",
    "/dau-tu/ket-qua.xlsx": "preset year from_on to_on",
    "/dau-tu/danh-sach": "q from_on to_on origin kind unlinked cancelled page",
    "/dau-tu/danh-sach.csv": "q from_on to_on origin kind",
    "/dau-tu/con-thieu": "from_on to_on page",
    "/dau-tu/so-du-dau": "ngay",
    "/dau-tu/ke-hoach": "nam",
    "/dau-tu/ghi": "ho-so",
    "/": "mine",
    "/dang-nhap": "next",
    "/thiet-lap": "page",
    "/thiet-lap/quy-dinh-khac": "page",
}


def test_queries(client: Any) -> None:
    usual = {"from_on": "15/12/2023", "to_on": "14/06/2024", "cell": "overdue", "by": "sector"}
    for path, names in QUERIES.items():
        for name in names.split():
            for text in HARSH:
                answer = client.get(path, query_string={**usual, name: text})
                assert answer.status_code in {200, 302, 404, 422}, (path, name, text)


INTAKE = {
    "step": "receive",
    "procedure_id": "37",
    "channel": "counter",
    "applicant_kind": "enterprise",
    "applicant_name": "Công ty",
}
FIELDS = (
    "step procedure_id channel applicant_kind applicant_name once case_id id_number phone email address "
    "submitter_name subject sets received_at officer_id note confirm_unverified reason "
    "extra-1-name extra-1-originals extra-99-name paper-1-copies"
)


def test_intake(client: Any) -> None:
    for name in FIELDS.split():
        for text in HARSH:
            answer = client.post("/ho-so/tiep-nhan", data={**INTAKE, name: text})
            assert answer.status_code in {200, 302, 422}, (name, text)
    for text in NONSENSE:
        everything = dict.fromkeys(FIELDS.split(), text)
        for form in (everything, {**everything, **INTAKE}):
            for path in ("/ho-so/tiep-nhan", "/ho-so/tiep-nhan/xem-truoc"):
                assert client.post(path, data=form).status_code in {200, 422}, text


def test_deeds(client: Any) -> None:
    made = client.post("/ho-so/tiep-nhan", data=INTAKE)
    page = made.headers["Location"]
    for field in ("version", "missing", "reason", "mode", "occurred_at"):
        for text in NONSENSE:
            form = {"version": "999", "missing": "Bản vẽ", "reason": "Thiếu", field: text}
            data = {f"request_supplement-{name}": value for name, value in form.items()}
            answer = client.post(f"{page}/yeu-cau-bo-sung", data=data)
            assert answer.status_code == 422, (field, text)


def test_an_extension(client: Any) -> None:
    page = client.post("/ho-so/tiep-nhan", data=INTAKE).headers["Location"]
    for field in ("version", "new_due_on", "reason", "override_reason", "occurred_at"):
        for text in NONSENSE:
            form = {"version": "999", "new_due_on": "28/06/2024", "reason": "Chờ ý kiến", field: text}
            data = {f"propose_extension-{name}": value for name, value in form.items()}
            answer = client.post(f"{page}/de-xuat-gia-han", data=data)
            assert answer.status_code == 422, (field, text)


CORRECTION = {
    "version": "999",
    "procedure_id": "41",
    "case_id": "",
    "channel": "counter",
    "received_at": "13/06/2024 08:00",
    "reason": "Chọn nhầm",
    "step": "correct",
}


def test_a_correction(client: Any) -> None:
    page = client.post("/ho-so/tiep-nhan", data=INTAKE).headers["Location"]
    for field in CORRECTION:
        for text in NONSENSE:
            form = {**CORRECTION, field: text}
            answer = client.post(f"{page}/dinh-chinh", data=form)
            assert answer.status_code == (200 if field == "step" else 422), (field, text)
            assert client.post(f"{page}/dinh-chinh/xem-truoc", data=form).status_code == 200, (field, text)
    for text in NONSENSE:
        everything = dict.fromkeys(CORRECTION, text)
        assert client.post(f"{page}/dinh-chinh", data=everything).status_code == 200, text


def test_sign_in(client: Any) -> None:
    for text in NONSENSE:
        answer = client.post("/dang-nhap", data={"name": text, "password": text, "next": text})
        assert answer.status_code == 422, text


RULE = {
    "hours-1-start": "07:00",
    "hours-1-end": "16:30",
    "cutoff": "15:00",
    "shift": "yes",
    "due_at_mode": "closing",
    "saturday": "yes",
    "valid_from": "01/07/2024",
    "reason": "Quyết định",
    "newest": "1",
    "step": "save",
}


def test_a_counting_rule(client: Any) -> None:
    # What may be anything: a reason, and the row that was looked at.
    free = {"reason", "newest", "step"}
    for name in RULE:
        for text in NONSENSE:
            answer = client.post("/thiet-lap/quy-tac-moi", data={**RULE, name: text})
            allowed = {200, 302, 422} if name in free else {422}
            assert answer.status_code in allowed, (name, text)


def test_a_setting(client: Any) -> None:
    slug = "cho-bo-sung-qua-lau"
    for text in NONSENSE:
        for name in ("value", "valid_from"):
            form = {"value": "20", "valid_from": "01/07/2024", "reason": "Quy chế", name: text}
            data = {f"{slug}-{key}": value for key, value in form.items()}
            answer = client.post(f"/thiet-lap/quy-dinh-khac/{slug}", data=data)
            assert answer.status_code == 422, (name, text)
        part = quote(text, safe="")
        assert client.post(f"/thiet-lap/quy-dinh-khac/{part}").status_code == 404, text


CERTIFICATE = {
    "number": "GCN-001",
    "kind": "new",
    "origin": "FDI",
    "issued_on": "03/06/2024",
    "usd": "10,5",
    "vnd": "250,25",
    "project": "",
    "dossier_code": "",
    "note": "",
}


def test_a_certificate(client: Any) -> None:
    assert client.post("/dau-tu/ghi", data=CERTIFICATE).status_code == 302
    for name in CERTIFICATE:
        # What may be anything is refused all the same: the number is on record already.
        for text in NONSENSE:
            answer = client.post("/dau-tu/ghi", data={**CERTIFICATE, name: text})
            allowed = {302, 422} if name == "number" else {422}
            assert answer.status_code in allowed, (name, text)
            form = {**CERTIFICATE, "version": "1", "reason": "", name: text}
            assert client.post("/dau-tu/1/dinh-chinh", data=form).status_code == 422, (name, text)
    for text in NONSENSE:
        part = quote(text, safe="")
        assert client.get(f"/dau-tu/{part}").status_code == 404, text
        assert (
            client.post("/dau-tu/1/huy", data={"cancel-version": text, "cancel-reason": "x"}).status_code
            == 422
        )
        assert client.post("/dau-tu/nhap-tep/nhap", data={"upload": text}).status_code == 302


def test_a_body_that_is_no_form(client: Any) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        answer = client.post("/ho-so/tiep-nhan", data=b"\xff\x00{", content_type=kind)
        assert answer.status_code in {200, 400, 422}, kind
