"""``tthc attach``: files from a folder of scans into a dossier."""

from __future__ import annotations

from tests.attachment_files import pdf, png
from tests.processes import Office
from tests.register_files import csv_file, row


def test_files_of_a_folder_come_into_a_dossier(office: Office) -> None:
    register = office.folder / "so.csv"
    register.write_bytes(csv_file(row(1)))
    assert office.tthc("import-register", str(register)).code == 0
    code = str(row(1)["MaHoSo"])
    good, twice, bad = (office.folder / name for name in ("kết quả.pdf", "lần hai.pdf", "ảnh.pdf"))
    good.write_bytes(pdf())
    twice.write_bytes(pdf())
    bad.write_bytes(png())
    done = office.tthc("attach", code, str(good), str(bad), str(twice), "--kind", "result", "--json")
    assert done.code == 2
    assert [one["name"] for one in done.json["kept"]] == ["kết quả.pdf"]
    assert [one["file"] for one in done.json["refused"]] == [str(bad), str(twice)]
    assert "nội dung là ảnh PNG" in done.json["refused"][0]["message"]
    assert "không lưu hai lần" in done.json["refused"][1]["message"]
    kept = [path for path in (office.instance / "papers").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [pdf()]
    office.environ |= {"TTHC_UPLOAD_MB": "1", "TTHC_SCAN_COMMAND": "grep -q ."}
    bad.write_bytes(b"%PDF-" + b"\0" * (200 * 1024 * 1024))
    large = office.tthc("attach", code, str(bad))
    assert large.code == 2
    assert "lớn hơn 1 MB" in large.out
    assert office.tthc("attach", "KHONG-CO", str(good), "--json").json["error"]["field"] == "code"
    assert len([path for path in (office.instance / "papers").rglob("*") if path.is_file()]) == 1
