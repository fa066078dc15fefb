"""Correction of the receipt: due date, spans of the open period and printed form follow (domain.md 4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.services.dossier_desk import received
from tthc.db.models import Alert, Document, DossierSpan, DueDateRow, PeriodClose, ProcedureCase
from tthc.domain.permissions import NotAllowed
from tthc.domain.tallies import CellName
from tthc.domain.vocabulary import (
    Channel,
    CloseState,
    DomainError,
    DueCause,
    EventKind,
    Outcome,
    SubjectKind,
    SupplementMode,
    Timeliness,
)
from tthc.services import corrections, dossiers, extensions, history, receipts, tallies
from tthc.services.corrections import Correction
from tthc.services.transaction import StaleVersion, transaction

N = CellName


def as_it_is(office: Any, code: str, **change: Any) -> Correction:
    """The facts as they stand, with what a test changes; another procedure takes its usual case."""
    dossier = office.dossier(code)
    if "local_no" in change:
        change["procedure_id"] = office.procedure_id(change.pop("local_no"))
    facts: dict[str, Any] = {
        "procedure_id": dossier.procedure_id,
        "case_id": None if "procedure_id" in change or "channel" in change else dossier.case_id,
        "channel": dossier.channel,
        "received_at": dossier.received_at,
        **change,
    }
    return Correction(**facts)


def correct(office: Any, code: str, by: str = "supervisor", reason: str = "Nhập nhầm", **change: Any) -> Any:
    correction = as_it_is(office, code, **change)
    corrections.correct_dossier(
        office.session, call=office.call(code, by), correction=correction, reason=reason
    )
    return office.dossier(code)


def dates(office: Any, code: str) -> tuple[str, str, str]:
    dossier = office.dossier(code)
    return tuple(  # type: ignore[return-value]
        f"{on:%d/%m}" for on in (dossier.due_on, dossier.first_due_on, dossier.appointment_on)
    )


def cell(office: Any, name: CellName, from_on: str, to_on: str, row: int | None = None) -> int:
    tally = tallies.build_tally(
        office.session,
        actor=office.person("reporter"),
        today=office.today,
        asked=tallies.Asked(office.on(from_on), office.on(to_on), "procedure"),
    )
    if row is None:
        return tally.total.cells[name]
    return next((one.cells[name] for one in tally.rows if one.key == row), 0)


def close_until(office: Any, last: str) -> None:
    with transaction(office.session):
        office.session.add(
            PeriodClose(
                unit_id=1,
                from_on=date(2024, 1, 1),
                to_on=office.on(last),
                no=1,
                state=CloseState.CLOSED,
                figures_json={},
                checksum="0" * 64,
                at=office.now,
            )
        )


def spans(office: Any, code: str, known_at: datetime | None = None) -> list[DossierSpan]:
    query = select(DossierSpan).where(DossierSpan.dossier_id == office.dossier(code).id)
    if known_at is None:
        query = query.where(DossierSpan.known_to.is_(None))
    else:
        query = query.where(
            DossierSpan.known_from <= known_at,
            DossierSpan.known_to.is_(None) | (DossierSpan.known_to > known_at),
        )
    return list(office.session.scalars(query.order_by(DossierSpan.valid_from)))


# --- what is corrected --------------------------------------------------------------------------------


def test_a_wrong_procedure(office: Any) -> None:
    code = received(office)
    office.stand("11/06")
    office.act("start", code)
    office.stand("12/06 10:00")
    dossier = correct(office, code, local_no=41)
    assert dossier.procedure_id == office.procedure_id(41)
    assert office.session.get_one(ProcedureCase, dossier.case_id).version_id == dossier.version_id
    # 07 working days instead of 05.
    assert dates(office, code) == ("19/06", "19/06", "19/06")
    assert (dossier.code, dossier.register_no) == (code, 1)
    view = office.view(code)
    assert view.row.procedure_no == 41
    assert view.row.sector == "Lao động"
    assert [promise.cause for promise in view.promises] == [DueCause.INTAKE, DueCause.CORRECTION]
    assert view.promises[-1].in_force
    assert sum(day.counted for day in view.explanation) == 7
    assert office.kinds(code) == ["receive", "start", "correct"]
    assert dossier.version == 3
    assert office.codes(q="nội quy lao động") == [code] or office.codes(
        procedure_id=dossier.procedure_id
    ) == [code]


def test_a_wrong_time_of_receipt(office: Any) -> None:
    code = received(office, "10/06 10:00")
    dossier = correct(office, code, received_at=office.at("07/06 17:40"))
    # After hours on Friday: counted as received on Monday, so the date stays.
    assert dates(office, code) == ("17/06", "17/06", "17/06")
    assert (dossier.received_on, dossier.clock_start_on) == (office.on("07/06"), office.on("10/06"))
    assert (dossier.submitted_at, dossier.received_at) == (office.at("07/06 17:40"), office.at("07/06 17:40"))
    assert len(office.view(code).promises) == 1
    dossier = correct(office, code, received_at=office.at("07/06 10:00"))
    assert dates(office, code) == ("14/06", "14/06", "14/06")
    assert dossier.clock_start_on == office.on("07/06")
    assert code.split("-")[1] == "240610", "one dossier, one code"


def test_a_wrong_channel(office: Any) -> None:
    code = received(office)
    dossier = correct(office, code, channel=Channel.ONLINE)
    assert (dossier.channel, dossier.due_on) == (Channel.ONLINE, office.on("17/06"))
    assert cell(office, N.RECEIVED_ONLINE, "01/06", "30/06") == 1
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/06", "30/06") == 0


def test_a_date_may_come_earlier(office: Any) -> None:
    code = received(office, local_no=2)
    later = office.dossier(code).due_on
    correct(office, code, local_no=37)
    assert office.dossier(code).due_on == office.on("17/06") < later


def test_what_ended_is_judged_anew(office: Any) -> None:
    code = received(office)
    office.stand("18/06 10:00")
    office.act("resolve", code)
    assert office.view(code).row.timeliness is Timeliness.LATE
    correct(office, code, local_no=41)
    assert office.view(code).row.timeliness is Timeliness.EARLY
    assert cell(office, N.LATE, "01/06", "30/06") == 0
    assert cell(office, N.EARLY, "01/06", "30/06", office.procedure_id(41)) == 1


def test_twice(office: Any) -> None:
    code = received(office)
    correct(office, code, local_no=41)
    office.stand("11/06")
    correct(office, code, local_no=37)
    assert dates(office, code) == ("17/06", "17/06", "17/06")
    assert [promise.cause for promise in office.view(code).promises] == [
        DueCause.INTAKE,
        DueCause.CORRECTION,
        DueCause.CORRECTION,
    ]


# --- what happened in between -------------------------------------------------------------------------


def test_a_pause_stays_and_the_limit_is_another(office: Any) -> None:
    code = received(office)
    office.stand("11/06 10:00")
    office.act("pause", code)
    office.stand("13/06 15:00")
    office.act("resume", code)
    assert dates(office, code)[0] == "19/06"
    correct(office, code, local_no=41)
    assert dates(office, code) == ("21/06", "21/06", "21/06")


def test_a_request_that_seemed_late_was_in_time(office: Any) -> None:
    code = received(office)
    office.stand("18/06 10:00")
    office.act("request_supplement", code, mode=SupplementMode.RESTART)
    assert not office.dossier(code).waiting
    correct(office, code, local_no=41)
    assert office.dossier(code).waiting
    office.stand("20/06 10:00")
    office.act("receive_supplement", code)
    # Begun anew on 20/06, 07 working days.
    assert dates(office, code) == ("01/07", "01/07", "01/07")


def test_a_request_that_was_answered_counts_as_it_would_have(office: Any) -> None:
    """Late under five days, in time under seven: the restart moves the date after all."""
    code = received(office)
    office.stand("18/06 10:00")
    office.act("request_supplement", code, mode=SupplementMode.RESTART)
    office.stand("20/06 10:00")
    office.act("receive_supplement", code)
    assert dates(office, code)[0] == "17/06", "nothing cures a passed due date"
    correct(office, code, local_no=41)
    assert dates(office, code) == ("01/07", "01/07", "01/07")
    assert office.view(code).explanation[-1].date == office.on("01/07")


def test_a_letter_that_was_in_time_is_not_any_more(office: Any) -> None:
    code = received(office, local_no=41)
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("28/06"), reason="Chờ ý kiến"
    )
    office.stand("17/06 10:00")
    extensions.approve_extension(office.session, call=office.call(code))
    assert dates(office, code) == ("28/06", "19/06", "28/06")
    correct(office, code, local_no=37)
    assert dates(office, code) == ("17/06", "17/06", "28/06")


def test_an_extension_survives_with_the_date_of_its_letter(office: Any) -> None:
    code = received(office)
    extensions.propose_extension(
        office.session, call=office.call(code, "officer"), new_due_on=office.on("28/06"), reason="Chờ ý kiến"
    )
    extensions.approve_extension(office.session, call=office.call(code))
    correct(office, code, local_no=41)
    assert dates(office, code) == ("28/06", "19/06", "28/06")
    assert office.view(code).explanation[-1].date == office.on("28/06")


def test_an_appointment_from_a_file_stays_while_the_count_is_the_same(office: Any) -> None:
    code = received(office)
    with transaction(office.session):
        history.record(
            office.session,
            now=office.now,
            actor=office.person("clerk"),
            dossier=office.dossier(code),
            what=history.Happening(
                EventKind.SET_APPOINTMENT, office.now, appointment=office.at("20/06 17:00"), imported=True
            ),
        )
    correct(office, code, received_at=office.at("10/06 09:00"))
    assert dates(office, code)[0] == "20/06"
    correct(office, code, received_at=office.at("07/06 09:00"))
    assert dates(office, code)[0] == "14/06"


# --- tallies ------------------------------------------------------------------------------------------


def test_an_open_period_follows(office: Any) -> None:
    code = received(office)
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/06", "30/06", office.procedure_id(37)) == 1
    office.stand("12/06 10:00")
    before = office.now
    correct(office, code, local_no=41, received_at=office.at("31/05 10:00"))
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/06", "30/06", office.procedure_id(37)) == 0
    assert cell(office, N.CARRIED_OVER, "01/06", "30/06", office.procedure_id(41)) == 1
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/05", "31/05", office.procedure_id(41)) == 1
    assert [span.procedure_id for span in spans(office, code)] == [office.procedure_id(41)] * 2
    # What was known before stays readable.
    earlier = spans(office, code, known_at=before.astimezone(UTC).replace(hour=0))
    assert [span.procedure_id for span in earlier] == [office.procedure_id(37)]


def test_a_closed_period_stays(office: Any) -> None:
    code = received(office, "27/05")
    office.stand("03/06 08:00")
    close_until(office, "31/05")
    before = cell(office, N.RECEIVED_COUNTER_POST, "01/05", "31/05", office.procedure_id(37))
    correct(office, code, local_no=41)
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/05", "31/05", office.procedure_id(37)) == before == 1
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/05", "31/05", office.procedure_id(41)) == 0
    # From the first open day on it belongs to the other row.
    assert cell(office, N.CARRIED_OVER, "01/06", "30/06", office.procedure_id(37)) == 0
    assert cell(office, N.CARRIED_OVER, "01/06", "30/06", office.procedure_id(41)) == 1
    assert [(span.valid_from, span.valid_to) for span in spans(office, code)][:2] == [
        (office.on("27/05"), office.on("01/06")),
        (office.on("01/06"), office.on("03/06")),
    ]


def test_received_before_the_close_but_entered_for_an_open_day(office: Any) -> None:
    """A receipt that is moved back into a closed month counts on the first open day."""
    code = received(office, "05/06")
    close_until(office, "31/05")
    dossier = correct(office, code, received_at=office.at("30/05 10:00"))
    assert dossier.received_on == office.on("30/05")
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/05", "31/05") == 0
    assert cell(office, N.RECEIVED_COUNTER_POST, "01/06", "30/06") == 1
    assert {span.received_counted_on for span in spans(office, code)} == {office.on("01/06")}


def test_the_alert_of_the_wrong_date_goes_out(office: Any) -> None:
    code = received(office)
    office.stand("18/06 08:00")
    office.sweep()
    open_alerts = select(Alert).where(Alert.withdrawn_at.is_(None), Alert.subject_kind == "dossier")
    assert office.session.scalars(open_alerts).all()
    correct(office, code, local_no=2)
    assert not office.session.scalars(open_alerts).all()


def test_the_receipt_is_replaced(office: Any) -> None:
    code = received(office)
    actor = office.person("clerk")
    receipts.print_receipt(office.session, now=office.now, actor=actor, code=code)
    correct(office, code, local_no=41)
    receipts.print_receipt(office.session, now=office.now, actor=actor, code=code)
    first, second = office.session.scalars(select(Document).order_by(Document.no)).all()
    assert first.replaced_by_id == second.id


# --- what is refused ----------------------------------------------------------------------------------


def test_nothing_differs(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    before = sqlite_office.everything()
    with pytest.raises(DomainError, match="Chưa có gì khác"):
        correct(sqlite_office, code)
    assert sqlite_office.everything() == before


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("10/06 09:31", "không được sau hiện tại"),
        ("09/06 10:00", ""),
    ],
)
def test_the_time_lies_before_now(sqlite_office: Any, when: str, words: str) -> None:
    office = sqlite_office
    code = received(office)
    if not words:
        assert correct(office, code, received_at=office.at(when)).received_on == office.on("09/06")
        return
    with pytest.raises(DomainError, match=words) as refusal:
        correct(office, code, received_at=office.at(when))
    assert refusal.value.field == "received_at"


def test_the_time_lies_before_what_followed(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("11/06 10:00")
    office.act("start", code)
    office.stand("12/06 10:00")
    with pytest.raises(
        DomainError, match="trước “bắt đầu xử lý” đã ghi lúc 10:00 ngày 11/06/2024"
    ) as refusal:
        correct(office, code, received_at=office.at("11/06 10:01"))
    assert refusal.value.field == "received_at"


def test_a_case_of_another_procedure(sqlite_office: Any) -> None:
    office = sqlite_office
    code, other = received(office), received(office, local_no=41)
    with pytest.raises(DomainError, match="không thuộc thủ tục") as refusal:
        correct(office, code, local_no=41, case_id=office.dossier(code).case_id)
    assert refusal.value.field == "case_id"
    assert office.dossier(other).version == 1


def test_an_unverified_limit_is_confirmed(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    with pytest.raises(DomainError) as refusal:
        correct(office, code, local_no=15)
    assert refusal.value.field == "confirm_unverified"
    correct(office, code, local_no=15, confirm_unverified=True)
    assert office.view(code).row.procedure_no == 15


def test_a_reason_is_given(sqlite_office: Any) -> None:
    code = received(sqlite_office)
    with pytest.raises(DomainError, match="lý do đính chính") as refusal:
        correct(sqlite_office, code, local_no=41, reason=" ")
    assert refusal.value.field == "reason"


def test_the_desk_mends_on_the_same_day_and_a_supervisor_later(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("10/06 16:59")
    correct(office, code, by="clerk", local_no=41)
    office.stand("11/06 07:30")
    with pytest.raises(NotAllowed, match="chỉ lãnh đạo"):
        correct(office, code, by="clerk", local_no=37)
    for role in ("officer", "reporter", "admin", "auditor"):
        with pytest.raises(NotAllowed):
            correct(office, code, by=role, local_no=37)
    correct(office, code, by="supervisor", local_no=37)


def test_an_older_page_corrects_nothing(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    call = office.call(code)
    dossiers.start_dossier(office.session, call=call)
    correction = as_it_is(office, code, local_no=41)
    with pytest.raises(StaleVersion):
        corrections.correct_dossier(office.session, call=call, correction=correction, reason="Nhập nhầm")


def test_a_preview_says_what_the_correction_does(office: Any) -> None:
    code = received(office)
    before = office.everything()
    correction = as_it_is(office, code, local_no=41)
    preview = corrections.preview_correction(office.session, call=office.call(code), correction=correction)
    assert (preview.old_due_on, preview.new_due_on) == (office.on("17/06"), office.on("19/06"))
    assert preview.limit_label == "07 ngày làm việc"
    assert office.everything() == before
    correct(office, code, local_no=41)
    assert office.dossier(code).due_at == preview.due_at


def test_a_filing_is_not_accepted_before_it_was_filed(office: Any) -> None:
    code = received(office)
    dossier = office.dossier(code)
    dossier.submitted_at = office.at("08/06 20:00")
    office.session.commit()
    with pytest.raises(DomainError, match="phải từ lúc nộp") as refusal:
        correct(office, code, received_at=office.at("08/06 10:00"))
    assert refusal.value.field == "received_at"


def test_every_promise_stays_on_record(office: Any) -> None:
    code = received(office)
    correct(office, code, local_no=41)
    rows = office.session.scalars(
        select(DueDateRow)
        .where(
            DueDateRow.subject_kind == SubjectKind.DOSSIER, DueDateRow.subject_id == office.dossier(code).id
        )
        .order_by(DueDateRow.no)
    ).all()
    assert [f"{row.due_on:%d/%m}" for row in rows] == ["17/06", "19/06"]
    assert rows[0].event_id != rows[1].event_id


def test_nothing_happens_before_the_receipt_that_a_correction_tells(sqlite_office: Any) -> None:
    office = sqlite_office
    code = received(office)
    office.stand("14/06")
    call = replace(office.call(code, "supervisor"), occurred_at=office.at("11/06 09:00"))
    moved = as_it_is(office, code, received_at=office.at("12/06 09:00"))
    corrections.correct_dossier(office.session, call=call, correction=moved, reason="Nhập nhầm")
    with pytest.raises(DomainError, match="từ 09:00 ngày 12/06/2024 trở đi"):
        office.act("resolve", code, occurred="11/06 10:00", outcome=Outcome.GRANTED)
    office.act("resolve", code, occurred="12/06 10:00", outcome=Outcome.GRANTED)
