"""An item that the post brings back: its results wait again, no figure of before moves, all can be redone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.conftest import POSTED, TAKEN
from tests.services.retelling import assert_retold
from tests.services.test_closing import close, following, some, tally
from tests.services.test_hand_overs import desk, give, marks, owned, text_of
from tests.services.test_steps import moves, names, told
from tests.services.test_uncollected import listed, remind
from tthc.db.models import DossierSpan, EventRow, HandOver
from tthc.db.queries import hand_overs as queries
from tthc.domain.hand_overs import ComeBack, ComeBackReason, ReminderWay
from tthc.domain.permissions import NotAllowed
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import DomainError, DossierState, MoveKind
from tthc.services import closing_page, come_backs, dossier_papers, hand_overs, register_book, search
from tthc.services.transaction import StaleVersion

N = CellName
ABSENT = ComeBack(ComeBackReason.ABSENT, "Phát hai lần")


def sent_in_may(office: Any) -> tuple[dict[str, str], str]:
    office.stand("20/05")
    whose = {"a": 900, "b": 900, "other": 901}
    office.codes = {name: office.receive(37, applicant=owned(number)) for name, number in whose.items()}
    office.stand("22/05")
    for code in office.codes.values():
        office.act("resolve", code)
    remind(office, "a", ReminderWay.PHONE)
    office.stand("23/05 08:00")
    act = give(office, "a b", POSTED)
    give(office, "other", TAKEN)
    return office.codes, act


@pytest.fixture
def sent(office: Any, prepared: Any) -> Any:
    """On 23/05/2024: two results of one applicant went in one item, that of another was fetched."""
    office.codes, office.act_id = prepared(office, sent_in_may)
    return office


def come_back(office: Any, names: str, told: ComeBack = ABSENT, by: str = "clerk", when: str = "") -> None:
    come_backs.come_back(
        office.session,
        now=office.now,
        actor=office.person(by),
        marks=marks(office, *names.split()),
        told=told,
        occurred_at=office.at(when) if when else None,
    )


def retold(office: Any, code: str) -> list[DossierSpan]:
    """The spans of a dossier as known now, which are what its events say."""
    key = office.dossier(code).id
    rows = office.session.scalars(select(EventRow).filter_by(dossier_id=key).order_by(EventRow.seq)).all()
    spans = office.session.scalars(select(DossierSpan).filter_by(dossier_id=key)).all()
    assert_retold(rows, spans)
    return sorted((one for one in spans if one.known_to is None), key=lambda one: one.valid_from)


def test_the_results_of_an_item_wait_from_the_day_on_which_it_came_back(sent: Any) -> None:
    office, codes = sent, sent.codes
    office.stand("30/05")
    item = come_backs.find_item(office.session, actor=office.person("clerk"), code=codes["a"])
    assert item is not None
    assert (item.carrier, item.tracking_no) == ("Bưu điện tỉnh", "RA123456789VN")
    assert [one.code for one in item.further] == [codes["b"]]
    owner = office.dossier(codes["a"]).applicant_id
    theirs = [queries.posted_to(office.session, unit, owner, item.tracking_no) for unit in (1, 2)]
    assert [len(found) for found in theirs] == [2, 0], "what another unit sent is its own"
    clerk = office.person("clerk")
    assert come_backs.find_item(office.session, actor=clerk, code=codes["other"]) is None
    before = office.everything()
    refusals: list[tuple[str, dict[str, Any], str, str | None]] = [
        ("other", {}, "được trả trực tiếp", None),
        ("a other", {}, "được trả trực tiếp", None),
        ("a", {"when": "23/05 07:59"}, "08:00 ngày 23/05/2024", "occurred_at"),
        ("a", {"when": "30/05 09:31"}, "không được sau hiện tại", "occurred_at"),
        ("a", {"told": ComeBack(ComeBackReason.OTHER)}, "Ghi lý do", "note"),
    ]
    for which, arguments, said, field in refusals:
        with pytest.raises(DomainError, match=said) as refused:
            come_back(office, which, **arguments)
        assert refused.value.field == field
    for nobody in ("officer", "reporter", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            come_back(office, "a", by=nobody)
    assert office.everything() == before

    come_back(office, "a b", when="29/05 15:00")
    with pytest.raises(DomainError, match="đã xử lý xong, không có bưu gửi"):
        come_back(office, "a b")
    with pytest.raises(DomainError, match="không thể ghi “Bưu gửi chuyển hoàn”"):
        come_back(office, "b")
    dossier = office.dossier(codes["a"])
    assert (dossier.state, dossier.handed_over_on) == (DossierState.RESOLVED, None)
    assert (dossier.ended_on, dossier.came_back_on) == (office.on("22/05"), office.on("29/05"))
    shown = [(one.valid_from, one.state, one.ended_on) for one in retold(office, codes["a"])]
    assert shown[-2:] == [
        (office.on("23/05"), DossierState.HANDED_OVER, office.on("22/05")),
        (office.on("29/05"), DossierState.RESOLVED, office.on("22/05")),
    ]
    assert some(tally(office, "15/05", "30/05"), N.EARLY, N.PENDING_TOTAL) == [3, 0]
    # The step of giving out is at the counter again, with whoever took the item in.
    assert told(office, codes["a"])[-1][:2] == ("Trả kết quả", "đang")
    assert told(office, codes["a"])[-1][3] == names(office)["clerk"]
    assert moves(office, codes["a"])[-2:] == [MoveKind.FINISHED, MoveKind.BEGUN]

    office.stand("05/06")
    rows = {row.code: row for row in listed(office).page.rows}
    assert set(rows) == {codes["a"], codes["b"]}
    # Thu 30/05, Fri 31/05, Mon 03/06, Tue 04/06, Wed 05/06.
    assert (rows[codes["a"]].waited, rows[codes["a"]].stage, rows[codes["a"]].due) == (5, 1, True)
    assert rows[codes["a"]].reminders == [], "the one before the item was sent is of another waiting"
    remind(office, "a", ReminderWay.PHONE)
    assert [row.code for row in listed(office, only_due=True).page.rows] == [codes["b"]]
    timeline = office.view(codes["a"]).timeline
    [entry] = [one for one in timeline if one.title == "Bưu gửi chuyển hoàn"]
    assert entry.note == "Phát hai lần"
    assert entry.details == [
        ("Đơn vị chuyển", "Bưu điện tỉnh"),
        ("Số bưu gửi", "RA123456789VN"),
        ("Lý do chuyển hoàn", "Người nhận vắng mặt, không đến nhận"),
    ]
    assert [one.title for one in timeline].count("Nhắc nhận kết quả") == 2
    found = search.search(office.session, actor=clerk, q="RA123456789VN")
    assert {hit.code for hit in found.dossiers} == {codes["a"], codes["b"]}


def test_what_came_back_is_handed_over_again_and_both_times_stay_on_record(sent: Any) -> None:
    office, codes = sent, sent.codes
    clerk = office.person("clerk")
    office.stand("29/05")
    version = office.dossier(codes["a"]).version
    come_back(office, "a", ComeBack(ComeBackReason.WRONG_ADDRESS))
    with pytest.raises(StaleVersion):
        come_backs.come_back(
            office.session,
            now=office.now,
            actor=clerk,
            marks=[come_backs.Mark(codes["a"], version)],
            told=ABSENT,
        )
    view = desk(office, codes["a"])
    assert (view.posted, view.handed_over_at, view.ready is not None) == (False, None, True)
    assert view.came_back is not None
    assert view.came_back.reason == "Địa chỉ sai hoặc không đầy đủ"
    assert view.came_back.item[-1] == ("Số bưu gửi", "RA123456789VN")
    with pytest.raises(DomainError, match="chưa ghi việc trả"):
        hand_overs.correct_hand_over(
            office.session,
            now=office.now,
            actor=clerk,
            code=codes["a"],
            seen=1,
            delivery=TAKEN,
            reason="Nhầm",
        )
    office.stand("31/05")
    give(office, "a", TAKEN)
    view = desk(office, codes["a"])
    assert (view.posted, view.came_back) == (False, None)
    assert [(one.name, one.came_back) for one in view.entries] == [
        ("Doanh nghiệp 900", True),
        ("Người nhận 01", False),
    ]
    assert office.view(codes["a"]).handed_over.name == "Người nhận 01"
    with pytest.raises(DomainError, match="được trả trực tiếp"):
        come_back(office, "a")
    # The page of the first act still says how it was sent.
    done = hand_overs.get_done(office.session, actor=clerk, action_id=office.act_id)
    assert {view.way.value for _, view in done.rows} == {"post"}
    book = register_book.open_book(
        office.session, actor=clerk, today=office.today, part=register_book.Part(2024)
    )
    days = {row[1]: row[9] for row in book.page.rows}
    assert (days[codes["a"]], days[codes["b"]]) == (office.on("31/05"), office.on("23/05"))

    # Entered as fetched, but sent: once that is corrected, it can come back.
    _, seen = hand_overs.get_entry(office.session, actor=clerk, code=codes["other"])
    hand_overs.correct_hand_over(
        office.session,
        now=office.now,
        actor=clerk,
        code=codes["other"],
        seen=seen,
        delivery=replace(POSTED, tracking_no="RB000000001VN"),
        reason="Ghi nhầm cách trả",
    )
    with pytest.raises(DomainError, match="không được gửi trong cùng một bưu gửi"):
        come_back(office, "b other")
    come_back(office, "other")
    assert len(office.session.scalars(select(HandOver)).all()) == 5
    assert office.dossier(codes["other"]).came_back_on == office.on("31/05")


def test_a_closed_period_stays_as_it_was(sent: Any) -> None:
    office, code = sent, sent.codes["a"]
    office.stand("15/06")
    close(office)
    closed = tally(office, "15/05", "14/06").total.cells
    office.stand("20/06")
    come_back(office, "a", when="12/06 10:00")
    _, late = closing_page.list_late_entries(office.session, actor=office.person("reporter"))
    [entry] = late.rows
    assert (entry.what, entry.occurred_on, entry.counted_on) == (
        "Bưu gửi chuyển hoàn",
        office.on("12/06"),
        office.on("15/06"),
    )
    assert following(office).adjustments == [], "it ended when it ended, so nothing is carried over"
    shown = [(one.valid_from, one.state) for one in retold(office, code)]
    assert shown[-1] == (office.on("15/06"), DossierState.RESOLVED)
    assert tally(office, "15/05", "14/06").total.cells == closed
    built = tally(office, "15/06", "14/07")
    assert some(built, N.CARRIED_OVER, N.RECEIVED_TOTAL, N.PENDING_TOTAL) == [0, 0, 0]
    assert all(one.holds for one in built.identities)


def test_the_slip_is_blank_again_and_the_one_that_was_sent_stays(sqlite_office: Any) -> None:
    office = sqlite_office
    sent_in_may(office)

    def slip() -> str:
        return " ".join(
            text_of(
                dossier_papers.print_paper(
                    office.session,
                    now=office.now,
                    actor=office.person("clerk"),
                    code=office.codes["a"],
                    slug="phieu-tra-ket-qua",
                )
            ).split()
        )

    assert "RA123456789VN" in slip()
    office.stand("29/05")
    come_back(office, "a")
    blank = slip()
    assert "Giấy tờ tùy thân số:" in blank
    assert "RA123456789VN" not in blank
    assert "Thay thế" not in blank
    give(office, "a", TAKEN)
    filled = slip()
    assert "Người nhận 01" in filled
    assert "Thay thế phiếu trả kết quả" in filled
