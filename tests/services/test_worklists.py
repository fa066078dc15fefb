"""What people look at: counts that are the sizes of their lists, search, order, pages, one dossier."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tthc.db.models import Account, Dossier, Membership, ProcedureVersion, Sector, Step
from tthc.db.queries import steps
from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import (
    ApplicantKind,
    Channel,
    DomainError,
    DossierState,
    EventKind,
    Role,
    Standing,
    SupplementMode,
)
from tthc.services import dossier_page, extensions, worklists
from tthc.services.applicants import ApplicantInput
from tthc.services.transaction import NotFound
from tthc.services.views import PAGE_SIZE

S = DossierState


def firm(name: str, **more: Any) -> ApplicantInput:
    return ApplicantInput(ApplicantKind.ENTERPRISE, name, **more)


def home(office: Any, by: str = "officer", *, mine: bool = False) -> dict[str, int]:
    view = worklists.home(office.session, actor=office.person(by), now=office.now, mine=mine)
    return {one.bucket: one.count for one in view.counts}


def one_in_every_bucket(office: Any) -> dict[str, str]:
    names: dict[str, str] = {}

    def came(name: str, day: str, **more: Any) -> str:
        office.stand(f"{day} 09:00")
        names[name] = office.receive(37, firm=f"Doanh nghiệp {name}", **more)
        return names[name]

    came("late", "03/06")  # due 10/06
    came("late, asked too late", "04/06")  # due 11/06
    came("late, mine", "05/06", officer_id=3)  # due 12/06
    came("today", "07/06", channel=Channel.ONLINE)  # due 14/06
    came("soon", "10/06", channel=Channel.POST)  # due 17/06
    came("soon, mine", "11/06", officer_id=3)  # due 18/06
    came("later", "12/06", channel=Channel.ONLINE)  # due 19/06
    came("waiting", "03/06")
    came("paused", "03/06")
    came("resolved", "05/06")
    came("handed over", "05/06")
    came("withdrawn", "05/06")
    office.stand("06/06")
    for name, new in (("paused", "20/06"), ("resolved", "21/06"), ("late, mine", "24/06")):
        extensions.propose_extension(
            office.session,
            call=office.call(names[name], "officer"),
            new_due_on=office.on(new),
            reason="Chờ ý kiến",
        )
    office.act("request_supplement", names["waiting"])
    office.act("pause", names["paused"])
    for name in ("resolved", "handed over"):
        office.act("resolve", names[name])
    office.act("hand_over", names["handed over"])
    office.act("withdraw", names["withdrawn"])
    office.stand("13/06")
    office.act("request_supplement", names["late, asked too late"])
    office.stand("14/06")
    return {code: name for name, code in names.items()}


@pytest.fixture
def busy(office: Any, prepared: Any) -> Any:
    """Friday 14/06/2024, one dossier or more in every bucket; those of officer 3 are named "mine"."""
    office.names = prepared(office, one_in_every_bucket)
    return office


BUCKETS = {
    "overdue": ["late", "late, asked too late", "late, mine"],
    "today": ["today"],
    "due_soon": ["soon", "soon, mine"],
    "awaiting_supplement": ["waiting", "late, asked too late"],
    "extension_proposed": ["paused", "late, mine"],
    "awaiting_opinion": [],
    "to_hand_over": ["resolved"],
    "mine": ["late, mine", "soon, mine"],
    "unassigned": ["late", "waiting", "paused", "late, asked too late", "today", "soon", "later"],
    "pending": [
        "late",
        "waiting",
        "paused",
        "late, asked too late",
        "late, mine",
        "today",
        "soon",
        "soon, mine",
        "later",
    ],
}


def listed(office: Any, by: str = "officer", **criteria: Any) -> list[str]:
    return [office.names[row.code] for row in office.listed(by=by, **criteria)]


def test_every_number_of_the_first_page_is_the_size_of_its_list(busy: Any) -> None:
    assert set(BUCKETS) == set(worklists.BUCKETS)
    for bucket, names in BUCKETS.items():
        assert sorted(listed(busy, bucket=bucket)) == sorted(names), bucket
    assert home(busy) == {bucket: len(BUCKETS[bucket]) for bucket, _ in worklists.HOME_BUCKETS}
    for role in ("clerk", "officer", "supervisor", "auditor"):
        actor = busy.person(role)
        found = worklists.groups(busy.session, actor=actor, now=busy.now)
        assert [one.bucket for one in found] == worklists.group_names(actor)
        for one in found:
            assert one.count == len(listed(busy, role, bucket=one.bucket)), (role, one.bucket)
    mine = home(busy, mine=True)
    assert mine == {"overdue": 1, "today": 0, "due_soon": 1, "awaiting_supplement": 0}
    # What somebody else is in charge of and one has in hand is one's own as well.
    code = busy.codes(bucket="today")[0]
    step = select(Step).join(Dossier).where(Dossier.code == code, *steps.OPEN)
    busy.session.scalars(step).one().officer_id = 3
    busy.session.commit()
    mine = home(busy, mine=True)
    assert mine == {"overdue": 1, "today": 1, "due_soon": 1, "awaiting_supplement": 0}
    for bucket, number in mine.items():
        assert len(listed(busy, bucket=bucket, mine=True)) == number
    assert sorted(listed(busy, mine=True)) == sorted(listed(busy, bucket="mine"))


def test_a_role_finds_first_what_it_has_to_act_on(busy: Any) -> None:
    first = {
        role: worklists.group_names(busy.person(role))
        for role in ("clerk", "officer", "supervisor", "auditor")
    }
    assert first["officer"][:2] == ["mine", "pending"]
    assert first["clerk"][:3] == ["mine", "to_hand_over", "unassigned"]
    assert first["supervisor"][:4] == ["mine", "extension_proposed", "to_hand_over", "unassigned"]
    assert not {"mine", "extension_proposed"} & set(first["auditor"])


def test_who_may_decide_sees_how_many_proposals_wait(busy: Any) -> None:
    for name in ("clerk", "officer", "reporter", "admin", "auditor"):
        assert "extension_proposed" not in home(busy, name)
    assert home(busy, "supervisor")["extension_proposed"] == 2
    [proposed, *_] = busy.listed(bucket="extension_proposed")
    assert proposed.appointments == ("đề nghị gia hạn đến 20/06/2024",)


def test_the_first_page_begins_with_what_is_due_first(busy: Any) -> None:
    view = worklists.home(busy.session, actor=busy.person("officer"), now=busy.now, mine=False)
    assert [busy.names[row.code] for row in view.first][:4] == [
        "late",
        "waiting",
        "paused",
        "late, asked too late",
    ]
    assert (view.today, view.waiting_filings) == (busy.today, 0)
    own = worklists.home(busy.session, actor=busy.person("officer"), now=busy.now, mine=True)
    assert [busy.names[row.code] for row in own.first] == ["late, mine", "soon, mine"]


def test_what_a_row_says(busy: Any) -> None:
    rows = {busy.names[row.code]: row for row in busy.listed()}
    said = {name: (row.standing, row.remaining, row.due_soon, row.waiting) for name, row in rows.items()}
    assert said["late"] == (Standing.OVERDUE, "quá hạn 04 ngày làm việc", False, False)
    assert said["late, asked too late"] == (Standing.OVERDUE, "quá hạn 03 ngày làm việc", False, False)
    assert said["today"] == (Standing.WITHIN, "hôm nay", True, False)
    assert said["soon"] == (Standing.WITHIN, "còn 01 ngày làm việc", True, False)
    assert said["later"] == (Standing.WITHIN, "còn 03 ngày làm việc", False, False)
    assert said["waiting"] == (Standing.WITHIN, "", False, True)
    assert said["resolved"][:2] == (None, "")


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ({"state": S.PAUSED}, ["paused"]),
        ({"channel": Channel.POST}, ["soon"]),
        ({"channel": Channel.ONLINE, "bucket": "pending"}, ["later", "today"]),
        ({"officer_id": 3}, ["late, mine", "soon, mine"]),
        ({"officer_id": 0, "bucket": "due_soon"}, ["soon"]),
        ({"state": S.WITHDRAWN, "officer_id": 3}, []),
        ({"sector_id": 999}, []),
        ({"procedure_id": 999}, []),
    ],
)
def test_filters_narrow_the_list(busy: Any, criteria: dict[str, Any], names: list[str]) -> None:
    assert sorted(listed(busy, **criteria)) == names


def test_dates_are_inclusive(busy: Any) -> None:
    on = busy.on
    assert listed(busy, received_from=on("10/06"), received_to=on("11/06")) == ["soon", "soon, mine"]
    assert listed(busy, due_from=on("17/06"), due_to=on("17/06")) == ["soon"]
    assert listed(busy, received_from=on("12/06")) == ["later"]
    procedure = busy.procedure_id(37)
    sector = busy.session.scalars(
        select(ProcedureVersion.sector_id).where(ProcedureVersion.procedure_id == procedure)
    ).one()
    assert len(listed(busy, procedure_id=procedure, sector_id=sector)) == 12


@pytest.mark.parametrize(("field", "criteria"), [("sort", {"sort": "x; --"}), ("bucket", {"bucket": "x"})])
def test_what_the_list_does_not_know_is_refused(
    sqlite_office: Any, field: str, criteria: dict[str, str]
) -> None:
    with pytest.raises(DomainError) as refusal:
        sqlite_office.listed(**criteria)
    assert refusal.value.field == field


# --- search -------------------------------------------------------------------------------------------


def test_search(office: Any) -> None:
    one = office.receive(
        37,
        applicant=firm("Công ty Đường Sắt 900", id_number="0100900900", phone="0912000900"),
        subject="50%_a",
    )
    two = office.receive(
        38, applicant=firm("Xưởng Ấm Đun 901"), subject="Giấy phép Hoà Bình", note="Ghi chú Ê"
    )
    three = office.receive(37, applicant=firm("Công ty Dương 902"), submitter_name="Người nộp 07")

    def found(q: str) -> list[str]:
        return office.codes(q=q, sort="code")  # type: ignore[no-any-return]

    assert found("duong sat") == found("ĐƯỜNG SẮT") == found("sat duong") == [one]
    assert found("duong") == found("DƯƠNG") == found("đuong") == [one, three], "đ is d"
    assert found(unicodedata.normalize("NFD", "Đường Sắt")) == [one]
    assert found(unicodedata.normalize("NFD", "hoà")) == found("hoa binh") == [two]
    assert found("  am   901 ") == [two]
    assert found("0912000900") == found("0100900900") == [one]
    assert found(one) == found(one.lower()) == [one]
    assert found("240614-0003") == found("nguoi nop 07") == [three]
    assert found("ghi chu e") == [two]
    assert found("50%") == found("50%_a") == [one]
    assert found("%") == found("_") == found("/") == found("\\") == found("'") == [], "no word in it"
    assert found("duong khong co") == []
    assert found("   ") == found("") == [one, two, three]
    assert found("cong ty 902") == [three], "two words in any order, both needed"


# --- order and pages ----------------------------------------------------------------------------------


def test_pages_hold_every_row_once_in_a_stable_order(office: Any) -> None:
    number = PAGE_SIZE + 7
    office.stand("10/06")
    for index in range(number):
        office.receive(37 if index % 2 else 38, firm=f"Doanh nghiệp {900 + index % 4}")
    for sort in ("due", "-due", "received", "-received", "code", "applicant"):
        pages = [office.codes(sort=sort, page=page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [PAGE_SIZE, 7, 0]
        assert len({*pages[0], *pages[1]}) == number, sort
        assert pages == [office.codes(sort=sort, page=page) for page in (1, 2, 3)]
    page = worklists.list_dossiers(
        office.session,
        actor=office.person("clerk"),
        now=office.now,
        criteria=worklists.DossierFilter(page=-4),
    )
    assert (page.total, page.pages, page.number, len(page.rows)) == (number, 2, 1, PAGE_SIZE)


def test_orders(office: Any) -> None:
    codes: dict[str, str] = {}
    for name, day, procedure in [
        ("Đ", "05/06", 37),
        ("Ă", "03/06", 37),
        ("B", "04/06", 2),
        ("A", "04/06", 37),
    ]:
        office.stand(day)
        codes[office.receive(procedure, firm=f"Doanh nghiệp {name}")] = name

    def order(sort: str) -> str:
        return "".join(codes[code] for code in office.codes(sort=sort))

    for criteria, usual in (
        ({}, "-due"),
        ({"q": "x", "sort": "due"}, "-due"),
        ({"state": DossierState.STOPPED}, "-due"),
        ({"state": DossierState.RESOLVED}, "due"),
        ({"state": DossierState.PAUSED}, "due"),
        ({"bucket": "to_hand_over"}, "due"),
        ({"mine": True}, "due"),
    ):
        assert worklists.in_usual_order(worklists.DossierFilter(**criteria)).sort == usual, criteria
    assert order("due") == "ĂAĐB"
    assert order("-due") == "BĐAĂ"
    assert order("received") == "ĂBAĐ"
    assert order("-received") == "ĐABĂ"
    assert order("code") == "ĂBAĐ"
    assert order("applicant") == "AĂBĐ", "the Vietnamese alphabet on both databases"


# --- one dossier --------------------------------------------------------------------------------------


def test_a_dossier_s_page(office: Any) -> None:
    office.stand("10/06")
    code = office.receive(
        37,
        applicant=firm("Doanh nghiệp 900", phone="0912000900"),
        submitter_name="Người nộp 01",
        officer_id=3,
    )
    office.stand("11/06")
    office.act("request_supplement", code, missing="Bản vẽ mặt bằng", mode=SupplementMode.PAUSE)
    office.stand("12/06")
    office.act("receive_supplement", code)
    view = office.view(code)
    assert (view.submitter, view.phone, view.limit_label) == (
        "Người nộp 01",
        "0912000900",
        "05 ngày làm việc",
    )
    assert [promise.in_force for promise in view.promises] == [False, True]
    assert view.explanation_note == ""
    assert view.explanation[-1].date == view.row.due_on == office.on("18/06")
    asked = view.timeline[1]
    assert dict(asked.details) == {"Cần bổ sung": "Bản vẽ mặt bằng", "Thời hạn": SupplementMode.PAUSE.label}
    assert dict(view.timeline[2].details) == {"Hẹn trả": "18/06/2024"}
    with pytest.raises(NotFound):
        office.view("000.00.99.H54-240610-0009")


def test_the_actions_are_those_that_table_and_role_allow(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37)

    def offered(by: str) -> set[EventKind]:
        return {action.kind for action in office.view(code, by=by).actions}

    assert offered("auditor") == offered("reporter") == offered("admin") == set()
    assert EventKind.STOP in offered("supervisor")
    assert EventKind.STOP not in offered("clerk")
    assert offered("officer") == {
        EventKind.START,
        EventKind.RESOLVE,
        EventKind.REQUEST_SUPPLEMENT,
        EventKind.REQUEST_PAYMENT,
        EventKind.PAUSE,
        EventKind.CONSULT,
        EventKind.PROPOSE_EXTENSION,
    }
    office.act("resolve", code)
    assert offered("clerk") == {EventKind.HAND_OVER}
    assert offered("supervisor") == {EventKind.HAND_OVER, EventKind.REOPEN}


def test_another_unit_s_people_see_nothing(sqlite_office: Any) -> None:
    code = sqlite_office.receive(37)
    stranger = Actor(account_id=2, unit_id=2, name="Cán bộ 99", roles=frozenset({Role.SUPERVISOR}))
    with pytest.raises(NotFound):
        dossier_page.get_dossier(sqlite_office.session, actor=stranger, now=sqlite_office.now, code=code)


def test_nobody_without_a_role_sees_anything(sqlite_office: Any) -> None:
    office = sqlite_office
    code = office.receive(37)
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    at = {"actor": nobody, "now": office.now}
    for read in (
        lambda: worklists.home(office.session, mine=False, **at),
        lambda: worklists.list_dossiers(office.session, criteria=worklists.DossierFilter(), **at),
        lambda: dossier_page.get_dossier(office.session, code=code, **at),
        lambda: worklists.filter_choices(office.session, **at),
    ):
        with pytest.raises(DomainError, match="không có quyền"):
            read()


def test_the_choices_of_a_list(sqlite_office: Any) -> None:
    office = sqlite_office
    choices = worklists.filter_choices(office.session, actor=office.person("auditor"), now=office.now)
    assert len(choices.sectors) == len(office.session.scalars(select(Sector)).all()) == 7
    assert len(choices.procedures) == 42
    assert choices.officers[0].label == "Chưa phân công"
    office.session.execute(update(Account).where(Account.id == 3).values(active=False))
    office.session.execute(update(Membership).where(Membership.account_id == 4).values(valid_to=office.today))
    office.session.commit()
    fewer = worklists.filter_choices(office.session, actor=office.person("auditor"), now=office.now)
    gone = {choice.value for choice in choices.officers} - {choice.value for choice in fewer.officers}
    assert gone == {"3", "4"}


# --- size ---------------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_rows(
    sqlite_office: Any, counting: Callable[..., Any]
) -> None:
    office = sqlite_office
    office.stand("10/06")
    code = office.receive(37, officer_id=3)

    def sized() -> None:
        worklists.groups(office.session, actor=office.person("officer"), now=office.now)

    def asked() -> list[int]:
        found = []
        for look in (
            lambda: office.listed(q="doanh"),
            lambda: home(office),
            lambda: office.view(code),
            sized,
        ):
            with counting(office.session) as statements:
                look()
            found.append(len(statements))
        return found

    office.view(code)  # what its procedure says is read once
    few = asked()
    for index in range(12):
        office.receive(36 + index % 4, firm=f"Doanh nghiệp {900 + index}", officer_id=3 if index % 2 else 4)
    assert asked() == few
    assert max(few) < 36


@pytest.mark.parametrize(
    ("criteria", "index"),
    [
        ({"bucket": "pending"}, "ix_dossier_pending_due (unit_id=? AND ended_on=?)"),
        ({}, "ix_dossier_due (unit_id=?)"),
        ({"state": DossierState.HANDED_OVER}, "ix_dossier_state (unit_id=? AND state=?)"),
    ],
)
def test_the_list_of_dossiers_by_date_uses_an_index(
    sqlite_office: Any, counting: Callable[..., Any], criteria: dict[str, Any], index: str
) -> None:
    office = sqlite_office
    office.receive(37)
    usual = worklists.in_usual_order(worklists.DossierFilter(**criteria))
    with counting(office.session) as statements:
        office.listed(sort=usual.sort, **criteria)
    rows = next(one for one in statements if "ORDER BY dossier.due_on" in one)
    office.session.rollback()
    raw = office.session.connection().connection.driver_connection
    plan = " ".join(
        str(step[3]) for step in raw.execute(f"EXPLAIN QUERY PLAN {rows}", [1] * rows.count("?")).fetchall()
    )
    assert index in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan, "the index gives the order too"
