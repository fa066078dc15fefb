"""``tthc closings`` and ``tthc verify``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.orm import sessionmaker as maker

from tests.databases import open_engine
from tests.processes import Office
from tests.register_files import Taker, row
from tthc.domain.permissions import Actor
from tthc.services import closing
from tthc.services.vault import Vault

#: Monday 15/07/2024 in the office: two months of the register can be closed.
NOW = datetime(2024, 7, 15, 2, 30, tzinfo=UTC)


def close_all(url: str, folder: Path, supervisor: Actor, reporter: Actor) -> None:
    """A register with one dossier of June, and every month closed that has ended."""
    engine = open_engine(url)
    try:
        with maker(engine, class_=Session)() as session:
            Taker(session, reporter)(row(1))
            while (found := closing.next_close(session, actor=supervisor, now=NOW)) and found.ended:
                closing.close_period(
                    session,
                    now=NOW,
                    actor=supervisor,
                    from_on=found.period.from_on,
                    to_on=found.period.to_on,
                    figures=found.figures,
                    vault=Vault(folder),
                    reason="Đã đối chiếu",
                )
    finally:
        engine.dispose()


@pytest.fixture
def closed(office: Office, actor: Callable[[str], Actor]) -> Office:
    """An office on SQLite with two closed months."""
    close_all(str(office.url), office.instance, actor("supervisor"), actor("reporter"))
    return office


def paper(office: Office, kind: str = "xlsx") -> Path:
    [found] = office.instance.glob(f"periods/2024-05-15_*/bieu-ii06a.{kind}")
    return found


def test_the_chain_is_listed_and_counted_again(office_on_both: Office, actor: Callable[[str], Actor]) -> None:
    done = office_on_both.tthc("closings")
    assert (done.code, done.out) == (0, "Chưa chốt kỳ nào.\n")
    close_all(str(office_on_both.url), office_on_both.instance, actor("supervisor"), actor("reporter"))
    done = office_on_both.tthc("closings", "--json")
    assert (done.code, done.err) == (0, "")
    assert [(one["from"], one["no"], one["state"], one["whole"]) for one in done.json["closings"]] == [
        ("2024-06-15", 1, "closed", True),
        ("2024-05-15", 1, "closed", True),
    ]
    said = office_on_both.tthc("closings").out
    assert "15/05/2024 – 14/06/2024" in said
    assert done.json["closings"][0]["checksum"] in said
    assert said.count("còn nguyên") == 2


def test_a_chain_that_was_changed_ends_with_1(closed: Office) -> None:
    database = sqlite3.connect(str(closed.url).removeprefix("sqlite:///"))
    database.execute("UPDATE period_close SET figures_json = '{}' WHERE from_on = '2024-05-15'")
    database.commit()
    database.close()
    done = closed.tthc("closings", "--json")
    assert done.code == 1
    assert [one["whole"] for one in done.json["closings"]] == [True, False]
    assert "KHÔNG CÒN NGUYÊN" in closed.tthc("closings").out


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_a_signed_file_is_verified_until_it_changes(closed: Office, kind: str) -> None:
    file = paper(closed, kind)
    done = closed.tthc("verify", str(file), "--json")
    assert (done.code, done.json["valid"], done.err) == (0, True, "")
    assert "chữ ký đúng" in closed.tthc("verify", str(file)).out
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    done = closed.tthc("verify", str(file), "--json")
    assert (done.code, done.json["valid"]) == (1, False)
    assert "CHỮ KÝ KHÔNG ĐÚNG" in closed.tthc("verify", str(file)).out


def test_elsewhere_with_the_public_key_alone(closed: Office, bare_office: Office, tmp_path: Path) -> None:
    file = paper(closed)
    key = closed.instance / "keys" / "signing.pub.pem"
    elsewhere = Office(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    done = elsewhere.tthc("verify", str(file), "--key", str(key), "--json")
    assert (done.code, done.json["valid"]) == (0, True)
    refused = elsewhere.tthc("verify", str(file), "--json")
    assert (refused.code, refused.json["error"]["field"]) == (2, "key")
    other = Vault(tmp_path / "other")
    other.public_key()
    assert elsewhere.tthc("verify", str(file), "--key", str(other.public)).code == 1
    for wrong in (file, other.key):
        refused = elsewhere.tthc("verify", str(file), "--key", str(wrong), "--json")
        assert (refused.code, refused.json["error"]["field"]) == (2, "key")


@pytest.mark.parametrize("signature", [b"", b"khong phai base64", b"AAAA\n", None])
def test_a_signature_that_is_none(closed: Office, signature: bytes | None) -> None:
    file = paper(closed)
    beside = file.with_name(file.name + ".sig")
    if signature is None:
        beside.unlink()
    else:
        beside.write_bytes(signature)
    done: Any = closed.tthc("verify", str(file), "--json")
    if signature is None:
        assert (done.code, done.json["error"]["field"]) == (2, "file")
    else:
        assert (done.code, done.json["valid"]) == (1, False)


def test_the_key_may_lie_elsewhere(office: Office, actor: Callable[[str], Actor], tmp_path: Path) -> None:
    key = tmp_path / "khoa" / "don-vi.pem"
    vault = Vault(office.instance, key)
    vault.keep("periods/thu/tep.txt", b"x")
    file = office.instance / "periods" / "thu" / "tep.txt"
    assert key.stat().st_mode & 0o777 == 0o600
    assert office.tthc("verify", str(file)).code == 2
    office.environ["TTHC_SIGNING_KEY"] = str(key)
    assert office.tthc("verify", str(file)).code == 0
