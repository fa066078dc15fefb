"""``tthc import-register``, ``tthc export-register`` and ``tthc tally`` on the published half-year."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.processes import Office
from tthc.resources import seeds_folder

HALF_YEAR = seeds_folder() / "register-2024-h1.csv"
SPAN = ("--from", "15/12/2023", "--to", "2024-06-14")


@pytest.fixture
def imported(office_on_both: Office) -> Office:
    """An office with the half-year in its register."""
    done = office_on_both.tthc("import-register", str(HALF_YEAR), "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "read": 132,
        "created": 132,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "errors": [],
    }
    return office_on_both


def test_a_second_import_and_the_export_change_nothing(imported: Office) -> None:
    again = imported.tthc("import-register", str(HALF_YEAR), "--json").json
    assert (again["read"], again["created"], again["updated"], again["unchanged"]) == (132, 0, 0, 132)
    for ending in ("csv", "xlsx"):
        path = imported.folder / f"sổ hồ sơ.{ending}"
        done = imported.tthc("export-register", *SPAN, "-o", str(path), "--json")
        assert (done.code, done.json["file"]) == (0, str(path))
        back = imported.tthc("import-register", str(path), "--json")
        assert (back.code, back.json["created"], back.json["updated"]) == (0, 0, 0)
        assert back.json["read"] >= 130


def test_the_tally_of_the_half_year(imported: Office) -> None:
    done = imported.tthc("tally", *SPAN, "--json")
    assert done.code == 0
    assert done.json["period"] == {"from": "2023-12-15", "to": "2024-06-14"}
    total = done.json["total"]
    assert (total["received_total"], total["resolved_total"], total["pending_total"]) == (130, 119, 11)
    assert (total["received_online"], total["received_counter_post"], total["carried_over"]) == (110, 7, 13)
    assert (total["late"], total["overdue"], total["withdrawn"], total["stopped"]) == (0, 0, 0, 0)
    for row in [*done.json["rows"], total]:
        parts = ("resolved_total", "pending_total", "withdrawn", "stopped")
        assert row["received_total"] == sum(row[part] for part in parts)
    assert sum(row["received_total"] for row in done.json["rows"]) == 130
    assert {"sector"} == {key for row in done.json["rows"] for key in row.keys() - total.keys()}
    monthly = imported.tthc("tally", *SPAN, "--by", "month", "--json").json
    assert monthly["total"] == total
    assert [row["to"] for row in monthly["rows"]] == [f"2024-{month:02}-14" for month in range(1, 7)]
    assert sum(row["received_online"] + row["received_counter_post"] for row in monthly["rows"]) == 117
    assert "15/12/2023 – 14/01/2024" in imported.tthc("tally", *SPAN, "--by", "month").out


def test_a_sweep_of_a_day_gone_by_sees_what_was_imported_since(imported: Office) -> None:
    def sweep(at: str) -> dict[str, object]:
        return dict(imported.tthc("jobs", "once", "sweep", "--at", at, "--json").json)

    last_day = {
        "examined": 11,
        "consulting": 0,
        "petitions": 0,
        "raised": {"due_soon": 1, "due_today": 1},
        "steps": 0,
        "supplements": 0,
        "withdrawn": 0,
        "failed": 0,
        "days": 1,
    }
    assert sweep("2024-06-14T16:55") == last_day
    assert sweep("2024-06-14T16:55") == {**last_day, "raised": {}}
    # Due on 14, 18 and 19 June, only the last of which became overdue on this day; on the 21st twice and on
    # the 24th, two working days later.
    later = sweep("2024-06-20T08:00")
    assert (later["examined"], later["raised"]) == (
        11,
        {"due_soon": 3, "overdue": 1, "escalated": 3},
    )


def test_the_tally_by_procedure_and_as_a_spreadsheet(imported: Office) -> None:
    path = imported.folder / "ii06a.xlsx"
    done = imported.tthc("tally", *SPAN, "--by", "procedure", "-o", str(path), "--json")
    assert done.json["file"] == str(path)
    assert sum(row["received_total"] for row in done.json["rows"]) == 130
    assert all(row["procedure"].keys() == {"code", "name"} for row in done.json["rows"])
    sheet = openpyxl.load_workbook(path, data_only=True).active
    assert sheet is not None
    total = [row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row]
    assert len(total) == 1
    assert {130, 119, 11} <= set(total[0])


def test_the_tally_speaks_to_people(office: Office) -> None:
    assert office.tthc("import-register", str(HALF_YEAR)).out.startswith("Đã đọc 132 dòng: 132 mới")
    out = office.tthc("tally", *SPAN).out
    assert out.startswith("Kỳ báo cáo: 15/12/2023 – 14/06/2024 (6 tháng đầu năm 2024)")
    [total] = [line for line in out.splitlines() if line.startswith("TỔNG CỘNG")]
    assert total.split()[2:] == [
        "130",
        "110",
        "7",
        "13",
        "119",
        *total.split()[7:9],
        "0",
        "11",
        "11",
        "0",
        "0",
        "0",
    ]
    assert "Các đẳng thức của biểu đều khớp." in out


def test_a_dry_run_saves_nothing(office: Office) -> None:
    done = office.tthc("import-register", str(HALF_YEAR), "--dry-run", "--json")
    assert (done.code, done.json["read"], done.json["created"]) == (0, 132, 132)
    assert office.tthc("tally", *SPAN, "--json").json["total"]["received_total"] == 0


def test_one_bad_row_and_nothing_is_saved(office: Office, tmp_path: Path) -> None:
    with HALF_YEAR.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[4]["TrangThaiHoSo"] = "77"
    path = tmp_path / "xau.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = office.tthc("import-register", str(path), "--json")
    assert done.code == 2
    answer = done.json
    assert (answer["created"], answer["updated"], answer["refused"]) == (0, 0, 1)
    [error] = answer["errors"]
    assert error.keys() == {"row", "column", "message"}
    assert error["column"] == "TrangThaiHoSo"
    assert office.tthc("import-register", str(path)).code == 2
    assert office.tthc("tally", *SPAN, "--json").json["total"]["received_total"] == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"khong,phai,so\n1,2,3\n"])
def test_a_file_that_is_no_register(office: Office, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "la.csv"
    path.write_bytes(content)
    done = office.tthc("import-register", str(path), "--json")
    assert done.code == 2
    assert done.json.keys() == {"error"} or done.json["errors"]


def test_a_period_that_has_not_begun(office: Office) -> None:
    done = office.tthc("tally", "--from", "2090-01-01", "--to", "2090-12-31", "--json")
    assert (done.code, done.json["error"]["field"]) == (2, "from")
