"""Register files that come again, unchanged or with the news of the day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.register_files import (
    NOW,
    Taker,
    content_of,
    counts,
    dossier,
    events,
    kinds,
    office,
    promises,
    row,
)
from tests.services.conftest import POSTED
from tthc.db.models import (
    Applicant,
    Consultation,
    Dossier,
    EventRow,
    Filing,
    PauseRow,
    Supplement,
)
from tthc.domain.hand_overs import ComeBack, ComeBackReason
from tthc.domain.permissions import Actor
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    CodeSource,
    DossierState,
    DueCause,
    EventKind,
    FilingState,
)
from tthc.services import come_backs, consultations, hand_overs, intake, tallies, worklists
from tthc.services.applicants import ApplicantInput
from tthc.services.dossiers import Call
from tthc.services.transaction import NotFound


@pytest.fixture
def take(session: Session, reporter: Actor) -> Taker:
    """Import into a database; the test runs on both."""
    return Taker(session, reporter)


def test_the_same_rows_again_change_nothing(session: Session, take: Taker) -> None:
    ended = {"NgayKetThucXuLy": "10/06/2024", "KetQua": "2"}
    rows = [
        row(1, 1, NgayTiepNhan="", NgayHenTra=""),
        row(3, 3, NgayTiepNhan="", NgayHenTra="", NgayTuChoi="04/06/2024"),
        row(4, 4, NgayTiepNhan="03/06/2024", NgayHenTra="13/06/2024"),
        row(5, 5, SoDienThoai="0912345678", Email="a@b.vn", DiaChi="Khu kinh tế", GhiChu="Một\nhai"),
        row(9, 8),
        row(10, 10, **ended, NgayTra="20240611080000", SoGiayToChuHoSo="", ChuHoSo="Nguyễn Văn A"),
        row(11, 9, **ended, SoGiayToChuHoSo="", ChuHoSo="NGUYỄN  VĂN  A", SoDienThoai="0912 345 679"),
        # One firm, three rows that tell different things of it; a name in capitals is another applicant.
        row(21, ChuHoSo="Công ty Một", SoGiayToChuHoSo="0100000001", SoDienThoai="0911111111"),
        row(22, ChuHoSo="Công  ty Một", SoGiayToChuHoSo="0100000001", SoDienThoai="0922222222"),
        row(23, ChuHoSo="Công ty Một", SoGiayToChuHoSo="0100000001", LoaiDoiTuong=""),
        row(24, ChuHoSo="CÔNG TY MỘT", SoGiayToChuHoSo="0100000001"),
    ]
    assert counts(take(*rows)) == (11, 11, 0, 0, 0)
    firm = session.get_one(Applicant, dossier(session, 21).applicant_id)
    assert (firm.name, firm.phone, firm.kind) == ("Công ty Một", "0922222222", ApplicantKind.ENTERPRISE)
    assert dossier(session, 24).applicant_id != firm.id
    before = content_of(session)
    assert counts(take(*rows)) == (11, 0, 0, 11, 0)
    assert counts(take(*reversed(rows), now=office("20/06/2024 08:00")))[1] == 0
    assert counts(take(*rows, now=office("21/06/2024 08:00")))[1] == 0
    assert content_of(session)["event"] == before["event"]


@pytest.mark.parametrize(
    ("before", "after", "further"),
    [
        (row(1, 2), row(1, 4), ["start"]),
        (row(1, 2), row(1, 9, NgayKetThucXuLy="20240610150000"), ["resolve"]),
        (row(1, 2), row(1, 5, NgayYeuCauBoSung="20240605080000"), ["request_supplement"]),
        (row(1, 5), row(1, 4, NgayHenTra=""), ["receive_supplement"]),
        (
            row(1, 5),
            row(1, 10, NgayHenTra="", NgayKetThucXuLy="20240612150000", NgayTra="20240613080000"),
            ["receive_supplement", "resolve", "hand_over"],
        ),
        (row(1, 8), row(1, 4, NgayHenTra=""), ["resume"]),
        (row(1, 8), row(1, 8, NgayKetThucXuLy="20240612150000"), ["stop", "set_appointment"]),
        (row(1, 6), row(1, 9, NgayKetThucXuLy="20240612150000"), ["resolve"]),
        (row(1, 5), row(1, 7, NgayKetThucXuLy="20240612150000"), ["withdraw", "set_appointment"]),
        (
            row(1, 4),
            row(1, 10, NgayKetThucXuLy="20240612150000", NgayTra="20240613080000"),
            ["resolve", "hand_over"],
        ),
        (
            row(1, 9, NgayKetThucXuLy="20240612150000"),
            row(1, 10, NgayKetThucXuLy="12/06/2024", NgayTra="20240613080000"),
            ["hand_over"],
        ),
    ],
)
def test_a_later_file_adds_just_the_missing_events(
    session: Session, take: Taker, before: dict[str, Any], after: dict[str, Any], further: list[str]
) -> None:
    take(before)
    old = kinds(session, dossier(session, 1))
    assert counts(take(after, now=office("17/06/2024 09:00"))) == (1, 0, 1, 0, 0)
    assert kinds(session, dossier(session, 1)) == [*old, *map(EventKind, further)]
    assert counts(take(after, now=office("18/06/2024 09:00"))) == (1, 0, 0, 1, 0)
    opened = session.scalars(select(Supplement.closed_event_id)).all()
    opened += session.scalars(select(PauseRow.closed_event_id)).all()
    still_open = dossier(session, 1).state is DossierState.AWAITING_SUPPLEMENT
    assert still_open or None not in opened


def test_an_end_in_the_file_ends_what_other_agencies_were_asked(
    session: Session, take: Taker, officer: Actor
) -> None:
    take(row(1, 4))
    one = dossier(session, 1)
    call = Call(office("11/06/2024 09:00"), officer, one.code, one.version)
    consultations.consult_agency(session, call=call, agency="Sở Xây dựng", question="?", working_days=3)
    take(row(1, 9, NgayKetThucXuLy="20240612150000"), now=office("17/06/2024 09:00"))
    asked = session.scalars(select(Consultation)).one()
    ended = session.get_one(EventRow, asked.closed_event_id)
    assert (ended.kind, asked.answer, asked.version) == (EventKind.RESOLVE, "", 2)


def test_an_old_file_does_not_hand_over_again_what_the_post_brought_back(
    session: Session, take: Taker, clerk: Actor
) -> None:
    ended = {"NgayKetThucXuLy": "20240610150000"}
    take(row(1, 9, **ended))
    one = dossier(session, 1)
    sent = Call(office("11/06/2024 09:00"), clerk, one.code, one.version)
    hand_overs.hand_over_dossier(session, call=sent, delivery=POSTED)
    back = Call(office("14/06/2024 09:00"), clerk, one.code, one.version)
    come_backs.come_back_dossier(session, call=back, told=ComeBack(ComeBackReason.MOVED))
    [error] = take(row(1, 10, **ended, NgayTra="20240611090000"), now=office("17/06/2024 09:00")).errors
    assert (error.column, "chuyển hoàn ngày 14/06/2024" in error.message) == ("NgayTra", True)
    assert dossier(session, 1).state is DossierState.RESOLVED
    fetched = row(1, 10, **ended, NgayTra="20240617080000")
    assert counts(take(fetched, now=office("17/06/2024 09:00"))) == (1, 0, 1, 0, 0)
    assert dossier(session, 1).handed_over_on == date(2024, 6, 17)
    with pytest.raises(NotFound):  # what was written of the time before is no more to be corrected
        hand_overs.get_entry(session, actor=clerk, code=one.code)


def test_dates_of_the_supplement_move_the_due_date(session: Session, take: Taker) -> None:
    asked = {"NgayYeuCauBoSung": "20240604140000"}
    take(row(1, 5, **asked))
    take(
        row(1, 4, **asked, NgayHenTra="", NgayTiepNhanBoSung="20240606100000"), now=office("07/06/2024 09:00")
    )
    # Restarted on Thursday 06/06: seven working days end on Monday 17/06.
    one = dossier(session, 1)
    assert one.due_at == office("17/06/2024 17:00")
    assert [promise.cause for promise in promises(session, one)] == [DueCause.INTAKE, DueCause.SUPPLEMENT]
    answered = events(session, one)[-1]
    assert (answered.occurred_at, answered.note) == (office("06/06/2024 10:00"), "")


def test_what_has_no_date_of_its_own_bars_no_later_file(session: Session, take: Taker) -> None:
    """The first file is imported a day after the dossier ended; the next one tells so."""
    take(row(1, 5), now=office("04/06/2024 08:00"))
    take(row(1, 4, NgayHenTra="20240620170000"), now=office("11/06/2024 10:00"))
    assert dossier(session, 1).due_at == office("20/06/2024 17:00")
    done = row(1, 9, NgayHenTra="20240620170000", NgayKetThucXuLy="20240610153000")
    assert counts(take(done, now=office("12/06/2024 08:00"))) == (1, 0, 1, 0, 0)
    one = dossier(session, 1)
    assert (one.state, one.ended_on) == (DossierState.RESOLVED, date(2024, 6, 10))
    assert counts(take(done, now=office("13/06/2024 08:00"))) == (1, 0, 0, 1, 0)


def test_a_changed_appointment(session: Session, take: Taker) -> None:
    take(row(1, 4))
    noticed = office("11/06/2024 08:00")
    result = take(row(1, 4, NgayHenTra="20240614170000"), now=noticed)
    assert counts(result) == (1, 0, 1, 0, 0)
    assert result.preview[0].changes == ("ngày hẹn trả: 12/06/2024 17:00:00 → 14/06/2024 17:00:00",)
    one = dossier(session, 1)
    last = events(session, one)[-1]
    assert (last.kind, last.occurred_at) == (EventKind.SET_APPOINTMENT, noticed)
    promise = promises(session, one)[-1]
    assert (promise.due_at, promise.cause) == (office("14/06/2024 17:00"), DueCause.IMPORT)
    assert promise.computed_due_at == office("12/06/2024 17:00")
    assert (one.due_on, one.first_due_on) == (date(2024, 6, 14), date(2024, 6, 12))


def test_an_appointment_that_changes_with_the_end_judges_the_end(
    session: Session, take: Taker, reporter: Actor
) -> None:
    take(row(1, 4))
    done = row(1, 9, NgayHenTra="20240614170000", NgayKetThucXuLy="20240613100000")
    assert counts(take(done, now=office("17/06/2024 08:00"))) == (1, 0, 1, 0, 0)
    assert kinds(session, dossier(session, 1))[-2:] == [EventKind.RESOLVE, EventKind.SET_APPOINTMENT]
    cells = tallies.build_tally(
        session,
        actor=reporter,
        today=date(2024, 6, 17),
        asked=tallies.Asked(date(2024, 6, 1), date(2024, 6, 14)),
    ).total.cells
    assert (cells[CellName.EARLY], cells[CellName.LATE]) == (1, 0)


def test_changed_texts(session: Session, take: Taker, clerk: Actor) -> None:
    take(row(1), row(2, SoGiayToChuHoSo="1000000001", ChuHoSo="Công ty TNHH Số 1"))
    version = dossier(session, 1).version
    changed = row(1, TrichYeuHoSo="Đăng ký lại", GhiChu="Khẩn", SoDienThoai="0987654321")
    result = take(changed, now=office("17/06/2024 08:00"))
    assert counts(result) == (1, 0, 1, 0, 0)
    assert result.preview[0].changes == ("thông tin chủ hồ sơ", "trích yếu", "ghi chú")
    one = dossier(session, 1)
    assert (one.subject, one.note, one.version) == ("Đăng ký lại", "Khẩn", version + 1)

    def found(q: str) -> set[str]:
        page = worklists.list_dossiers(session, actor=clerk, now=NOW, criteria=worklists.DossierFilter(q=q))
        return {line.code for line in page.rows}

    assert found("khan") == {one.code}
    # The phone belongs to the applicant, who has two dossiers.
    assert found("0987654321") == {one.code, dossier(session, 2).code}
    # An empty cell leaves what is stored.
    assert counts(take(row(1, TrichYeuHoSo="")))[3] == 1
    assert dossier(session, 1).note == "Khẩn"
    other = row(1, ChuHoSo="Công ty Khác", SoGiayToChuHoSo="0200000002")
    assert take(other).preview[0].changes[0] == "chủ hồ sơ"
    assert found("cong ty khac") == {one.code}
    assert found("so 1") == {dossier(session, 2).code}


def test_a_blanked_applicant_stays_blank(session: Session, take: Taker) -> None:
    take(row(1))
    owner = session.get_one(Applicant, dossier(session, 1).applicant_id)
    owner.name = owner.name_folded = owner.id_number = ""
    owner.blanked_at = NOW
    session.commit()
    assert counts(take(row(1))) == (1, 0, 0, 1, 0)
    assert session.scalars(select(func.count()).select_from(Applicant)).one() == 1


def test_a_waiting_filing_is_accepted_and_keeps_its_code(session: Session, take: Taker) -> None:
    filed = row(1, 1, NgayTiepNhan="", NgayHenTra="")
    take(filed)
    assert counts(take(row(1, 4, GhiChu="Đã nhận"), now=office("17/06/2024 08:00"))) == (1, 0, 1, 0, 0)
    one = dossier(session, 1)
    assert (one.state, one.code_source, one.note) == (DossierState.PROCESSING, CodeSource.GIVEN, "Đã nhận")
    assert (one.submitted_at, one.received_at) == (office("03/06/2024 08:30"), office("03/06/2024 09:00"))
    filing = session.scalars(select(Filing)).one()
    assert (filing.state, filing.dossier_id) == (FilingState.ACCEPTED, one.id)
    assert counts(take(row(1, 4)))[3] == 1
    [refusal] = take(filed).errors
    assert (refusal.row, refusal.column) == (2, "TrangThaiHoSo")


def test_a_waiting_filing_is_refused(session: Session, take: Taker) -> None:
    take(row(1, 1, NgayTiepNhan="", NgayHenTra=""))
    refused = row(1, 3, NgayTiepNhan="", NgayHenTra="", NgayTuChoi="20240604100000")
    assert counts(take(refused)) == (1, 0, 1, 0, 0)
    assert counts(take(refused)) == (1, 0, 0, 1, 0)
    assert session.scalars(select(Filing.state)).one() is FilingState.REFUSED
    [error] = take(row(1, 2)).errors
    assert error.column == "TrangThaiHoSo"
    assert "từ chối tiếp nhận" in error.message
    [error] = take(row(1, 3, NgayTiepNhan="", NgayHenTra="", NgayTuChoi="20240605")).errors
    assert error.column == "NgayTuChoi"


def test_a_dossier_that_was_issued_here_is_met_by_its_code(
    session: Session, take: Taker, clerk: Actor, now: datetime
) -> None:
    first = take(row(1))
    assert not first.errors
    procedure_id = dossier(session, 1).procedure_id
    code = intake.receive_dossier(
        session,
        now=now,
        actor=clerk,
        request=intake.IntakeRequest(
            procedure_id=procedure_id,
            case_id=None,
            channel=Channel.COUNTER,
            applicant=ApplicantInput(ApplicantKind.CITIZEN, "Trần Thị B", "034071000001"),
            received_at=office("13/06/2024 10:00"),
        ),
    )
    told = row(
        1,
        10,
        MaHoSo=code.lower(),
        KenhThucHien=1,
        ChuHoSo="Trần Thị B",
        LoaiDoiTuong=1,
        SoGiayToChuHoSo="034071000001",
        TrichYeuHoSo="",
        NgayNopHoSo="",
        NgayTiepNhan="13/06/2024 10:00",
        NgayHenTra="",
        NgayKetThucXuLy="14/06/2024 09:00",
        NgayTra="14/06/2024 09:30",
    )
    assert counts(take(told)) == (1, 0, 1, 0, 0)
    one = session.scalars(select(Dossier).where(Dossier.code == code)).one()
    assert (one.state, one.code_source) == (DossierState.HANDED_OVER, CodeSource.ISSUED)
    assert [event.known_at == event.recorded_at for event in events(session, one)] == [True, False, False]


@pytest.mark.parametrize(
    ("before", "after", "column", "word"),
    [
        (row(1, 4), row(1, 2), "TrangThaiHoSo", "Đang xử lý"),
        (row(1, 9, NgayKetThucXuLy="20240610150000"), row(1, 4), "TrangThaiHoSo", "Đã xử lý xong"),
        (row(1), row(1, KenhThucHien="1"), "KenhThucHien", "Trực tuyến"),
        (row(1), row(1, NgayTiepNhan="20240603090001"), "NgayTiepNhan", "03/06/2024 09:00:00"),
        (row(1), row(1, NgayNopHoSo="20240602"), "NgayNopHoSo", "03/06/2024 08:30:00"),
        (
            row(1),
            row(1, MaTTHC="2.000347", TenTTHC="", TenLinhVuc=""),
            "MaTTHC",
            "thủ tục khác",
        ),
        (
            row(1, 9, NgayKetThucXuLy="20240610150000"),
            row(1, 9, NgayKetThucXuLy="20240611150000"),
            "NgayKetThucXuLy",
            "10/06/2024 15:00:00",
        ),
        (
            row(1, 10, NgayKetThucXuLy="20240610150000", NgayTra="20240611080000"),
            row(1, 10, NgayKetThucXuLy="20240610150000", NgayTra="20240612080000"),
            "NgayTra",
            "11/06/2024 08:00:00",
        ),
        (
            row(1, 9, NgayKetThucXuLy="20240610150000"),
            row(1, 9, NgayKetThucXuLy="20240610150000", KetQua="2"),
            "KetQua",
            "Đồng ý",
        ),
        (
            row(1, 5, NgayYeuCauBoSung="20240606080000"),
            row(1, 7, NgayKetThucXuLy="20240605080000"),
            "NgayKetThucXuLy",
            "08:00",
        ),
    ],
)
def test_what_is_on_record_otherwise_is_refused(
    session: Session, take: Taker, before: dict[str, Any], after: dict[str, Any], column: str, word: str
) -> None:
    assert not take(before).errors
    old = content_of(session)
    result = take(after, row(2))
    assert counts(result) == (2, 0, 0, 0, 1)
    [error] = result.errors
    assert (error.row, error.column) == (2, column)
    assert word in error.message
    assert content_of(session) == old


def test_two_imports_of_one_file_at_once(sessions: sessionmaker[Session], reporter: Actor) -> None:
    rows = [row(number, 10, NgayKetThucXuLy="20240610", NgayTra="20240611") for number in range(1, 21)]
    start = Barrier(2)

    def run(_: int) -> tuple[int, int, int, int, int]:
        with sessions() as opened:
            start.wait()
            return counts(Taker(opened, reporter)(*rows))

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(run, range(2)))
    assert done == [(20, 0, 0, 20, 0), (20, 20, 0, 0, 0)]
    with sessions() as opened:
        assert sorted(opened.scalars(select(Dossier.register_no))) == list(range(1, 21))


def test_an_import_asks_the_database_little(sqlite_session: Session, reporter: Actor) -> None:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("INSERT"):
            sent.append(statement)

    take = Taker(sqlite_session, reporter)
    ended = {"NgayKetThucXuLy": "20240610", "NgayTra": "20240611"}
    rows = [row(number, 10, **ended) for number in range(1, 301)]
    engine = sqlite_session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    assert counts(take(*rows))[1] == 300
    # Rows have to be inserted; all that is asked and changed besides does not grow with the file.
    assert len(sent) < 40
    sent.clear()
    assert counts(take(*rows))[3] == 300
    event.remove(engine, "before_cursor_execute", note)
    assert len(sent) < 20
