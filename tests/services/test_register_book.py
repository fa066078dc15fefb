"""The register book of an office: numbers, volumes, the lock, late entries, what is printed."""

from __future__ import annotations

import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import openpyxl
import pypdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.register_files import csv_file, row
from tthc.db.models import AuditEntry, Dossier
from tthc.domain.hand_overs import Delivery
from tthc.domain.permissions import NotAllowed
from tthc.domain.vocabulary import Channel, DomainError
from tthc.services import intake, register, register_book
from tthc.services.register_book import BookView, Part
from tthc.services.transaction import NotFound

POSTED = Delivery(
    way=Channel.POST,
    name="Doanh nghiệp 12",
    carrier="Bưu điện tỉnh",
    tracking_no="RA123456789VN",
    note="2 bản",
)


def book(office: Any, *part: Any, by: str = "clerk", page: int = 1) -> BookView:
    return register_book.open_book(
        office.session, actor=office.person(by), today=office.today, part=Part(*part), page=page
    )


def lock(office: Any, year: int, last_no: int, *, by: str = "supervisor", note: str = "") -> None:
    register_book.lock_book(
        office.session, now=office.now, actor=office.person(by), year=year, last_no=last_no, note=note
    )


def new_volume(office: Any, year: int, last_no: int, by: str = "clerk") -> str:
    return register_book.open_volume(
        office.session, now=office.now, actor=office.person(by), year=year, last_no=last_no
    )


def file_of(office: Any, kind: str, *part: Any) -> bytes:
    return register_book.export_book(
        office.session, actor=office.person("clerk"), today=office.today, part=Part(*part), format=kind
    )


def places(office: Any) -> list[tuple[int, str, int]]:
    office.session.rollback()
    query = select(Dossier.register_year, Dossier.register_volume, Dossier.register_no).order_by(Dossier.id)
    return [tuple(one) for one in office.session.execute(query)]


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, without the marks of where a word may break."""
    found = [page.extract_text().replace("\u200b", "") for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return [" ".join(unicodedata.normalize("NFC", text).split()) for text in found]


def column(view: BookView, key: str) -> list[object]:
    at = next(index for index, one in enumerate(view.table.columns) if one.key == key)
    return [cells[at] for cells in view.page.rows]


def test_a_year_runs_on_over_volumes_is_locked_and_takes_late_ones_next_year(office: Any) -> None:
    office.stand("28/12/2023")
    first = office.receive()
    with pytest.raises(DomainError, match="Khóa sổ năm 2023 được từ ngày 01/01/2024"):
        lock(office, 2023, 1)
    assert new_volume(office, 2023, 1) == "02"
    with pytest.raises(DomainError, match="chưa có hồ sơ nào"):
        new_volume(office, 2023, 1)
    office.stand("29/12/2023")
    office.receive()
    assert book(office, 2023).fresh is False
    office.stand("03/01")
    office.receive()
    office.receive(received_at=office.at("29/12/2023 10:00"))
    assert places(office) == [(2023, "01", 1), (2023, "02", 2), (2024, "01", 1), (2023, "02", 3)]

    reminded = register_book.unlocked_year(
        office.session, actor=office.person("supervisor"), today=office.today
    )
    assert reminded == 2023
    assert book(office, 2023).lockable
    with pytest.raises(DomainError, match="số cuối là 3"):
        lock(office, 2023, 2)
    with pytest.raises(NotAllowed):
        lock(office, 2023, 3, by="clerk")
    with pytest.raises(NotFound):
        lock(office, 2021, 0)
    lock(office, 2023, 3, note="Không có số bỏ trống")
    with pytest.raises(DomainError, match="đã khóa"):
        lock(office, 2023, 3)
    with pytest.raises(DomainError, match="không mở thêm quyển"):
        new_volume(office, 2023, 3)
    assert (
        register_book.unlocked_year(office.session, actor=office.person("supervisor"), today=office.today)
        is None
    )

    office.stand("05/01")
    late = office.receive(received_at=office.at("29/12/2023 15:00"))
    register.import_register(
        office.session,
        now=office.now,
        actor=office.person("reporter"),
        content=csv_file(
            *(
                row(
                    number,
                    MaHoSo=f"000.00.99.H54-231228-{number:04}",
                    NgayNopHoSo="20231228080000",
                    NgayTiepNhan="20231228090000",
                    NgayHenTra="20240109170000",
                )
                for number in (901, 902)
            )
        ),
        filename="so.csv",
        dry_run=False,
    )
    assert places(office)[4:] == [(2024, "01", 2), (2024, "01", 3), (2024, "01", 4)]
    assert office.dossier(late).received_on == date(2023, 12, 29)
    view = book(office, 2024)
    assert column(view, "remarks") == ["", *["nhập sau khi khóa sổ năm 2023"] * 3]
    old = book(office, 2023)
    assert (old.lock.by, old.lock.last_no, old.lock.note) == ("Lãnh đạo 01", 3, "Không có số bỏ trống")
    assert column(old, "code")[0] == first
    audited = office.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "register:2023").order_by(AuditEntry.seq)
    ).all()
    assert [(one.action, one.detail_json.get("last_no")) for one in audited] == [
        ("open_register_volume", None),
        ("lock_register", 3),
    ]


@pytest.fixture
def kept(sqlite_office: Any) -> Any:
    """A book of two volumes: handed over by post, extended, withdrawn, plain."""
    office = sqlite_office
    office.stand("03/06")
    office.given = office.receive(firm="Doanh nghiệp 12")
    office.receive(firm="=1+1")
    office.stand("04/06")
    office.act("withdraw", office.receive(firm="Doanh nghiệp 13"))
    new_volume(office, 2024, 3)
    office.receive(firm="Doanh nghiệp 14", local_no=41)
    office.stand("06/06")
    office.act("resolve", office.given)
    office.act("hand_over", office.given, delivery=POSTED)
    return office


def test_the_page_has_the_columns_of_the_form(kept: Any) -> None:
    view = book(kept)
    assert [one.title for one in view.table.columns] == [
        "TT",
        "Mã hồ sơ",
        "Tên thủ tục hành chính",
        "Số lượng hồ sơ (bộ)",
        "Tên cá nhân, tổ chức",
        "Địa chỉ, số điện thoại",
        "Cơ quan chủ trì giải quyết",
        "Nhận hồ sơ",
        "Hẹn trả kết quả",
        "Trả kết quả",
        "Phương thức nhận kết quả",
        "Ký nhận",
        "Ghi chú",
    ]
    assert column(view, "no") == [1, 2, 3, 4]
    assert column(view, "handed_over_on") == [date(2024, 6, 6), None, None, None]
    assert column(view, "method")[:2] == [Channel.POST.label, ""]
    assert column(view, "remarks") == [
        "gửi cho: Doanh nghiệp 12, Bưu điện tỉnh, số bưu gửi RA123456789VN; 2 bản",
        "",
        "người nộp rút hồ sơ ngày 04/06/2024",
        "",
    ]
    assert column(view, "agency")[0].startswith("Ban Quản lý Khu kinh tế")
    assert [column(book(kept, None, name), "no") for name in ("01", "02")] == [[1, 2, 3], [4]]
    assert column(book(kept, 2024, None, 2, 3), "no") == [2, 3]
    with pytest.raises(DomainError, match="không được nhỏ hơn"):
        book(kept, 2024, None, 3, 2)
    for wrong in ((2019,), (2024, "03")):
        with pytest.raises(NotFound):
            book(kept, *wrong)
    with pytest.raises(NotAllowed):
        book(kept, by="officer")


def test_files_say_what_the_page_says(kept: Any) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(file_of(kept, "xlsx", 2024, "01"))).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    shown = book(kept, 2024, "01").page.rows
    head = next(index for index, line in enumerate(cells) if line[0] == "TT")
    assert cells[head][7:10] == ["Ngày, tháng, năm", None, None]
    for written, wanted in zip(cells[head + 2 :], shown, strict=False):
        plain = [value.date() if hasattr(value, "date") else value or "" for value in written]
        assert plain == ["" if value is None else value for value in wanted]
    assert sheet.print_title_rows == f"${head + 1}:${head + 2}"

    cover, body = pages_of(file_of(kept, "pdf", 2024, "01"))
    for words in ("SỔ THEO DÕI HỒ SƠ", "Năm 2024", "Quyển số: 01", "Từ ngày 03/06/2024 đến ngày 04/06/2024"):
        assert words in cover
    assert "Mẫu số 06 – Thông tư số 01/2018/TT-VPCP" in cover
    assert "Trang 1 / 1" in body
    assert "Phần sổ này có 3 hồ sơ, từ số 01 đến số 03." in body
    assert "=1+1" in body
    assert "NGƯỜI KHÓA SỔ" not in body


def test_a_locked_book_is_the_paper_of_the_day_of_its_locking(kept: Any) -> None:
    """Form 07 stands from 15/09/2025 on; the book of 2024 was locked before."""
    kept.stand("02/01/2025")
    lock(kept, 2024, 4)
    kept.stand("20/09/2025")
    last = pages_of(file_of(kept, "pdf", 2024))[-1]
    assert "NGƯỜI KHÓA SỔ" in last
    assert "Thái Bình, ngày 02 tháng 01 năm 2025" in last
    assert "Lãnh đạo 01" in last
    assert "khóa ngày 02/01/2025, số cuối cùng: 04" in last
    assert book(kept, 2024).form_note.startswith("Mẫu số 06")
    assert book(kept, 2025).form_note == "Mẫu số 07 – Thông tư số 03/2025/TT-VPCP"


def test_a_page_costs_as_many_statements_whatever_the_rows(kept: Any, counting: Any) -> None:
    with counting(kept.session) as few:
        book(kept, 2024, None, 1, 1)
    with counting(kept.session) as many:
        book(kept, 2024)
    assert len(many) == len(few)


def test_receipts_while_the_year_is_locked_leave_no_number_behind_it(
    sessions: sessionmaker[Session], office: Any
) -> None:
    """Whoever comes before the lock is in the book that was locked; whoever comes after is in the next."""
    office.stand("29/12/2023")
    office.receive()
    office.stand("03/01")
    clerk, supervisor = office.person("clerk"), office.person("supervisor")
    asked = office.request(received_at=office.at("29/12/2023 10:00"))
    office.session.rollback()
    together = Barrier(5)

    def receive() -> None:
        with sessions() as session:
            together.wait(10)
            intake.receive_dossier(session, now=office.now, actor=clerk, request=asked)

    def close() -> None:
        with sessions() as session:
            together.wait(10)
            for last_no in range(1, 7):
                try:
                    register_book.lock_book(
                        session, now=office.now, actor=supervisor, year=2023, last_no=last_no
                    )
                except DomainError:
                    continue
                return

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(receive) for _ in range(4)] + [pool.submit(close)]:
            done.result(30)
    numbers = {year: sorted(no for one, _, no in places(office) if one == year) for year in (2023, 2024)}
    assert sum(map(len, numbers.values())) == 5
    for found in numbers.values():
        assert found == list(range(1, len(found) + 1))
    lock_row = book(office, 2023).lock
    if lock_row is not None:
        assert lock_row.last_no == len(numbers[2023])
