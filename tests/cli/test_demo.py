"""``tthc serve --demo``: the published half-year, six accounts, a clock that stands still."""

from __future__ import annotations

import json
import re
import stat
import time
from pathlib import Path

import pytest

from tests.processes import Browser, Office, Running

ROLES = {
    "canbo": "clerk",
    "chuyenvien": "officer",
    "lanhdao": "supervisor",
    "tonghop": "reporter",
    "quantri": "admin",
    "kiemtra": "auditor",
}
PUBLISHED = {
    "received_total": 130,
    "received_online": 110,
    "received_counter_post": 7,
    "carried_over": 13,
    "resolved_total": 119,
    "late": 0,
    "pending_total": 11,
    "within": 11,
    "overdue": 0,
    "withdrawn": 0,
    "stopped": 0,
}


def accounts(running: Running) -> dict[str, tuple[str, str]]:
    """Name -> role and password, as the lines ``TÀI KHOẢN`` say."""
    lines = [re.fullmatch(r"TÀI KHOẢN (\S+) (\S+) (\S+)", line) for line in running.lines[:6]]
    return {line[1]: (line[2], line[3]) for line in lines if line}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office where the demonstration was made once; its own settings point elsewhere."""
    folder = tmp_path_factory.mktemp("demo")
    office = Office(folder, f"sqlite:///{folder / 'real.db'}")
    with office.serve("--demo") as running:
        assert running.stop() == 0
    return office


def demo_database(demo: Office) -> Office:
    """The demonstration's database as an office of its own, for the other commands."""
    return Office(demo.folder, f"sqlite:///{demo.instance / 'demo' / 'tthc.db'}")


def test_it_prints_one_account_a_role_and_all_can_sign_in(demo: Office) -> None:
    with demo.serve("--demo") as running:
        found = accounts(running)
        assert {name: role for name, (role, _) in found.items()} == ROLES
        for name, (_, password) in found.items():
            browser = Browser(running.url)
            browser.sign_in(name, password)
            status, _, page = browser.get("/")
            assert status == 200, name
            assert "14/06/2024" in page
            browser.close()
        assert running.stop() == 0


def test_a_second_start_changes_nothing(demo: Office) -> None:
    known = []
    for _ in range(2):
        with demo.serve("--demo") as running:
            known.append(accounts(running))
            assert running.stop() == 0
            assert running.trouble == []
    assert len(known[0]) == 6
    assert known[0] == known[1]


def test_the_real_office_is_not_touched(demo: Office) -> None:
    assert not (demo.folder / "real.db").exists()
    assert not (demo.instance / "tthc.db").exists()


def test_the_passwords_are_readable_by_their_owner_alone(demo: Office) -> None:
    assert stat.S_IMODE((demo.instance / "demo" / "demo.json").stat().st_mode) == 0o600


def test_it_shows_the_published_half_year(demo: Office) -> None:
    done = demo_database(demo).tthc("tally", "--from", "2023-12-15", "--to", "2024-06-14", "--json")
    total = done.json["total"]
    assert {key: total[key] for key in PUBLISHED} == PUBLISHED
    assert total["early"] + total["on_time"] == 119


def test_it_shows_the_published_results_of_investment(demo: Office) -> None:
    done = demo_database(demo).tthc("investment", "--from", "2023-12-15", "--to", "2024-06-14", "--json")
    assert done.json["total"] == {"count": 30, "usd_million": "151", "vnd_billion": "3922.11"}
    standing = done.json["standing"]
    assert (standing["total"]["projects"], standing["total"]["vnd_billion"]) == (344, "144256.91")
    assert (standing["FDI"]["projects"], standing["FDI"]["vnd_billion"]) == (94, "56201.74")
    assert (standing["DDI"]["projects"], standing["DDI"]["vnd_billion"]) == (250, "88055.17")


def test_alerts_were_raised_and_a_sweep_by_hand_raises_none(demo: Office) -> None:
    done = demo_database(demo).tthc("jobs", "once", "--at", "2024-06-14T16:55", "--json")
    assert done.code == 0
    assert done.json["examined"] == 11
    assert done.json["raised"] == {}


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with office.start("serve", "--demo", "--port", "0") as running:
        running.wait_for("Đang tạo bản dùng thử")
        deadline = time.monotonic() + 60
        while not (office.instance / "demo" / "tthc.db").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.process.kill()
        running.end()
    assert not (office.instance / "demo" / "demo.json").exists()
    with office.serve("--demo") as running:
        assert len(accounts(running)) == 6
        assert running.stop() == 0
    done = demo_database(office).tthc("tally", "--from", "2023-12-15", "--to", "2024-06-14", "--json")
    assert done.json["total"]["received_total"] == 130


def test_two_at_once_share_one_demonstration(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with (
        office.start("serve", "--demo", "--port", "0") as one,
        office.start("serve", "--demo", "--port", "0") as two,
    ):
        one.wait_for("SẴN SÀNG")
        two.wait_for("SẴN SÀNG")
        assert len(accounts(one)) == 6
        assert accounts(one) == accounts(two)
        assert one.stop() == two.stop() == 0


def test_with_json_an_account_a_line(demo: Office) -> None:
    with demo.start("serve", "--demo", "--port", "0", "--json") as running:
        running.wait_for('{"ready"')
        assert running.stop() == 0
        lines = [json.loads(line) for line in running.lines]
    assert [line["account"]["name"] for line in lines[:6]] == list(ROLES)
    assert lines[6].keys() == {"ready"}
