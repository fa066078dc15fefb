"""Backups and restores: the same office again, whatever happens in between; never half of two."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.attachment_files import pdf
from tests.backup_office import AT, back_up, contents
from tests.backup_office import place_at as open_place
from tests.services.conftest import Office
from tests.services.test_closing_papers import close, read
from tthc.domain.backup import MANIFEST, Cause, Keep
from tthc.domain.vocabulary import DomainError
from tthc.services import attachments, backup, restore, search
from tthc.services.attachments import NewFile
from tthc.services.backup import Place
from tthc.services.paper_store import PaperStore

ROOT = Path(__file__).resolve().parents[2]


PlaceAt = Callable[[str, Path], Place]


@pytest.fixture
def place_at() -> Iterator[PlaceAt]:
    """Makes offices on engines of their own, which are closed in the end."""
    made: list[Place] = []

    def make(url: str, folder: Path) -> Place:
        made.append(open_place(url, folder))
        return made[-1]

    yield make
    for place in made:
        place.engine.dispose()


def attach(office: Office, place: Place, code: str, content: bytes) -> str:
    return attachments.attach_file(
        office.session,
        now=office.now,
        actor=office.person("clerk"),
        store=PaperStore(place.papers, 1024 * 1024),
        code=code,
        file=NewFile("giấy tờ.pdf", io.BytesIO(content)),
    ).sha256


def settled(office: Office) -> str:
    """Let go of the database, as a server that was stopped; its URL."""
    office.session.close()
    engine = office.session.get_bind().engine
    engine.dispose()
    return str(engine.url.render_as_string(hide_password=False))


def lying(folder: Path) -> list[str]:
    """What a folder holds that begins with a dot or is a journal: nothing, when all went well."""
    return [
        path.name for path in folder.iterdir() if path.name.startswith(".") or path.name == restore.JOURNAL
    ]


def test_a_restored_office_is_the_same(
    office: Office, database_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    """Rows, closed months, search, files of dossiers and keys; and what was there in between is kept."""
    place = place_at(database_url, tmp_path)
    (tmp_path / "secret_key").write_text("khóa của phiên làm việc")
    office.stand("12/06")
    code = office.receive(firm="Doanh nghiệp 77")
    paper = attach(office, place, code, pdf("quyết định"))
    office.stand("15/06")
    close_id = close(office)
    month = {kind: read(office, close_id, kind) for kind in ("xlsx", "pdf")}
    settled(office)
    before = contents(place, database_url)
    made = back_up(place)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.counts()["papers"] == 1
    assert backup.verify_backup(made.path, place=place) == made.manifest
    # Life goes on, badly.
    office.receive(firm="Doanh nghiệp 78")
    (tmp_path / "secret_key").write_text("khóa khác")
    shutil.rmtree(tmp_path / "periods")
    place.papers.joinpath(paper[:2], paper[2:4], paper).write_bytes(b"x")
    with pytest.raises(DomainError, match="đang chạy"):
        restore.restore_backup(place, path=made.path, machine_now=AT, replace=True)
    settled(office)
    after = contents(place, database_url)
    with pytest.raises(DomainError, match="--replace"):
        restore.restore_backup(place, path=made.path, machine_now=AT, replace=False)
    assert contents(place, database_url) == after != before
    done = restore.restore_backup(place, path=made.path, machine_now=AT, replace=True)
    assert contents(place, database_url) == before
    assert (done.skipped, lying(tmp_path), lying(place.folder)) == ((), [], [])
    kept = [name.removeprefix(f"{tmp_path}{os.sep}") for name in done.aside]
    assert kept[0] == "schema before_20240614_120000" or kept[0].endswith(".db.before-20240614-120000")
    assert "secret_key.before-20240614-120000" in kept
    assert {kind: read(office, close_id, kind) for kind in month} == month
    found = [
        search.search(office.session, actor=office.person("clerk"), q=q).dossiers
        for q in ("nghiep 77", "nghiep 78")
    ]
    assert [[row.code for row in rows] for rows in found] == [[code], []]
    # Work goes on, and can be backed up and restored once more.
    office.receive(firm="Doanh nghiệp 79")
    settled(office)
    later = contents(place, database_url)
    again = back_up(place, AT + timedelta(hours=1))
    restore.restore_backup(place, path=again.path, machine_now=AT + timedelta(hours=1), replace=True)
    assert contents(place, database_url) == later


def test_a_copy_is_of_one_moment_while_people_go_on_working(
    sqlite_office: Office, sqlite_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    place = place_at(sqlite_url, tmp_path)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            sqlite_office.receive()

    desk = threading.Thread(target=work)
    desk.start()
    try:
        made = [back_up(place, AT + timedelta(seconds=second)).manifest for second in range(4)]
    finally:
        stop.set()
        desk.join()
    numbers = [manifest.tables["dossier"] for manifest in made]
    assert numbers == sorted(numbers)
    assert numbers[-1] > numbers[0]
    for manifest in made:
        assert (
            manifest.tables["dossier"] == manifest.tables["dossier_span"] == manifest.tables["search_entry"]
        )


def test_only_what_is_kept_stays_and_what_a_killed_one_left_goes(
    sqlite_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    place = place_at(sqlite_url, tmp_path)
    (place.folder / ".part-killed").mkdir(parents=True)
    (place.folder / ".part-killed" / "database").write_bytes(b"x")
    long_ago = (AT - timedelta(days=1)).timestamp()
    os.utime(place.folder / ".part-killed", (long_ago, long_ago))
    back_up(place, AT - timedelta(days=9))
    for days in (3, 2, 1, 0):
        done = backup.make_backup(
            place,
            machine_now=AT - timedelta(days=days),
            cause=Cause.DAILY,
            program="0.1.0",
            keep=Keep(2, 0, 0),
        )
    assert done.dropped == ("tthc-20240612-120000-daily.zip",)
    assert [one.path.name for one in backup.list_backups(place.folder)] == [
        "tthc-20240614-120000-daily.zip",
        "tthc-20240613-120000-daily.zip",
        "tthc-20240605-120000-manual.zip",
    ]
    assert lying(place.folder) == []


def test_a_file_that_the_store_lost_is_told(
    sqlite_office: Office, sqlite_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    place = place_at(sqlite_url, tmp_path)
    code = sqlite_office.receive()
    lost, broken, whole = (attach(sqlite_office, place, code, pdf(title)) for title in ("mất", "hỏng", "còn"))
    place.papers.joinpath(lost[:2], lost[2:4], lost).unlink()
    place.papers.joinpath(broken[:2], broken[2:4], broken).write_bytes(b"x")
    made = back_up(place)
    assert {*made.manifest.missing} == {lost, broken}
    assert made.counts()["failed"] == 2
    other = place_at(f"sqlite:///{tmp_path}/new/new.db", tmp_path / "new")
    restore.restore_backup(other, path=made.path, machine_now=AT, replace=False)
    assert [path.name for path in other.papers.rglob("*") if path.is_file()] == [whole]


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A backup with other contents under the same checksums of the archive."""
    target = path.with_name("sua.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def cut(path: Path, share: float) -> Path:
    target = path.with_name("cut.zip")
    content = path.read_bytes()
    target.write_bytes(content[: int(len(content) * share)])
    return target


def flipped(path: Path) -> Path:
    target = path.with_name("flipped.zip")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    return target


def manifest_with(**change: Any) -> Callable[[Path], Path]:
    def changed(name: str, content: bytes) -> bytes:
        return json.dumps({**json.loads(content), **change}).encode() if name == MANIFEST else content

    return lambda path: rewritten(path, changed)


def other_key(name: str, content: bytes) -> bytes:
    return b"khoa khac" if name == "instance/secret_key" else content


def without_key(name: str, content: bytes) -> bytes | None:
    return None if name == "instance/secret_key" else content


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: cut(path, 0.5), "cắt cụt"),
        (lambda path: cut(path, 0.999), "cắt cụt"),
        (lambda path: cut(path, 0), "cắt cụt"),
        (flipped, "bị thay đổi hoặc hỏng"),
        (lambda path: rewritten(path, other_key), "secret_key trong bản sao lưu đã bị thay đổi"),
        (lambda path: rewritten(path, without_key), "thiếu tệp hoặc có tệp lạ"),
        (manifest_with(schema="9999"), "mới hơn"),
        (manifest_with(format=2), "mới hơn"),
        (manifest_with(database="postgresql"), "thiếu tệp"),
        (manifest_with(tables={"dossier": 5}), "không khớp"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_touched(
    spoil: Callable[[Path], Path], said: str, sqlite_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    place = place_at(sqlite_url, tmp_path)
    (tmp_path / "secret_key").write_text("khóa của phiên làm việc")
    spoiled = spoil(back_up(place).path)
    before = contents(place, sqlite_url)
    with pytest.raises(DomainError, match=said):
        restore.restore_backup(place, path=spoiled, machine_now=AT, replace=True)
    if said != "mới hơn":
        with pytest.raises(DomainError, match=said):
            backup.verify_backup(spoiled, place=place)
    assert contents(place, sqlite_url) == before
    assert lying(tmp_path) == []


#: Backs up or restores again and again, each time in a process of its own that is killed at a later point,
#: and says after each what it left. A fork of a process with one thread begins at once.
_KILLED = """
import json, os, signal, sys
from datetime import timedelta
from pathlib import Path
from tests.backup_office import AT, back_up, contents, place_at
from tthc.services import backup, restore

what, url, folder, *archives = sys.argv[1:]
POINTS = {"os.rename", "subprocess.Popen", "os.remove", "shutil.rmtree"}
if what == "backup":
    POINTS.add("sqlite3.connect")


def doomed(number):
    left = number

    def note(event, _arguments):
        nonlocal left
        if event in POINTS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(note)
    place = place_at(url, Path(folder))
    if what == "backup":
        back_up(place, AT + timedelta(seconds=number))
    else:
        at = AT + timedelta(seconds=number)
        restore.restore_backup(place, path=Path(archives[1]), machine_now=at, replace=True)
    os._exit(0)


for number in range(1, 100):
    child = os.fork()
    if child == 0:
        doomed(number)
    _, status = os.waitpid(child, 0)
    place = place_at(url, Path(folder))
    if what == "backup":
        for one in backup.list_backups(place.folder):
            backup.verify_backup(one.path, place=place)
        print(json.dumps([status, len(backup.list_backups(place.folder))]))
    else:
        restore.finish(place)
        state = contents(place, url)
        print(json.dumps([status, (place.instance / "secret_key").read_text(), state]))
        if (place.instance / "secret_key").read_text() != "A":
            restore.restore_backup(
                place, path=Path(archives[0]), machine_now=AT + timedelta(days=number), replace=True
            )
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, status
"""


def killed_at_every_point(what: str, url: str, folder: Path, *archives: Path) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, what, url, str(folder), *map(str, archives)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_any_point_of_a_backup_there_is_a_whole_one_or_none(
    office: Office, database_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    office.receive()
    settled(office)
    told = killed_at_every_point("backup", database_url, tmp_path)
    assert len(told) > 4
    if make_url(database_url).get_backend_name() == "postgresql":
        without = replace(place_at(database_url, tmp_path), tools=tmp_path)
        with pytest.raises(backup.BackupFailed, match="Không tìm thấy chương trình pg_dump"):
            back_up(without)
    # Of those that were killed only the last ones, behind the renaming, left one.
    numbers = [number for _, number in told]
    assert numbers[0] == 0
    assert numbers[-1] >= 1
    assert numbers == sorted(numbers)


def test_killed_at_any_point_of_a_restore_it_is_the_old_office_or_the_new(
    office: Office, database_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    folder = tmp_path / "instance"
    place = place_at(database_url, folder)
    states, archives = {}, []
    for name, hours in (("A", 0), ("B", 1)):
        code = office.receive()
        attach(office, place, code, pdf(name))
        (folder / "secret_key").write_text(name)
        for kept in ("keys", "periods"):
            (folder / kept).mkdir(exist_ok=True)
            (folder / kept / "tep").write_text(name)
        settled(office)
        archives.append(back_up(place, AT + timedelta(hours=hours)).path)
        states[name] = contents(place, database_url)
    restore.restore_backup(place, path=archives[0], machine_now=AT, replace=True)
    told = killed_at_every_point("restore", database_url, folder, *archives)
    assert len(told) > 8
    names = [name for _, name, _ in told]
    assert {*names} == {"A", "B"}
    # Before the moves are written down it is the old one, from then on the new.
    assert names == sorted(names)
    for _, name, state in told:
        # Files of dossiers are added, never taken away.
        wanted = states[name]["files"] | {
            path: sha for path, sha in states["B"]["files"].items() if "papers" in path
        }
        assert state == {"rows": states[name]["rows"], "files": wanted}
    assert lying(folder) == []


@pytest.mark.parametrize("what", ["backup", "restore"])
def test_a_full_disk_leaves_everything_as_it_was(
    what: str, sqlite_office: Office, sqlite_url: str, tmp_path: Path, place_at: PlaceAt
) -> None:
    """No file may grow over a limit, which is as good as a full disk."""
    place = place_at(sqlite_url, tmp_path / "instance")
    sqlite_office.receive()
    settled(sqlite_office)
    made = back_up(place)
    before = contents(place, sqlite_url)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000));"
        "from tthc.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = ["backup"] if what == "backup" else ["restore", str(made.path), "--replace"]
    done = subprocess.run(
        [sys.executable, "-c", program, *command, "--json"],
        cwd=ROOT,
        env={
            **os.environ,
            "TTHC_INSTANCE": str(place.instance),
            "TTHC_DATABASE_URL": sqlite_url,
            "TTHC_SECRET_KEY": "x" * 20,
        },
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "dung lượng đĩa" in json.loads(done.stdout)["error"]["message"]
    assert contents(place, sqlite_url) == before
    assert [one.path for one in backup.list_backups(place.folder)] == [made.path]
    assert (lying(place.instance), lying(place.folder)) == ([], [])
