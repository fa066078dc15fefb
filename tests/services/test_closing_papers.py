"""The signed files of a closing: whole after a kill, made again when lost, refused when changed."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from tests.processes import run_source
from tthc.db.models import Document, PeriodClose
from tthc.domain.vocabulary import DomainError
from tthc.services import closing, closing_papers
from tthc.services.transaction import NotFound
from tthc.services.vault import Vault, check_signature

KINDS = ("xlsx", "pdf")


def close(office: Any, vault: Vault | None = None) -> int:
    found = closing.next_close(office.session, actor=office.person("supervisor"), now=office.now)
    assert found is not None
    return closing.close_period(
        office.session,
        now=office.now,
        actor=office.person("supervisor"),
        from_on=found.period.from_on,
        to_on=found.period.to_on,
        figures=found.figures,
        vault=vault or office.vault,
        reason="Đã đối chiếu",
    )


def read(office: Any, close_id: int, kind: str = "xlsx", *, signature: bool = False) -> bytes:
    _, content = closing_papers.open_paper(
        office.session,
        actor=office.person("auditor"),
        vault=office.vault,
        close_id=close_id,
        kind=kind,
        signature=signature,
    )
    return content


def signed(office: Any, close_id: int, kind: str) -> bool:
    whole, _ = check_signature(
        content=read(office, close_id, kind),
        signature=read(office, close_id, kind, signature=True),
        public=office.vault.public_key(),
    )
    return whole


def file(office: Any, kind: str = "xlsx", no: int = 1) -> Path:
    return Path(office.vault.folder, "periods", f"2024-05-15_2024-06-14_{no}", f"bieu-ii06a.{kind}")


@pytest.fixture
def june(office: Any) -> Any:
    """An office on 15/06/2024 with one dossier received in the month before."""
    office.stand("12/06")
    office.code = office.receive()
    office.stand("15/06")
    return office


def test_a_closing_has_its_files_on_record_and_on_the_disk(june: Any) -> None:
    close_id = close(june)
    rows = june.session.scalars(select(Document).where(Document.close_id == close_id)).all()
    assert [(row.form, row.no, row.path) for row in rows] == [
        ("II.06a", 1, f"periods/2024-05-15_2024-06-14_1/bieu-ii06a.{kind}") for kind in KINDS
    ]
    for kind in KINDS:
        assert file(june, kind).read_bytes() == read(june, close_id, kind)
        assert signed(june, close_id, kind)
    names = {path.name for path in file(june).parent.iterdir()}
    assert names == {f"bieu-ii06a.{kind}{end}" for kind in KINDS for end in ("", ".sig")}
    for kind, wanted in (("docx", NotFound), ("", NotFound)):
        with pytest.raises(wanted):
            read(june, close_id, kind)
    with pytest.raises(NotFound):
        read(june, 99)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_file_is_made_again_with_the_same_bytes(june: Any, kind: str) -> None:
    close_id = close(june)
    content, signature = read(june, close_id, kind), read(june, close_id, kind, signature=True)
    # Later the office calls itself otherwise and works on: the file still says what it said.
    june.stand("20/09")
    june.act("resolve", june.code)
    file(june, kind).unlink()
    file(june, f"{kind}.sig").unlink()
    assert read(june, close_id, kind) == content
    assert file(june, kind).read_bytes() == content
    assert read(june, close_id, kind, signature=True) == signature
    file(june, f"{kind}.sig").unlink()
    assert read(june, close_id, kind, signature=True) == signature


def test_a_changed_file_is_refused_and_fails_its_signature(june: Any) -> None:
    close_id = close(june)
    changed = bytearray(read(june, close_id))
    signature = read(june, close_id, signature=True)
    changed[100] ^= 1
    file(june).write_bytes(changed)
    for also in (False, True):
        with pytest.raises(DomainError, match="không còn như lúc chốt kỳ"):
            read(june, close_id, signature=also)
    assert not check_signature(content=bytes(changed), signature=signature, public=june.vault.public_key())[0]
    file(june).unlink()
    assert signed(june, close_id, "xlsx")


def test_closed_again_has_files_of_its_own(june: Any) -> None:
    first = close(june)
    before = read(june, first)
    closing.reopen_period(
        june.session, now=june.now, actor=june.person("supervisor"), close_id=first, reason="Thiếu"
    )
    june.act("resolve", june.code, occurred="13/06")
    second = close(june)
    assert read(june, first) == before != read(june, second)
    assert file(june, no=2).read_bytes() == read(june, second)


def test_what_is_refused_leaves_no_file(june: Any) -> None:
    with pytest.raises(DomainError, match="Số liệu đã thay đổi"):
        closing.close_period(
            june.session,
            now=june.now,
            actor=june.person("supervisor"),
            from_on=june.on("15/05"),
            to_on=june.on("14/06"),
            figures="0" * 64,
            vault=june.vault,
            reason="Đã đối chiếu",
        )
    assert not (june.vault.folder / "periods").exists()


def test_a_disk_that_takes_nothing_closes_nothing(june: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "periods").write_text("a file where a folder should be")
    with pytest.raises(DomainError, match="Không ghi được"):
        close(june, Vault(tmp_path / "full"))
    assert june.everything()["period_close"] == june.everything()["document"] == 0
    close(june)


_KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.orm import Session
from tests.databases import open_engine
from tests.people import person
from tthc.services import closing
from tthc.services.vault import Vault

url, folder, at = sys.argv[1:]
session = Session(open_engine(url))
now = datetime.fromisoformat(at)
found = closing.next_close(session, actor=person("supervisor"), now=now)
event.listen(session, "before_commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
closing.close_period(
    session, now=now, actor=person("supervisor"), from_on=found.period.from_on, to_on=found.period.to_on,
    figures=found.figures, vault=Vault(Path(folder)), reason="Bị ngắt giữa chừng",
)
"""


def test_killed_between_the_files_and_the_commit(june: Any, database_url: str) -> None:
    june.session.rollback()
    done = run_source(_KILLED, database_url, str(june.vault.folder), june.now.isoformat())
    assert done.code == -signal.SIGKILL, done.err
    assert file(june).exists(), "the files are there before the closing is"
    assert june.everything()["period_close"] == june.everything()["document"] == 0
    june.act("resolve", june.code, occurred="13/06")
    orphan = file(june).read_bytes()
    close_id = close(june)
    assert june.session.scalars(select(PeriodClose.no)).all() == [1]
    assert file(june).read_bytes() == read(june, close_id) != orphan
    for kind in KINDS:
        assert signed(june, close_id, kind)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    start = Barrier(6)

    def ask(_number: int) -> bytes:
        start.wait()
        return Vault(tmp_path).private_key()

    with ThreadPoolExecutor(6) as pool:
        keys = set(pool.map(ask, range(6)))
    assert len(keys) == 1
    assert vault.private_key() in keys
    assert vault.key.stat().st_mode & 0o777 == 0o600
    assert vault.key.parent.stat().st_mode & 0o777 == 0o700
    assert vault.public.read_bytes() == vault.public_key()
    assert {path.name for path in vault.key.parent.iterdir()} == {"signing.pem", "signing.pub.pem"}


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    vault = Vault(tmp_path, tmp_path / "khoa.pem")
    (tmp_path / "khoa.pem").write_text("không phải khóa")
    for ask in (vault.public_key, lambda: vault.keep("tep", b"x")):
        with pytest.raises(DomainError, match="không phải khóa riêng Ed25519"):
            ask()
    assert not (tmp_path / "tep").exists()
