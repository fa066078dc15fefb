"""What must be known before a result is handed over, and how often somebody is to be reminded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.domain.seeded_office import COUNTING, on
from tthc.domain.hand_overs import (
    Authorisation,
    ComeBack,
    ComeBackReason,
    Delivery,
    ReceiptReturn,
    Receiver,
    came_back,
    settled,
    stage_ends,
    stage_of,
)
from tthc.domain.vocabulary import Channel, DomainError

DAY = date(2024, 6, 14)
SELF = Delivery(name=" Công dân  01 ", identity_checked=True, receipt=ReceiptReturn.TAKEN_BACK)
OTHER = replace(
    SELF,
    receiver=Receiver.AUTHORISED,
    id_number="001 099 000 001",
    paper_kind=Authorisation.INTRODUCTION,
    paper_no="12/GGT",
    paper_on=DAY,
)
LOST = replace(SELF, receipt=ReceiptReturn.LOST, loss_on=DAY)
POSTED = replace(SELF, way=Channel.POST, carrier="Bưu điện", tracking_no="ra 123 456 789 vn")


@pytest.mark.parametrize(
    ("told", "changed", "field"),
    [
        (SELF, {"name": " "}, "name"),
        (SELF, {"name": "x" * 301}, "name"),
        (SELF, {"identity_checked": False}, "identity_checked"),
        (SELF, {"receipt": None}, "receipt"),
        # A receipt was printed, so there is one to be taken back.
        (SELF, {"receipt": ReceiptReturn.NONE}, "receipt"),
        (OTHER, {"id_number": ""}, "id_number"),
        (OTHER, {"paper_kind": None}, "paper_kind"),
        (OTHER, {"paper_no": ""}, "paper_no"),
        (OTHER, {"paper_on": None}, "paper_on"),
        (OTHER, {"paper_on": date(2024, 6, 15)}, "paper_on"),
        (LOST, {"loss_on": None}, "loss_on"),
        (LOST, {"loss_on": date(2024, 6, 15)}, "loss_on"),
        (POSTED, {"carrier": ""}, "carrier"),
        (POSTED, {"tracking_no": "12"}, "tracking_no"),
        (POSTED, {"tracking_no": "SỐ 123456"}, "tracking_no"),
        (POSTED, {"tracking": {"H": "?"}}, "tracking_no"),
    ],
)
def test_what_is_missing_is_asked_for_at_its_field(
    told: Delivery, changed: dict[str, Any], field: str
) -> None:
    assert settled(told, on=DAY, printed=True, unpaid=False).name == "Công dân 01"
    with pytest.raises(DomainError) as refused:
        settled(replace(told, **changed), on=DAY, printed=True, unpaid=False)
    assert refused.value.field == field


def test_only_what_belongs_to_the_way_is_kept() -> None:
    everything = replace(OTHER, carrier="Bưu điện", tracking_no="RA123456789VN", loss_on=DAY)
    counter = settled(everything, on=DAY, printed=True, unpaid=False)
    assert (counter.carrier, counter.tracking_no, counter.loss_on) == ("", "", None)
    posted = settled(replace(everything, way=Channel.POST), on=DAY, printed=True, unpaid=False)
    assert (posted.receiver, posted.paper_kind, posted.identity_checked) == (Receiver.APPLICANT, None, False)
    assert (posted.receipt, posted.tracking_no) == (ReceiptReturn.NONE, "RA123456789VN")
    assert settled(POSTED, on=DAY, printed=True, unpaid=False).tracking_no == "RA123456789VN"
    online = settled(replace(everything, way=Channel.ONLINE), on=DAY, printed=True, unpaid=False)
    assert (online.tracking_no, online.carrier, online.id_number) == ("", "", "")
    own = settled(replace(OTHER, receiver=Receiver.APPLICANT), on=DAY, printed=True, unpaid=False)
    assert (own.paper_kind, own.paper_no, own.paper_on) == (None, "", None)


def test_fees_that_are_left_need_a_reason() -> None:
    with pytest.raises(DomainError) as refused:
        settled(SELF, on=DAY, printed=True, unpaid=True)
    assert refused.value.field == "fee_reason"
    why = replace(SELF, fee_reason="Nộp qua ngân hàng")
    assert settled(why, on=DAY, printed=True, unpaid=True).fee_reason
    assert settled(why, on=DAY, printed=True, unpaid=False).fee_reason == ""


@pytest.mark.parametrize(
    ("reason", "note", "way", "said", "field"),
    [
        (ComeBackReason.OTHER, "  ", Channel.POST, "Ghi lý do", "note"),
        (ComeBackReason.ABSENT, "x" * 501, Channel.POST, "Viết ngắn hơn", "note"),
        (ComeBackReason.ABSENT, "", Channel.COUNTER, "được trả trực tiếp", None),
        (ComeBackReason.ABSENT, "", Channel.ONLINE, "được trả trực tuyến", None),
        (ComeBackReason.ABSENT, "", None, "không được ghi là gửi bưu chính", None),
    ],
)
def test_only_what_was_posted_can_come_back_and_another_reason_is_told(
    reason: ComeBackReason, note: str, way: Channel | None, said: str, field: str | None
) -> None:
    told = ComeBack(ComeBackReason.OTHER, " Bì thư  rách ")
    assert came_back(told, Channel.POST) == ComeBack(ComeBackReason.OTHER, "Bì thư rách")
    assert came_back(ComeBack(ComeBackReason.REFUSED), Channel.POST).note == ""
    with pytest.raises(DomainError, match=said) as refused:
        came_back(ComeBack(reason, note), way)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("today", "days", "ends"),
    [
        ("2024-06-14", 2, ["2024-06-12", "2024-06-10", "2024-06-06"]),
        # On a Sunday nothing has changed since Friday evening.
        ("2024-06-16", 2, ["2024-06-12", "2024-06-10", "2024-06-06"]),
        ("2024-06-17", 1, ["2024-06-16", "2024-06-13", "2024-06-12"]),
        ("2024-06-14", 5, ["2024-06-09", "2024-06-02", "2024-05-26"]),
        ("2024-06-14", 0, []),
    ],
)
def test_until_when_a_result_must_be_ready_to_be_reminded_of(today: str, days: int, ends: list[str]) -> None:
    found = stage_ends(on(today), COUNTING, days)
    assert found == [on(end) for end in ends]
    for stage, end in enumerate(found, 1):
        assert stage_of(end, found) == stage
        assert COUNTING.working_days_between(end, on(today)) >= stage * days
    if found:
        assert stage_of(on(today), found) == 0
