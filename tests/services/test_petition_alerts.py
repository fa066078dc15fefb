"""Alerts of petitions: raised by the sweep by their typed dates, gone with an answer, shown on the board."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.services.conftest import Office, in_brief
from tests.services.conftest import swept as sweep
from tests.services.petition_desk import PENDING, answer, correct, publish, record, transfer
from tests.services.settings_desk import change_setting
from tthc.db.models import Alert, JobRun
from tthc.domain.settings import PETITION_NOTICE
from tthc.domain.vocabulary import DomainError, OverdueReason, SubjectKind
from tthc.services import alert_board, alerts
from tthc.services.alert_board import BoardFilter


def raised(office: Office, petition_id: int) -> list[str]:
    """The alerts of a petition in brief, oldest first."""
    office.session.rollback()
    rows = office.session.scalars(
        select(Alert)
        .where(Alert.subject_kind == SubjectKind.PETITION, Alert.subject_id == petition_id)
        .order_by(Alert.id)
    )
    return [in_brief(row) for row in rows]


def received(office: Office, when: str = "10/06", **more: Any) -> int:
    """Received on a Monday, due on Monday 17/06/2024: soon from Thursday 13/06 on."""
    office.stand(when)
    return record(office, **{"due_on": date(2024, 6, 17), **more})


def board(office: Office, **filters: Any) -> Any:
    return alert_board.get_board(
        office.session, actor=office.person("supervisor"), now=office.now, chosen=BoardFilter(**filters)
    )


def test_due_soon_then_overdue_each_once(office: Office) -> None:
    petition_id = received(office)
    for day in ("12/06", "13/06", "13/06 18:00", "14/06", "17/06 23:59", "18/06", "19/06"):
        sweep(office, day)
    assert raised(office, petition_id) == [
        "13/06 soon 2",
        "14/06 soon 1",
        "17/06 today",
        "18/06 late 1",
        "18/06 overdue",
    ]
    run = office.session.scalars(select(JobRun).order_by(JobRun.id.desc())).first()
    assert run is not None
    assert (run.counts_json["petitions"], run.counts_json["examined"]) == (1, 0)


def test_missed_days_are_made_up_for(office: Office) -> None:
    sweep(office, "07/06")
    petition_id, answered = received(office), received(office)
    office.stand("14/06 16:00")
    answer(office, answered)
    office.stand("20/06")
    late = record(office, received_at=office.at("05/06"), due_on=date(2024, 6, 12))
    result = office.sweep()
    assert (result.raised, result.failed) == (
        {"due_soon": 3, "due_today": 1, "overdue": 1, "escalated": 3},
        0,
    )
    assert raised(office, petition_id) == [
        "13/06 soon 2",
        "14/06 soon 1",
        "17/06 today",
        "18/06 late 1",
        "18/06 overdue",
        "20/06 late 3",
    ]
    assert raised(office, answered) == ["13/06 soon 2 gone"], "withdrawn at once: it was answered since"
    assert raised(office, late) == ["20/06 late 5"], "known since today only"


def test_the_office_says_how_early(sqlite_office: Office) -> None:
    office = sqlite_office
    office.stand("10/06")
    change_setting(office, PETITION_NOTICE, 4)
    petition_id = received(office)
    sweep(office, "11/06")
    assert raised(office, petition_id) == ["11/06 soon 4"]


@pytest.mark.parametrize("deed", [answer, transfer])
def test_an_alert_goes_with_the_end(office: Office, deed: Callable[..., None]) -> None:
    petition_id = received(office)
    other = received(office)
    sweep(office, "18/06")
    deed(office, petition_id)
    assert raised(office, petition_id) == ["18/06 late 1 gone", "18/06 overdue gone"]
    assert raised(office, other) == ["18/06 late 1", "18/06 overdue"]
    assert sweep(office, "19/06") == {}
    assert [row.petition_id for row in board(office).page.rows] == [other]


def test_publishing_brings_nothing_back(sqlite_office: Office) -> None:
    petition_id = received(sqlite_office)
    sweep(sqlite_office, "18/06")
    answer(sqlite_office, petition_id)
    publish(sqlite_office, petition_id)
    assert raised(sqlite_office, petition_id) == ["18/06 late 1 gone", "18/06 overdue gone"]


def test_a_corrected_date_is_alerted_anew(office: Office) -> None:
    petition_id = received(office)
    sweep(office, "18/06")
    correct(office, petition_id, due_on=date(2024, 6, 20))
    assert raised(office, petition_id) == ["18/06 late 1 gone", "18/06 overdue gone"]
    assert sweep(office, "18/06 15:00") == {"due_soon": 1}
    correct(office, petition_id, subject="Phản ánh khác")
    assert raised(office, petition_id)[2:] == ["18/06 soon 2"], "the date was not touched"


def test_what_is_pending_again_is_alerted_again(office: Office) -> None:
    petition_id = received(office)
    sweep(office, "18/06")
    answer(office, petition_id)
    correct(office, petition_id, state=PENDING, ended_on=None, answer="")
    assert sweep(office, "19/06") == {"escalated": 1}
    assert raised(office, petition_id)[2:] == ["19/06 late 1"]


def test_an_alert_that_slipped_in_beside_an_answer_is_not_shown(sqlite_office: Office) -> None:
    """As a sweep leaves it that did not see the answer which was being written at the same moment."""
    office = sqlite_office
    petition_id = received(office)
    sweep(office, "18/06")
    answer(office, petition_id)
    office.session.execute(update(Alert).values(withdrawn_at=None))
    office.session.commit()
    assert board(office).page.rows == []
    assert board(office).sizes.unanswered == 0
    assert sweep(office, "19/06") == {"withdrawn": 2}


def test_the_board_shows_petitions_among_dossiers(office: Office) -> None:
    office.stand("10/06")
    code = office.receive(37)
    anonymous = received(office, applicant=None, subject="Kiến nghị bỏ giấy tờ")
    named = received(office)
    sweep(office, "18/06")
    shown = board(office)
    assert [(row.code, row.petition_id) for row in shown.page.rows] == [
        (code, None),
        ("PAKN-2024-0001", anonymous),
        ("PAKN-2024-0002", named),
    ]
    first = shown.page.rows[1]
    assert (first.applicant, first.procedure, first.officer) == (
        "Không nêu tên",
        "Kiến nghị bỏ giấy tờ",
        None,
    )
    assert (first.remaining, first.appointments) == ("quá hạn 01 ngày làm việc", [])
    assert shown.page.rows[2].applicant == "Doanh nghiệp 900"
    assert (shown.sizes.unanswered, shown.page.total, shown.last_run.petitions) == (3, 3, 2)


def test_a_supervisor_answers_for_it(sqlite_office: Office) -> None:
    office = sqlite_office
    petition_id = received(office)
    sweep(office, "18/06")
    alert_id = board(office).page.rows[0].id

    def acknowledge() -> None:
        alerts.acknowledge_alert(
            office.session,
            now=office.now,
            actor=office.person("supervisor"),
            alert_id=alert_id,
            reason_code=OverdueReason.OTHER,
            reason="Chờ cơ quan phối hợp",
            promised_on=office.on("20/06"),
        )

    acknowledge()
    [row] = board(office, answered=True).page.rows
    assert (row.petition_id, row.answer.reason, row.answer.by) == (
        petition_id,
        "Chờ cơ quan phối hợp",
        "Lãnh đạo 01",
    )
    answer(office, petition_id)
    with pytest.raises(DomainError, match="đã tự rút"):
        acknowledge()


def test_the_queries_of_sweep_and_board_do_not_grow(
    sqlite_office: Office, counting: Callable[..., Any]
) -> None:
    office = sqlite_office
    sizes = []
    for _ in range(2):
        for _ in range(4):
            received(office)
        office.stand("18/06")
        with counting(office.session) as swept:
            office.sweep()
        with counting(office.session) as shown:
            assert board(office).page.rows
        sizes.append((len(swept), len(shown)))
    assert sizes[0] == sizes[1]
