"""Files of a dossier: kept outside the database, each with a row, none without."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.attachment_files import BAD, GOOD, pdf, png
from tests.services.conftest import Office
from tthc.db.models import AuditEntry
from tthc.domain.attachments import AttachmentKind, FileType
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import DomainError
from tthc.services import attachments, audit
from tthc.services.attachments import AttachmentView, NewFile
from tthc.services.intake import PaperInput
from tthc.services.paper_store import PaperStore
from tthc.services.transaction import NotFound

MB = 1024 * 1024


@pytest.fixture
def store(tmp_path: Path) -> PaperStore:
    """An empty store for files up to 1 MB."""
    return PaperStore(tmp_path / "papers", MB)


def lying_in(store: PaperStore) -> list[str]:
    """Every file of a store, also a passing one."""
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


def attach(
    office: Office, store: PaperStore, code: str, name: str, content: bytes, by: str = "clerk", **more: Any
) -> AttachmentView:
    return attachments.attach_file(
        office.session,
        now=office.now,
        actor=office.person(by),
        store=store,
        code=code,
        file=NewFile(name, io.BytesIO(content), **more),
    )


def files(office: Office, code: str) -> attachments.FilesView:
    office.session.rollback()
    return attachments.list_files(office.session, actor=office.person("auditor"), code=code)


def test_files_are_kept_shown_taken_out_and_told(office: Office, store: PaperStore) -> None:
    first = "Đơn đề nghị"
    code = office.receive(papers=(PaperInput(None, first, 1, 0, 0),))
    office.stand("14/06/2024 10:00")
    paper = attach(office, store, code, "C:\\quét\\Đơn", pdf("1"), paper=first)
    assert (paper.name, paper.type, paper.paper, paper.digitised) == ("Đơn.pdf", FileType.PDF, first, True)
    assert paper.sha256 == hashlib.sha256(pdf("1")).hexdigest()
    with attachments.open_file(store, paper) as content:
        assert content.read() == pdf("1")
    assert store.path_of(paper.sha256).parts[-3:] == (paper.sha256[:2], paper.sha256[2:4], paper.sha256)
    office.stand("14/06/2024 10:05")
    result = attach(office, store, code, "kết quả.png", png(), by="officer", kind=AttachmentKind.RESULT)
    seen = office.view(code)
    assert seen.files.digitised.sentence.endswith("Kết quả: đã số hóa.")
    assert [entry.title for entry in seen.timeline] == ["Tiếp nhận", "Đính kèm tệp", "Đính kèm tệp"]
    assert seen.timeline[1].details == [("Tệp", "Đơn.pdf")]
    office.stand("14/06/2024 11:00")
    described = {"code": code, "attachment_id": paper.id, "kind": AttachmentKind.PAPER, "digitised": False}
    for _ in range(2):  # what is said already is said once
        attachments.describe_file(
            office.session, now=office.now, actor=office.person("clerk"), **described, paper=first
        )
    assert not files(office, code).one(paper.id).digitised
    with pytest.raises(DomainError, match="trong danh sách của hồ sơ"):
        attachments.describe_file(
            office.session, now=office.now, actor=office.person("clerk"), **described, paper="Giấy tờ lạ"
        )
    taken = {"now": office.now, "actor": office.person("clerk"), "code": code, "attachment_id": result.id}
    with pytest.raises(DomainError, match="lý do"):
        attachments.remove_file(office.session, **taken, reason=" ")
    assert attachments.remove_file(office.session, **taken, reason="Nhầm hồ sơ") == "kết quả.png"
    with pytest.raises(DomainError, match="đã được bỏ"):
        attachments.remove_file(office.session, **taken, reason="Nhầm hồ sơ")
    left = files(office, code)
    assert [one.name for one in left.standing] == ["Đơn.pdf"]
    assert [(one.name, one.removal_reason) for one in left.removed] == [("kết quả.png", "Nhầm hồ sơ")]
    assert not left.digitised.result
    last = office.view(code).timeline[-1]
    assert (last.title, last.reason, last.details) == ("Bỏ tệp", "Nhầm hồ sơ", [("Tệp", "kết quả.png")])
    # Kept all the same, and the same content may come again.
    assert lying_in(store) == sorted([paper.sha256, result.sha256])
    again = attach(office, store, code, "kết quả.png", png(), kind=AttachmentKind.RESULT)
    assert again.id != result.id
    actions = office.session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject == f"dossier:{code}").order_by(AuditEntry.seq)
    ).all()
    assert actions == [f"attachment_{word}" for word in ("added", "added", "described", "removed", "added")]
    assert audit.verify(office.session, 1)


def test_a_deed_may_still_be_dated_before_a_scan(sqlite_office: Office, store: PaperStore) -> None:
    office = sqlite_office
    code = office.receive()
    version = office.dossier(code).version
    office.stand("14/06/2024 15:00")
    attach(office, store, code, "đơn.pdf", pdf())
    assert office.dossier(code).version == version
    office.act("start", code, occurred="14/06/2024 14:00")
    assert [entry.title for entry in office.view(code).timeline][1:] == ["Bắt đầu xử lý", "Đính kèm tệp"]


def test_of_bad_files_nothing_is_kept(sqlite_office: Office, store: PaperStore) -> None:
    office = sqlite_office
    code = office.receive()
    attach(office, store, code, "đơn.pdf", pdf())
    before, stored = office.everything(), lying_in(store)
    large = io.BytesIO(b"%PDF-" + b"\0" * (2 * MB))
    refused = {name: (file, io.BytesIO(content), words) for name, (file, content, words) in BAD.items()}
    refused["too large"] = ("đơn.pdf", large, "lớn hơn 1 MB")
    refused["there already"] = ("khác.pdf", io.BytesIO(pdf()), "đã có trong hồ sơ với tên đơn.pdf")
    for name, (file, content, words) in refused.items():
        with pytest.raises(DomainError, match=words) as refusal:
            attachments.attach_file(
                office.session,
                now=office.now,
                actor=office.person("clerk"),
                store=replace(store, max_bytes=64 * MB) if "bomb" in name else store,
                code=code,
                file=NewFile(file, content),
            )
        assert file in refusal.value.message, name
    # No more is read of a file that is too large than what makes it so.
    assert large.tell() < 1.5 * MB
    assert office.everything() == before
    assert lying_in(store) == stored


def test_others_are_told_what_is_wrong(
    sqlite_office: Office, store: PaperStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    code, other = office.receive(), office.receive()
    for person in ("reporter", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            attach(office, store, code, "đơn.pdf", pdf(), by=person)
    with pytest.raises(NotFound):
        attach(office, store, "000.00.99.H54-240614-9999", "đơn.pdf", pdf())
    with pytest.raises(DomainError) as refusal:
        attach(office, store, code, "đơn.pdf", pdf(), paper="Giấy tờ không có")
    assert refusal.value.field == "paper"
    mine = attach(office, store, code, "đơn.pdf", pdf())
    with pytest.raises(NotFound):
        attachments.get_file(office.session, actor=office.person("clerk"), code=other, attachment_id=mine.id)
    with pytest.raises(NotFound):
        attachments.remove_file(
            office.session,
            now=office.now,
            actor=office.person("clerk"),
            code=other,
            attachment_id=mine.id,
            reason="Nhầm",
        )
    # The same content in another dossier is one file and two rows.
    assert attach(office, store, other, "đơn.pdf", pdf()).sha256 == mine.sha256
    assert lying_in(store) == [mine.sha256]
    monkeypatch.setattr(attachments, "MAX_FILES", 1)
    with pytest.raises(DomainError, match="đã có 1 tệp"):
        attach(office, store, code, "nữa.pdf", pdf("2"))
    store.path_of(mine.sha256).unlink()
    with pytest.raises(NotFound, match="sao lưu"):
        attachments.open_file(store, mine)


def test_a_virus_scan_has_the_last_word(sqlite_office: Office, store: PaperStore, tmp_path: Path) -> None:
    office = sqlite_office
    code = office.receive()
    scanner = tmp_path / "scan.py"
    scanner.write_text(
        "import pathlib, sys, time\n"
        "content = pathlib.Path(sys.argv[-1]).read_bytes()\n"
        "time.sleep(30 if b'(slow)' in content else 0)\n"
        "sys.exit(b'(virus)' in content)\n"
    )
    scanned = replace(store, scan=(sys.executable, str(scanner)))
    assert attach(office, scanned, code, "sạch.pdf", pdf("clean")).name == "sạch.pdf"
    kept = lying_in(store)
    with pytest.raises(DomainError, match="quét vi-rút không cho nhận"):
        attach(office, scanned, code, "bẩn.pdf", pdf("virus"))
    with pytest.raises(DomainError, match="Chưa quét được vi-rút"):
        attach(office, replace(scanned, scan_seconds=0.5), code, "chậm.pdf", pdf("slow"))
    with pytest.raises(DomainError, match="Chưa quét được vi-rút"):
        attach(office, replace(store, scan=(str(tmp_path / "khong-co"),)), code, "đơn.pdf", pdf("3"))
    assert lying_in(store) == kept


@pytest.fixture
def aged() -> Callable[[Path, Any], None]:
    """``aged(path, moment)``: a file as if it had been written at a moment."""
    return lambda path, moment: os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_files_without_a_row_are_cleared_away_after_a_day(
    sqlite_office: Office, store: PaperStore, aged: Callable[[Path, Any], None]
) -> None:
    office = sqlite_office
    code = office.receive()
    assert attachments.clean_up(office.session, machine_now=office.now, store=store) == 0
    kept = attach(office, store, code, "đơn.pdf", pdf())
    # Somebody pulled the plug between file and row, and in the middle of a file.
    with store.receiving(io.BytesIO(pdf("orphan"))) as received:
        store.keep(received)
    half = store.folder / ".new-half"
    half.write_bytes(b"%PDF-")
    paths = [store.path_of(kept.sha256), store.path_of(received.sha256), half]
    for path in paths:
        aged(path, office.now - timedelta(hours=20))
    assert attachments.clean_up(office.session, machine_now=office.now, store=store) == 0
    for path in paths:
        aged(path, office.now - timedelta(hours=25))
    # The same content brought once more is young again, and stays.
    with store.receiving(io.BytesIO(pdf("orphan"))) as once_more:
        store.keep(once_more)
    assert attachments.clean_up(office.session, machine_now=office.now, store=store) == 1
    aged(paths[1], office.now - timedelta(hours=25))
    assert attachments.clean_up(office.session, machine_now=office.now, store=store) == 1
    assert lying_in(store) == [kept.sha256]


def test_a_row_that_fails_leaves_no_row(
    sqlite_office: Office, store: PaperStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    code = office.receive()
    before = office.everything()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DomainError, match="dung lượng đĩa"):
        attach(office, store, code, "đơn.pdf", pdf())
    assert (office.everything(), lying_in(store)) == (before, [])


def test_the_page_asks_no_more_for_many_files(
    sqlite_office: Office, store: PaperStore, counting: Callable[[Any], Any]
) -> None:
    office = sqlite_office
    code = office.receive()
    attach(office, store, code, "0.pdf", pdf("0"))
    office.view(code)  # a process reads the terms of a procedure once
    with counting(office.session) as one:
        office.view(code)
    for number in range(1, 6):
        attach(office, store, code, f"{number}.pdf", pdf(str(number)))
    with counting(office.session) as many:
        assert len(office.view(code).files.standing) == 6
    assert len(many) == len(one)


def test_every_good_type_is_kept(sqlite_office: Office, store: PaperStore) -> None:
    code = sqlite_office.receive()
    kept = [attach(sqlite_office, store, code, name, content) for name, content in GOOD.values()]
    assert [one.type for one in kept] == [*GOOD]
    assert [one.type for one in kept if one.shown] == [FileType.PDF, FileType.PNG, FileType.JPEG]
