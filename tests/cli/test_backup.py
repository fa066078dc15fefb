"""``tthc backup`` and ``tthc restore`` beside a running server, and the backup before an upgrade."""

from __future__ import annotations

import gzip
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.processes import Office
from tthc.services import restore

STORED = Path(__file__).parents[1] / "db" / "stored" / "revision-0001.sql.gz"


def test_backed_up_while_it_serves_and_restored_when_it_does_not(office: Office) -> None:
    with office.serve() as running:
        made = office.tthc("backup", "--json")
        assert (made.code, made.err) == (0, "")
        path = made.json["path"]
        assert Path(path).parent == office.instance / "backups"
        refused = office.tthc("restore", path, "--replace", "--json")
        assert refused.code == 2
        assert "Hệ thống đang chạy trên cơ sở dữ liệu này" in refused.json["error"]["message"]
        assert running.stop() == 0
    checked = office.tthc("backup", "verify", path)
    assert (checked.code, checked.err) == (0, "")
    assert "còn nguyên" in checked.out
    done = office.tthc("restore", path, "--replace")
    assert (done.code, done.err) == (0, "")
    assert re.match(r"Đã khôi phục dữ liệu sao lưu lúc \d\d/\d\d/\d{4} \d\d:\d\d\.", done.out)
    assert "Dữ liệu trước đó được giữ tại: " in done.out
    with closing(sqlite3.connect((office.url or "").removeprefix("sqlite:///"))) as connection:
        [found] = connection.execute(
            "SELECT detail_json FROM audit WHERE action = 'restore_backup'"
        ).fetchall()
    assert Path(path).name in found[0]
    whole = office.tthc("audit", "verify")
    assert (whole.code, whole.out.startswith("Nhật ký còn nguyên: ")) == (0, True)
    with closing(sqlite3.connect((office.url or "").removeprefix("sqlite:///"))) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit SET subject = 'other' WHERE seq = 1")
        connection.commit()
    broken = office.tthc("audit", "verify")
    assert (broken.code, "nội dung mục số 1 đã bị thay đổi" in broken.out) == (1, True)
    listed = {one["cause"]: one["path"] for one in office.tthc("backup", "list", "--json").json}
    # The server had made that of the day when it started.
    assert listed.keys() == {"daily", "manual"}
    assert listed["manual"] == path


def test_an_old_database_is_backed_up_before_it_is_upgraded(bare_office: Office) -> None:
    bare_office.instance.mkdir()
    with closing(sqlite3.connect(bare_office.instance / "tthc.db")) as connection:
        connection.executescript(gzip.decompress(STORED.read_bytes()).decode())
    done = bare_office.tthc("init")
    assert done.code == 0
    assert done.err.startswith("Đã sao lưu trước khi nâng cấp: ")
    [made] = bare_office.tthc("backup", "list", "--json").json
    assert made["cause"] == "upgrade"
    assert bare_office.tthc("backup", "verify", made["path"], "--json").json["schema"] == "0001"


def test_a_restore_that_was_broken_off_is_finished_before_anything_else(office: Office) -> None:
    office.instance.mkdir()
    (office.instance / restore.JOURNAL).write_text('{"schema": null, "moves": []}')
    refused = office.tthc("jobs", "list")
    assert (refused.code, refused.out) == (1, "")
    assert "chạy “tthc init” để hoàn tất" in refused.err
    finished = office.tthc("init")
    assert (finished.code, finished.err) == (
        1,
        "Đã hoàn tất lần khôi phục bị ngắt giữa chừng; hãy chạy lại lệnh này.\n",
    )
    assert office.tthc("init").code == 0
