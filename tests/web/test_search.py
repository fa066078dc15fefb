"""The search box: a page of results without script, the same in short while somebody types."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tthc.domain.vocabulary import ApplicantKind
from tthc.services.applicants import ApplicantInput


def test_the_box_of_every_page_leads_to_the_results(clerk_reader: Any, received: Any) -> None:
    code = received(37, note="Bìa xanh số 17")
    other = received(
        38, applicant=ApplicantInput(ApplicantKind.CITIZEN, "Doanh nghiệp 905", phone="0987654321")
    )
    assert clerk_reader.soup.select_one("form.seek")["action"] == "/tim-kiem"
    clerk_reader.get("/tim-kiem")
    assert "Gõ một phần" in clerk_reader.text("main .empty")
    clerk_reader.get(f"/tim-kiem?q={quote('xanh BÌA')}")
    assert [row[0] for row in clerk_reader.rows()] == [code]
    assert [mark.text for mark in clerk_reader.soup.select("main .why mark")] == ["Bìa", "xanh"]
    clerk_reader.get("/tim-kiem?q=0987+654+321")
    assert other in clerk_reader.soup.get_text()
    assert "Chủ hồ sơ, người nộp" in clerk_reader.soup.get_text()
    clerk_reader.get("/tim-kiem?q=khongco")
    assert "Không có gì khớp với “khongco”" in clerk_reader.text("main .empty")


def test_a_whole_code_leads_to_its_dossier(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    clerk_reader.get(f"/tim-kiem?q=+{code.lower()}", 302)
    assert clerk_reader.answer.headers["Location"] == f"/ho-so/{code}"


def test_while_typing_only_the_list_comes(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    answer = clerk_reader.client.get(f"/tim-kiem/goi-y?q={code[-4:]}")
    assert answer.status_code == 200
    assert f'href="/ho-so/{code}"' in answer.text
    assert "<html" not in answer.text
    assert "Chưa tìm thấy" in clerk_reader.client.get("/tim-kiem/goi-y?q=khongco").text
    assert clerk_reader.client.get("/tim-kiem/goi-y?q=").text.strip() == ""


def test_nonsense_is_no_error(clerk_reader: Any, received: Any) -> None:
    code = received(37)
    for words in (
        "%",
        '"',
        "'",
        "*",
        "(",
        "a" * 500,
        "\x00",
        "😀",
        "OR",
        "NEAR(a b)",
        "<script>",
        "- -",
        "ﬁ ß İ",
    ):
        clerk_reader.get(f"/tim-kiem?q={quote(words)}")
        assert "<script>" not in str(clerk_reader.soup.select_one("main"))
    for before in ("-1", "abc", "9" * 30, "٣"):
        clerk_reader.get(f"/tim-kiem?q=doanh&truoc={quote(before)}")
    clerk_reader.get(f"/tim-kiem?q={code[-4:]}&truoc=1")
    assert "Không có gì khớp" in clerk_reader.text("main .empty")
