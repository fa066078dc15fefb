"""``tthc import-investment`` and ``tthc investment`` against the published half-year."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.investment_files import csv_file, row
from tests.processes import Office
from tthc.resources import seeds_folder

HALF_YEAR = seeds_folder() / "investment-2024-h1.csv"
SPAN = ("--from", "2023-12-15", "--to", "2024-06-14")


def figures(count: int, usd: str, vnd: str) -> dict[str, object]:
    return {"count": count, "usd_million": usd, "vnd_billion": vnd}


@pytest.mark.parametrize("arguments", [("--json",), ("--dry-run", "--json")])
def test_import_says_what_it_did(office: Office, arguments: tuple[str, ...]) -> None:
    done = office.tthc("import-investment", str(HALF_YEAR), *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "read": 30,
        "created": 30,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "errors": [],
    }
    kept = office.tthc("investment", *SPAN, "--json").json["total"]["count"]
    assert kept == (0 if "--dry-run" in arguments else 30)


def test_the_published_half_year(office_on_both: Office, tmp_path: Path) -> None:
    """FDI 24 = 11 (107 M USD) + 4 (44) + 9, 3,474.58; DDI 6 = 2 + 2 + 2, 447.53; together 3,922.11."""
    office = office_on_both
    office.tthc("import-investment", str(HALF_YEAR))
    again = office.tthc("import-investment", str(HALF_YEAR), "--json").json
    assert (again["created"], again["unchanged"]) == (0, 30)
    path = tmp_path / "dau-tu.xlsx"
    answer = office.tthc("investment", *SPAN, "-o", str(path), "--json").json
    assert answer["period"] == {"from": "2023-12-15", "to": "2024-06-14"}
    fdi, ddi = answer["origins"]["FDI"], answer["origins"]["DDI"]
    assert [fdi[kind]["count"] for kind in ("new", "capital_increase", "other_adjustment")] == [11, 4, 9]
    assert (fdi["new"]["usd_million"], fdi["capital_increase"]["usd_million"]) == ("107", "44")
    assert fdi["total"] == figures(24, "151", "3474.58")
    assert [ddi[kind]["count"] for kind in ("new", "capital_increase", "other_adjustment")] == [2, 2, 2]
    assert ddi["total"] == figures(6, "0", "447.53")
    assert answer["total"] == figures(30, "151", "3922.11")
    assert answer["standing"] == {"at": "2024-06-14", "opening_on": None}
    assert (answer["plan"], answer["missing"], answer["file"]) == ([], 0, str(path))
    sheet = openpyxl.load_workbook(path, data_only=True).active
    assert sheet is not None
    [total] = [row for row in sheet.iter_rows(values_only=True) if "TỔNG CỘNG" in row]
    assert total[2:5] == (30, 151, 3922.11)


def test_it_speaks_to_people(office: Office) -> None:
    told = office.tthc("import-investment", str(HALF_YEAR), "--dry-run").out
    assert told.startswith("Đã đọc 30 dòng: 30 mới, 0 cập nhật")
    assert "chưa ghi gì" in told
    office.tthc("import-investment", str(HALF_YEAR))
    out = office.tthc("investment", *SPAN).out
    assert out.startswith("Kỳ báo cáo: 15/12/2023 – 14/06/2024 (6 tháng đầu năm 2024)")
    [total] = [line for line in out.splitlines() if line.startswith("TỔNG CỘNG")]
    assert total.split()[2:] == ["30", "151,00", "3.922,11"]
    assert "Chưa có số dư đầu" in out


def test_one_bad_row_and_nothing_is_saved(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "xau.csv"
    path.write_bytes(csv_file(row(1), row(2, kind="thu hồi"), row(3, capital_vnd_billion="")))
    done = office.tthc("import-investment", str(path), "--json")
    assert done.code == 2
    assert (done.json["created"], done.json["refused"]) == (0, 2)
    assert [(error["row"], error["column"]) for error in done.json["errors"]] == [
        (3, "kind"),
        (4, "capital_vnd_billion"),
    ]
    told = office.tthc("import-investment", str(path))
    assert told.code == 2
    assert "Không ghi gì.\n  dòng 3, cột kind: Không hiểu “thu hồi”" in told.out
    assert office.tthc("investment", *SPAN, "--json").json["total"]["count"] == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"khong,phai,so\n1,2,3\n"])
def test_a_file_that_is_none(office: Office, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "la.csv"
    path.write_bytes(content)
    done = office.tthc("import-investment", str(path), "--json")
    assert done.code == 2
    assert done.json.keys() == {"error"} or done.json["errors"]


def test_a_period_that_has_not_begun(office: Office) -> None:
    done = office.tthc("investment", "--from", "2090-01-01", "--to", "2090-12-31", "--json")
    assert (done.code, done.json["error"]["field"]) == (2, "from")
