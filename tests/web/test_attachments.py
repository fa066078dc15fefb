"""Files of a dossier on its page: attached without script, refused file by file, shown safely, taken out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.attachment_files import BAD, GOOD, pdf, png
from tests.web.conftest import Reader
from tthc.db.models import Attachment
from tthc.domain.attachments import FileType
from tthc.services import attachments


def send(reader: Reader, code: str, *files: tuple[str, bytes], status: int = 302, **more: Any) -> None:
    """Send files as the form does; ``json=True`` as the script does."""
    headers = {"Accept": "application/json"} if more.pop("json", False) else {}
    fields = {"file-kind": "paper", "file-paper": "", "file-digitised": "y", **more}
    content = [(io.BytesIO(content), name) for name, content in files]
    reader.post(f"/ho-so/{code}/tep", {**fields, "file-files": content}, status, headers=headers)


def stored(app: Flask) -> list[Path]:
    return [path for path in Path(app.config["PAPERS"]).rglob("*") if path.is_file()]


def test_files_are_attached_looked_at_and_taken_out(
    app: Flask,
    clerk_reader: Reader,
    signed_in: Callable[[str], Reader],
    received: Callable[..., str],
    in_session: Any,
) -> None:
    code = received()
    page = f"/ho-so/{code}"
    clerk_reader.get(page)
    assert "Chưa có tệp nào" in clerk_reader.text("#attachments")
    send(
        clerk_reader, code, ("../Đơn đề nghị.pdf", pdf()), ("ảnh.png", png()), **{"file-paper": "Đơn đề nghị"}
    )
    clerk_reader.follow()
    assert "Đã đính kèm 2 tệp: Đơn đề nghị.pdf, ảnh.png." in clerk_reader.text(".notice-done")
    assert "Giấy tờ đã số hóa: 1/1." in clerk_reader.text("#attachments")
    assert "Đính kèm tệp" in clerk_reader.text("#events li:last-child")
    links = [str(one["href"]) for one in clerk_reader.soup.select("#attachments a")]
    assert len(links) == 2
    assert len(stored(app)) == 2

    clerk_reader.get(links[0])
    assert clerk_reader.text("h1") == "Đơn đề nghị.pdf"
    frame = clerk_reader.soup.select_one("iframe")
    assert frame is not None
    assert "frame-src 'self'" in clerk_reader.answer.headers["Content-Security-Policy"]
    clerk_reader.get(str(frame["src"]), buffered=True)
    headers = clerk_reader.answer.headers
    assert clerk_reader.answer.data == pdf()
    assert clerk_reader.answer.mimetype == "application/pdf"
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    clerk_reader.get(f"{links[1]}/xem", buffered=True)
    assert "sandbox" in clerk_reader.answer.headers["Content-Security-Policy"]
    clerk_reader.get(f"{links[1]}/tai-ve", buffered=True)
    assert clerk_reader.answer.headers["Content-Disposition"].startswith("attachment")

    auditor = signed_in("auditor")
    assert auditor.get(page).select_one("form[data-attach]") is None
    assert auditor.get(links[0]).select_one('form[action$="/bo"]') is None
    clerk_reader.get(links[1])
    said = {"file-kind": "result", "file-paper": "Giấy tờ lạ"}
    clerk_reader.post(f"{links[1]}/thong-tin", said, status=422)
    assert clerk_reader.named_errors() == ["#file-paper"]
    clerk_reader.post(f"{links[1]}/thong-tin", said | {"file-paper": "", "file-digitised": "y"})
    clerk_reader.follow()
    assert "Đã lưu thông tin của tệp ảnh.png." in clerk_reader.text(".notice-done")
    assert "Kết quả" in clerk_reader.text("dl.facts")
    # The dossier was corrected to another procedure since, which knows no such paper: that can stay said.
    gone = {"file-kind": "paper", "file-paper": "Giấy tờ của thủ tục trước"}

    def corrected(session: Any) -> None:
        session.execute(update(Attachment).values(paper=gone["file-paper"]))
        session.commit()

    in_session(corrected)
    clerk_reader.post(f"{links[1]}/thong-tin", gone | {"file-digitised": "y"})
    clerk_reader.post(f"{links[1]}/bo", {"reason": " "}, status=422)
    assert clerk_reader.named_errors() == ["#reason"]
    clerk_reader.post(f"{links[1]}/bo", {"reason": "Quét nhầm hồ sơ khác"})
    clerk_reader.follow()
    assert "Quét nhầm hồ sơ khác" in clerk_reader.text("#events li:last-child")
    assert "Tệp đã bỏ (1)" in clerk_reader.text("#attachments")
    # Still there for whoever asks.
    assert "đã được bỏ khỏi hồ sơ" in auditor.get(links[1]).get_text()
    assert len(stored(app)) == 2


def test_bad_files_are_said_one_by_one_and_nothing_of_them_stays(
    app: Flask, clerk_reader: Reader, received: Callable[..., str], in_session: Any, auditor: Any
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 80 * 1024 * 1024
    code = received()
    clerk_reader.get(f"/ho-so/{code}")
    send(clerk_reader, code, *[(name, content) for name, content, _ in BAD.values()], status=422)
    said = [one.get_text() for one in clerk_reader.soup.select(".summary li")]
    assert len(said) == len(BAD) >= 20
    for sentence, (name, _, words) in zip(said, BAD.values(), strict=True):
        assert name in sentence
        assert words in sentence
    assert stored(app) == []
    files = in_session(lambda session: attachments.list_files(session, actor=auditor, code=code))
    assert files.all == []
    # A good one among bad ones is kept, and both are said.
    send(clerk_reader, code, ("rỗng.pdf", b""), ("tốt.pdf", pdf()), ("hai.pdf", pdf()), status=422)
    assert "Đã đính kèm 1 tệp: tốt.pdf." in clerk_reader.text(".notice-done")
    said = [one.get_text() for one in clerk_reader.soup.select(".summary li")]
    assert [text.partition(":")[0] for text in said] == ["rỗng.pdf", "hai.pdf"]
    assert "không lưu hai lần" in said[1]
    assert len(stored(app)) == 1


def test_the_form_is_refused_with_its_reason(clerk_reader: Reader, received: Callable[..., str]) -> None:
    code = received()
    clerk_reader.get(f"/ho-so/{code}/tep")
    send(clerk_reader, code, status=422)
    assert "Chọn ít nhất một tệp." in clerk_reader.text(".summary")
    send(clerk_reader, code, ("đơn.pdf", pdf()), status=422, **{"file-paper": "Giấy tờ lạ"})
    assert clerk_reader.named_errors() == ["#file-paper"]
    clerk_reader.get("/ho-so/khong-co/tep", 404)
    clerk_reader.get(f"/ho-so/{code}/tep/9", 404)
    clerk_reader.get(f"/ho-so/{code}/tep/9/xem", 404)


def test_the_script_is_answered_in_json(clerk_reader: Reader, received: Callable[..., str]) -> None:
    code = received()
    clerk_reader.get(f"/ho-so/{code}")
    send(clerk_reader, code, ("đơn.pdf", pdf()), status=200, json=True)
    assert clerk_reader.answer.json == {"kept": ["đơn.pdf"], "refused": []}
    send(clerk_reader, code, ("hai.pdf", pdf()), status=422, json=True)
    answer = clerk_reader.answer.json
    assert answer is not None
    assert answer["kept"] == []
    assert answer["refused"][0].startswith("hai.pdf: Nội dung này đã có trong hồ sơ với tên đơn.pdf")


def test_two_hundred_megabytes_are_refused_unread(
    app: Flask, clerk_reader: Reader, received: Callable[..., str]
) -> None:
    """The length that a request tells is enough; not one byte of it is taken."""
    code = received()
    clerk_reader.get(f"/ho-so/{code}")
    token = clerk_reader.token()

    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.taken += len(buffer)
            return len(buffer)

    body = Endless()
    answer = clerk_reader.client.post(
        f"/ho-so/{code}/tep",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(200 * 1024 * 1024)},
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 413
    assert "Tệp quá lớn" in answer.text
    assert "Chưa có gì được lưu" in answer.text
    assert body.taken == 0
    assert stored(app) == []


@pytest.mark.parametrize("kind", [FileType.DOCX, FileType.TIFF])
def test_what_a_browser_cannot_show_is_offered_as_download(
    kind: FileType, clerk_reader: Reader, received: Callable[..., str]
) -> None:
    code = received()
    clerk_reader.get(f"/ho-so/{code}")
    send(clerk_reader, code, GOOD[kind])
    clerk_reader.get(f"/ho-so/{code}/tep/1")
    assert "tải về để xem" in clerk_reader.text(".preview")
    clerk_reader.get(f"/ho-so/{code}/tep/1/xem", buffered=True)
    assert clerk_reader.answer.headers["Content-Disposition"].startswith("attachment")
