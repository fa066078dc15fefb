"""Which dossiers an indicator counts, case by case, and how its share and its marks read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tthc.domain.indicators import INDICATORS, SETS, SetFacts, SetName, is_in, marks, share
from tthc.domain.vocabulary import Channel, EndKind

FROM, AT = date(2024, 6, 1), date(2024, 6, 30)
S = SetName

NEW = {S.HANDLED, S.RECEIVED_NEW}
DONE = {S.HANDLED, S.RESOLVED}


def d(day: int, month: int = 6) -> date:
    return date(2024, month, day)


def facts(received: date, due: date, ended: date | None = None, **more: Any) -> SetFacts:
    kind = more.pop("kind", EndKind.RESOLVED)
    return SetFacts(
        received_on=received,
        received_counted_on=received,
        ended_on=ended,
        ended_counted_on=ended,
        end_kind=kind if ended else None,
        due_on=due,
        waiting=more.pop("waiting", False),
        channel=more.pop("channel", Channel.COUNTER),
        **more,
    )


CASES = [
    ("resolved on its day", facts(d(3), d(10), d(10)), NEW | DONE | {S.HANDLED_ON_TIME}),
    ("resolved late", facts(d(3), d(10), d(11)), NEW | DONE | {S.HANDLED_LATE}),
    (
        "resolved in time, but asked twice to be supplemented",
        facts(d(3), d(10), d(7), asked_twice=True),
        NEW | DONE | {S.ASKED_TWICE},
    ),
    ("pending, due on the last day", facts(d(3), d(30)), NEW | {S.HANDLED_ON_TIME}),
    ("pending, overdue", facts(d(3), d(28)), NEW | {S.HANDLED_LATE}),
    (
        "waits lawfully, so that the request was its end",
        facts(d(3), d(10), waiting=True),
        NEW | {S.HANDLED_ON_TIME},
    ),
    (
        "waits for a second supplement",
        facts(d(3), d(10), waiting=True, asked_twice=True),
        NEW | {S.ASKED_TWICE},
    ),
    (
        "withdrawn after its appointment",
        facts(d(3), d(10), d(12), kind=EndKind.WITHDRAWN),
        NEW | {S.HANDLED_LATE},
    ),
    ("carried over", facts(d(3, 5), d(10), d(7)), DONE | {S.HANDLED_ON_TIME}),
    ("ended before", facts(d(3, 5), d(10, 5), d(31, 5), result_digitised=True), set()),
    (
        "online with a result",
        facts(d(3), d(10), d(7), channel=Channel.ONLINE, result_digitised=True, papers_digitised=True),
        NEW
        | DONE
        | {
            S.HANDLED_ON_TIME,
            S.RECEIVED_ONLINE,
            S.ONLINE_WITH_RESULT,
            S.RESULT_DIGITISED,
            S.PAPERS_DIGITISED,
        },
    ),
    (
        "carried over, online, digitised: no receipt of this period",
        facts(d(3, 5), d(30), channel=Channel.ONLINE, papers_digitised=True),
        {S.HANDLED, S.HANDLED_ON_TIME},
    ),
    (
        "by post is not online",
        facts(d(3), d(30), channel=Channel.POST, papers_digitised=True),
        NEW | {S.HANDLED_ON_TIME, S.PAPERS_DIGITISED},
    ),
]


@pytest.mark.parametrize(("one", "inside"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_dossier_is_in_the_sets_of_its_facts(one: SetFacts, inside: set[SetName]) -> None:
    assert {name for name in SETS if is_in(name, one, from_on=FROM, at_on=AT)} == inside


@pytest.mark.parametrize("one", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_a_numerator_is_part_of_its_denominator(one: SetFacts) -> None:
    for indicator in INDICATORS:
        assert (indicator.numerator is None) == (indicator.denominator is None)
        if indicator.numerator and indicator.denominator:
            inside = is_in(indicator.numerator, one, from_on=FROM, at_on=AT)
            assert not inside or is_in(indicator.denominator, one, from_on=FROM, at_on=AT)


def test_each_says_its_formula_its_source_and_why_it_is_not_there() -> None:
    assert len({one.key for one in INDICATORS}) == len(INDICATORS)
    for one in INDICATORS:
        assert one.label
        assert one.formula
        assert "766" in one.source
        assert one.numerator or one.note


def test_a_share_and_what_is_known_of_its_points() -> None:
    assert (share(1, 4), share(0, 4), share(0, 0)) == (0.25, 0.0, None)
    online = next(one for one in INDICATORS if one.key == "truc-tuyen")
    assert marks(online, 0.5) == "Đạt điểm tối đa (từ 50 %)"
    assert marks(online, 0.499) == "Chưa đạt điểm tối đa (từ 50 %)"
    assert marks(online, None) == ""
    on_time = next(one for one in INDICATORS if one.code == "2.1")
    assert marks(on_time, 1.0) == ""
