"""What holds for every command: exit codes, JSON alone on standard output, Vietnamese, UTF-8."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.processes import PATIENCE, PROGRAM, Office

COMMANDS = [
    ("serve",),
    ("init",),
    ("user",),
    ("user", "add"),
    ("user", "password"),
    ("import-register",),
    ("export-register",),
    ("attach",),
    ("due",),
    ("explain",),
    ("tally",),
    ("import-investment",),
    ("investment",),
    ("closings",),
    ("verify",),
    ("jobs",),
    ("jobs", "run"),
    ("jobs", "once"),
    ("jobs", "list"),
    ("jobs", "history"),
]
USAGE_ERRORS = [
    ((), None),
    (("khong-co",), None),
    (("user",), None),
    (("due", "--khong-co", "1"), "khong-co"),
    (("due", "--limit"), "limit"),
    (("due",), "received"),
    (("explain",), "code"),
    (("attach", "000.00.99.H54-240614-0001"), "files"),
    (("attach", "000.00.99.H54-240614-0001", "khong-co.pdf"), "files"),
    (("due", "--received", "2025-04-23T09:00", "--limit", "5", "--unit", "week"), "unit"),
    (("due", "--received", "hôm nay", "--limit", "5", "--unit", "day"), "received"),
    (("due", "--received", "2025-04-23T09:00", "--limit", "0", "--unit", "day"), "limit"),
    (("init", "thừa"), None),
    (("user", "add"), "name"),
    (("tally", "--from", "2024-01-01", "--to", "31/02/2024"), "to"),
    (("tally", "--from", "2024-02-01", "--to", "2024-01-01"), "from"),
    (("export-register", "--from", "2024-01-01", "--to", "2024-02-01", "-o", "x.pdf"), "output"),
    (("export-register", "--from", "2024-01-01", "--to", "2024-02-01", "-o", "khong/co/x.csv"), "output"),
    (("import-register", "khong-co.csv"), "file"),
    (("import-investment", "khong-co.csv"), "file"),
    (("import-investment",), "file"),
    (("investment", "--from", "2024-02-01", "--to", "2024-01-01"), "from"),
    (("investment", "--from", "2024-02-01"), "to"),
    (("investment", "--from", "2024-01-01", "--to", "2024-02-01", "-o", "x.csv"), "output"),
    (("verify",), "file"),
    (("verify", "khong-co.xlsx"), "file"),
    (("jobs", "once", "khong-co"), "name"),
    (("jobs", "history", "khong-co"), "name"),
    (("serve", "--port", "70000"), "port"),
]
#: Words that click would say by itself.
ENGLISH = re.compile(
    r"\b(?:usage|options?|commands?|error|missing|invalid|show this|required|default|try)\b", re.IGNORECASE
)


@pytest.mark.parametrize(("arguments", "field"), USAGE_ERRORS)
def test_refused_input_ends_with_2_and_names_its_field(
    bare_office: Office, arguments: tuple[str, ...], field: str | None
) -> None:
    done = bare_office.tthc(*arguments, "--json")
    assert done.code == 2
    assert done.json.keys() == {"error"}
    assert done.json["error"]["field"] == field
    message = done.json["error"]["message"]
    assert message
    assert not ENGLISH.search(message), message
    assert done.err == ""


@pytest.mark.parametrize("arguments", [("khong-co",), ("due",), ("due", "--limit")])
def test_without_json_the_refusal_is_a_sentence_on_standard_error(
    bare_office: Office, arguments: tuple[str, ...]
) -> None:
    done = bare_office.tthc(*arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("command", [(), *COMMANDS])
def test_help_is_vietnamese(bare_office: Office, command: tuple[str, ...]) -> None:
    done = bare_office.tthc(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Cách dùng: {' '.join(['tthc', *command])}")
    assert "--json" in done.out
    spoken = re.sub(r"--?[\w-]+|\b[a-z]+(?:\|[a-z_]+)+", "", done.out)
    assert not ENGLISH.search(spoken), spoken


def test_json_stands_anywhere_on_the_line(office: Office) -> None:
    due = ["due", "--received", "2025-04-23T09:00", "--limit", "5", "--unit", "working_day"]
    answers = [
        office.tthc(*due, "--json"),
        office.tthc("--json", *due),
        office.tthc("due", "--json", *due[1:]),
    ]
    assert [done.code for done in answers] == [0, 0, 0]
    assert answers[0].json == answers[1].json == answers[2].json


def test_help_and_version_are_json_too(bare_office: Office) -> None:
    assert bare_office.tthc("due", "--help", "--json").json["help"].startswith("Cách dùng: tthc due")
    assert re.fullmatch(r"\d+\.\d+\.\d+", bare_office.tthc("--json", "--version").json["version"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("due", "--received", "2025-04-23T09:00", "--limit", "5", "--unit", "day"),
        ("tally", "--from", "2024-01-01", "--to", "2024-01-31"),
        ("closings",),
        ("jobs", "once"),
        ("jobs", "run"),
    ],
)
def test_an_office_that_was_not_set_up_says_what_to_run(
    bare_office: Office, arguments: tuple[str, ...]
) -> None:
    done = bare_office.tthc(*arguments, "--json")
    assert done.code == 1
    assert done.json["error"]["field"] is None
    assert "tthc init" in done.json["error"]["message"]
    # Asking must not leave an empty database behind.
    assert not (bare_office.instance / "tthc.db").exists()


def test_a_database_out_of_reach_is_a_failure_without_a_traceback(bare_office: Office) -> None:
    bare_office.url = "postgresql://nobody:geheim@127.0.0.1:1/none"
    done = bare_office.tthc("tally", "--from", "2024-01-01", "--to", "2024-01-31", "--json")
    assert done.code == 1
    assert "TTHC_DATABASE_URL" in done.json["error"]["message"]
    assert "Traceback" not in done.err
    assert "geheim" not in done.out + done.err


def test_a_setting_that_cannot_be_used_is_refused(office: Office) -> None:
    office.environ["TTHC_SWEEP_AT"] = "sáng"
    done = office.tthc("jobs", "once", "--json")
    assert (done.code, done.json["error"]["field"]) == (2, "TTHC_SWEEP_AT")


def test_output_is_utf8_whatever_the_locale(office: Office) -> None:
    office.environ |= {
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    due = ("due", "--received", "2025-04-23T09:00", "--limit", "5", "--unit", "working_day")
    assert "Hẹn trả kết quả: 17:00 Thứ Ba 29/04/2025" in office.tthc(*due).out
    assert "Ngày làm việc" in office.tthc(*due, "--json").out
    assert "không phải là thời điểm" in office.tthc("due", "--received", "x", *due[3:]).err


def test_a_reader_that_goes_away_is_no_traceback(bare_office: Office) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=bare_office.folder,
        env=bare_office.environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        errors = process.stderr.read().decode("utf-8")
    assert process.wait(PATIENCE) == 1
    assert errors == ""


def test_json_is_one_line(office: Office) -> None:
    done = office.tthc("tally", "--from", "2024-01-01", "--to", "2024-01-31", "--json")
    assert len(done.out.splitlines()) == 1
    assert json.loads(done.out)["period"] == {"from": "2024-01-01", "to": "2024-01-31"}
