"""``tthc explain``: the due date of a dossier that is in the register, day by day."""

from __future__ import annotations

from typing import Any

from tests.processes import Office
from tests.register_files import csv_file, row

CODE = "000.00.99.H54-240603-0001"


def keep(office: Office, status: int = 2, **cells: Any) -> None:
    """Put one dossier into the register; see :func:`tests.register_files.row`."""
    path = office.folder / "so-ho-so.csv"
    path.write_bytes(csv_file(row(1, status, **cells)))
    done = office.tthc("import-register", str(path), "--json")
    assert done.json["created"] == 1, done


def test_every_day_and_every_promise_as_json(office_on_both: Office) -> None:
    keep(office_on_both)
    done = office_on_both.tthc("explain", CODE, "--json")
    assert (done.code, done.err) == (0, "")
    answer = done.json
    days = answer.pop("days")
    assert answer == {
        "code": CODE,
        "due_at": "2024-06-12T17:00:00+07:00",
        "due_on": "2024-06-12",
        "first_due_on": "2024-06-12",
        "appointment_on": "2024-06-12",
        "clock_start_on": "2024-06-03",
        "provisional": False,
        "limit": "07 ngày làm việc",
        "promises": [
            {
                "no": 1,
                "due_at": "2024-06-12T17:00:00+07:00",
                "due_on": "2024-06-12",
                "cause": "intake",
                "in_force": True,
                "computed_due_on": "2024-06-12",
            }
        ],
        "segments": [],
        "delays": [],
        "note": "",
    }
    assert [day["date"] for day in days if day["counted"]] == [
        f"2024-06-{day:02}" for day in (4, 5, 6, 7, 10, 11, 12)
    ]
    assert [day["date"] for day in days if not day["counted"]] == ["2024-06-03", "2024-06-08", "2024-06-09"]
    assert all(day.keys() == {"date", "counted", "amount", "reason"} for day in days)


def test_a_date_that_the_rules_do_not_give_is_owned_up_to(office: Office) -> None:
    keep(office, NgayHenTra="20240614170000")
    answer = office.tthc("explain", CODE, "--json").json
    assert (answer["due_on"], answer["days"][-1]["date"]) == ("2024-06-14", "2024-06-12")
    [promise] = answer["promises"]
    assert (promise["cause"], promise["computed_due_on"]) == ("import", "2024-06-12")
    assert "14/06/2024" in answer["note"]
    assert "12/06/2024" in answer["note"]
    assert answer["note"] in office.tthc("explain", CODE).out


def test_for_people_two_tables(office: Office) -> None:
    asked: dict[str, Any] = {"NgayHenTra": "", "NgayYeuCauBoSung": "20240605100000"}
    keep(office, status=5, **asked)
    path = office.folder / "sau.csv"
    path.write_bytes(csv_file(row(1, 4, **asked, NgayTiepNhanBoSung="20240607140000")))
    assert office.tthc("import-register", str(path), "--json").json["updated"] == 1
    done = office.tthc("explain", CODE)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:2] == [f"Hồ sơ {CODE}", "Tiếp nhận: 09:00 Thứ Hai 03/06/2024; thời hạn: 07 ngày làm việc"]
    [old] = [line for line in lines if line.endswith("đã được thay thế")]
    [new] = [line for line in lines if line.endswith("đang áp dụng")]
    assert old.split()[0:2] == ["1", "17:00"]
    assert "Tiếp nhận" in old
    assert "12/06/2024" in old
    assert "Bổ sung hồ sơ" in new
    # Counted anew from Friday 07/06.
    assert "18/06/2024" in new
    assert "18/06/2024  Thứ Ba" in done.out
    assert "Ngày bắt đầu tính: Thứ Sáu 07/06/2024" in lines


def test_a_code_is_read_as_people_paste_it(office: Office) -> None:
    keep(office)
    assert office.tthc("explain", f" {CODE.lower().replace('-', '–')} ", "--json").json["code"] == CODE


def test_an_unknown_code_is_refused(office: Office) -> None:
    done = office.tthc("explain", "000.00.99.H54-240603-0002", "--json")
    assert done.code == 2
    assert done.json["error"] == {
        "field": "code",
        "message": "Không tìm thấy hồ sơ 000.00.99.H54-240603-0002.",
    }
    assert office.tthc("explain", "không có").code == 2
    assert office.tthc("explain").code == 2
