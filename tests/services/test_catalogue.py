"""The catalogue as it holds on a date."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tthc.db.models import (
    LimitSegmentRow,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    Requirement,
)
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import Channel, DomainError, LimitKind, LimitUnit, OnlineLevel
from tthc.services import catalogue, procedure_terms
from tthc.services.transaction import NotFound

TODAY = date(2024, 6, 14)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL statements sent within the block."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def new_version(session: Session, local_no: int, since: date, now: datetime, **changes: object) -> int:
    """A later version of a seeded procedure with one default case of 9 working days; gives its id."""
    first = session.scalars(
        select(ProcedureVersion)
        .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
        .where(Procedure.local_no == local_no)
    ).first()
    values = {
        column.name: getattr(first, column.name)
        for column in ProcedureVersion.__table__.columns
        if column.name != "id"
    }
    version = ProcedureVersion(**{**values, "valid_from": since, "recorded_at": now, **changes})
    session.add(version)
    session.flush()
    add_case(session, version.id, "Trường hợp chung", 9, is_default=True)
    return version.id


def add_case(
    session: Session,
    version_id: int,
    name: str,
    days: int,
    *,
    channel: Channel | None = None,
    is_default: bool = False,
) -> int:
    case = ProcedureCase(version_id=version_id, name=name, channel=channel, is_default=is_default)
    session.add(case)
    session.flush()
    session.add(
        LimitSegmentRow(
            case_id=case.id, no=1, kind=LimitKind.STATUTORY, amount=days, unit=LimitUnit.WORKING_DAY
        )
    )
    session.commit()
    return case.id


def test_the_list_shows_every_procedure_in_order(session: Session, clerk: Actor) -> None:
    rows = catalogue.list_procedures(session, actor=clerk, on=TODAY)
    assert [row.local_no for row in rows] == list(range(1, 43))
    office = rows[35]
    assert office.national_code == "2.000063"
    assert office.name == "Cấp Giấy phép thành lập Văn phòng đại diện của thương nhân nước ngoài tại Việt Nam"
    assert office.sector == "Thương mại quốc tế"
    assert office.limit_label == "07 ngày làm việc"
    assert office.fee == 3_000_000
    assert office.online_level is OnlineLevel.FULL
    assert (office.code_confirmed, office.limit_confirmed, office.replaced_by) == (True, True, None)
    permit = rows[25]
    assert (permit.fee, permit.replaced_by, permit.declaration_reduced) == (None, "1.013236", True)
    assert rows[32].national_code is None


def test_the_number_of_queries_does_not_grow_with_the_rows(session: Session, clerk: Actor) -> None:
    with statements(session) as sent:
        catalogue.list_procedures(session, actor=clerk, on=TODAY)
    assert len(sent) == 3, sent
    with statements(session) as sent:
        catalogue.procedure_choices(session, actor=clerk, on=TODAY)
    assert len(sent) == 1, sent


def test_a_procedure_with_its_cases(session: Session, clerk: Actor) -> None:
    view = catalogue.get_procedure(session, actor=clerk, on=TODAY, local_no=24)
    assert [(case.name, case.limit_label, case.is_default) for case in view.cases] == [
        ("Trường hợp chung", "35 ngày", True),
        ("Dự án nhóm B", "25 ngày", False),
        ("Dự án nhóm C", "15 ngày", False),
        ("Báo cáo kinh tế - kỹ thuật", "20 ngày", False),
    ]
    assert view.legal_basis[0] == "Luật Xây dựng số 50/2014/QH13"
    assert len(view.legal_basis) == 5
    assert view.open_dossiers == 0
    assert catalogue.get_procedure_by_id(session, actor=clerk, on=TODAY, procedure_id=view.row.id) == view
    committee = catalogue.get_procedure(session, actor=clerk, on=TODAY, local_no=1)
    assert committee.cases[1].limit_label == "25 ngày + 07 ngày làm việc"


def test_required_papers_come_in_their_order(session: Session, clerk: Actor) -> None:
    version = catalogue.version_in_force(session, 1, TODAY)
    for position, name in ((2, "Bản sao"), (1, "Đơn đề nghị")):
        session.add(
            Requirement(
                version_id=version.id,
                position=position,
                name=name,
                originals=1,
                certified=0,
                copies=0,
                required=True,
            )
        )
    session.commit()
    papers = catalogue.get_procedure(session, actor=clerk, on=TODAY, local_no=1).requirements
    assert [paper.name for paper in papers] == ["Đơn đề nghị", "Bản sao"]


def test_an_unknown_procedure_is_refused(session: Session, clerk: Actor) -> None:
    with pytest.raises(NotFound):
        catalogue.get_procedure(session, actor=clerk, on=TODAY, local_no=43)
    with pytest.raises(NotFound):
        catalogue.get_procedure_by_id(session, actor=clerk, on=TODAY, procedure_id=4711)


def test_who_holds_no_role_sees_nothing(session: Session) -> None:
    stranger = Actor(account_id=None, unit_id=1, name="", roles=frozenset())
    with pytest.raises(NotAllowed):
        catalogue.list_procedures(session, actor=stranger, on=TODAY)


def test_a_version_holds_from_its_date_on(session: Session, clerk: Actor, now: datetime) -> None:
    first = catalogue.version_in_force(session, 36, TODAY).id
    second = new_version(session, 36, date(2025, 7, 1), now, name="Tên mới", name_folded="ten moi")
    assert catalogue.version_in_force(session, 36, date(2016, 1, 1)).id == first
    assert catalogue.version_in_force(session, 36, date(2025, 6, 30)).id == first
    assert catalogue.version_in_force(session, 36, date(2025, 7, 1)).id == second
    old = catalogue.list_procedures(session, actor=clerk, on=date(2025, 6, 30))[35]
    new = catalogue.list_procedures(session, actor=clerk, on=date(2025, 7, 1))[35]
    assert (old.limit_label, new.limit_label) == ("07 ngày làm việc", "09 ngày làm việc")
    assert new.name == "Tên mới"


def test_a_procedure_without_a_version_yet_is_refused(session: Session, clerk: Actor, now: datetime) -> None:
    procedure = Procedure(local_no=43, national_code="9.999999")
    session.add(procedure)
    session.flush()
    seeded = catalogue.version_in_force(session, 36, TODAY)
    version = new_version(session, 36, date(2025, 7, 1), now)
    session.get_one(ProcedureVersion, version).procedure_id = procedure.id
    session.commit()
    assert seeded.procedure_id == 36
    with pytest.raises(NotFound, match="14/06/2024"):
        catalogue.version_in_force(session, procedure.id, TODAY)
    assert len(catalogue.list_procedures(session, actor=clerk, on=TODAY)) == 42
    assert len(catalogue.list_procedures(session, actor=clerk, on=date(2025, 7, 1))) == 43


def test_a_withdrawn_procedure_leaves_the_list_but_can_be_opened(session: Session, clerk: Actor) -> None:
    session.get_one(Procedure, 42).withdrawn_on = date(2025, 7, 1)
    session.commit()
    assert len(catalogue.list_procedures(session, actor=clerk, on=date(2025, 6, 30))) == 42
    assert len(catalogue.list_procedures(session, actor=clerk, on=date(2025, 7, 1))) == 41
    assert catalogue.get_procedure(session, actor=clerk, on=date(2025, 7, 1), local_no=42).row.local_no == 42


def test_a_default_for_the_channel_stands_before_the_general_one(session: Session, clerk: Actor) -> None:
    version_id = catalogue.version_in_force(session, 36, TODAY).id
    online = add_case(session, version_id, "Nộp trực tuyến", 5, channel=Channel.ONLINE, is_default=True)
    version = procedure_terms.get_terms(session, 36).received_under(TODAY)
    assert version.default_case(Channel.ONLINE).id == online
    assert version.default_case(Channel.COUNTER).name == "Trường hợp chung"
    assert catalogue.limit_of(session, online).label == "05 ngày làm việc"
    # The list goes on showing the general limit.
    assert catalogue.list_procedures(session, actor=clerk, on=TODAY)[35].limit_label == "07 ngày làm việc"


def test_without_a_default_or_a_limit_nothing_is_guessed(session: Session) -> None:
    version_id = catalogue.version_in_force(session, 36, TODAY).id
    case = catalogue.cases_of(session, version_id)[0]
    case.is_default = False
    for segment in session.scalars(select(LimitSegmentRow).where(LimitSegmentRow.case_id == case.id)):
        session.delete(segment)
    session.commit()
    with pytest.raises(DomainError, match="trường hợp chung"):
        procedure_terms.get_terms(session, 36).received_under(TODAY).default_case(Channel.COUNTER)
    with pytest.raises(DomainError, match="chưa khai thời hạn"):
        catalogue.limit_of(session, case.id)


def test_what_the_board_promises_counts_before_the_law(session: Session) -> None:
    case = catalogue.cases_of(session, catalogue.version_in_force(session, 36, TODAY).id)[0]
    session.add(
        LimitSegmentRow(case_id=case.id, no=1, kind=LimitKind.COMMITTED, amount=4, unit=LimitUnit.WORKING_DAY)
    )
    session.commit()
    assert catalogue.limit_of(session, case.id).label == "04 ngày làm việc"


NAME = "Đăng ký nội quy lao động của doanh nghiệp"


@pytest.mark.parametrize(
    "written",
    [
        NAME,
        unicodedata.normalize("NFD", NAME),
        f"  {NAME.replace(' ', '   ')}\n",
        NAME.upper(),
        NAME.replace("doanh nghiệp", "doanh\u00a0nghiệp"),
    ],
)
def test_a_procedure_is_found_by_its_name(session: Session, written: str) -> None:
    found = catalogue.find_procedure_by_name(session, written)
    assert found is not None
    assert found.local_no == 41


def test_old_and_new_tone_marks_are_one_name(session: Session) -> None:
    name = (
        "Thủ tục chấp thuận chủ trương đầu tư của Uỷ ban nhân dân cấp tỉnh đối với dự án đầu tư "
        "xây dựng và kinh doanh sân gôn"
    )
    found = catalogue.find_procedure_by_name(session, name)
    assert found is not None
    assert found.local_no == 1


def test_the_name_of_any_version_finds_the_procedure(session: Session, now: datetime) -> None:
    new_version(session, 36, date(2025, 7, 1), now, name="Tên mới", name_folded="ten moi")
    found = catalogue.find_procedure_by_name(session, "Tên mới")
    assert found is not None
    assert found.local_no == 36
    assert catalogue.find_procedure_by_name(session, "Tên khác") is None
    assert catalogue.find_procedure_by_name(session, "") is None


def test_two_procedures_that_differ_by_marks_alone_need_the_exact_name(
    session: Session, now: datetime
) -> None:
    new_version(session, 36, date(2025, 7, 1), now, name="Cấp phép", name_folded="cap phep")
    new_version(session, 37, date(2025, 7, 1), now, name="Cập phép", name_folded="cap phep")
    found = catalogue.find_procedure_by_name(session, "Cập phép")
    assert found is not None
    assert found.local_no == 37
    assert catalogue.find_procedure_by_name(session, "CẬP PHÉP") is None


def test_a_procedure_is_found_by_its_code(session: Session) -> None:
    found = catalogue.find_procedure_by_code(session, " 2.001955 ")
    assert found is not None
    assert found.local_no == 41
    assert catalogue.find_procedure_by_code(session, "") is None
