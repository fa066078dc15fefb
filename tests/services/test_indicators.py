"""Indicators: the same for the domain and the database on random days, each number the size of its list."""

from __future__ import annotations

import contextlib
import io
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.conftest import Office
from tests.services.random_office import FIRST_DAY, LAST_DAY, Chance
from tthc.db.models import Attachment, Dossier, DossierSpan, EventRow
from tthc.domain.indicators import SETS, SetFacts, SetName, is_in
from tthc.domain.periods import ReportPeriod
from tthc.domain.permissions import Actor, NotAllowed
from tthc.domain.vocabulary import OFFICE_ZONE, Channel, DomainError, EventKind
from tthc.services import dossier_sets, dossiers, indicators
from tthc.services.dossier_sets import SetAsked
from tthc.services.dossiers import Call

DOSSIERS = 26


def attach(session: Session, dossier_id: int, kind: str, recorded_at: datetime, **more: object) -> None:
    session.add(
        Attachment(
            **{
                "unit_id": 1,
                "dossier_id": dossier_id,
                "kind": kind,
                "sha256": f"{recorded_at.timestamp():.0f}-{kind}".rjust(64, "0"),
                "size": 1,
                "media_type": "application/pdf",
                "name": "ban-so-hoa.pdf",
                "digitised": True,
                "recorded_at": recorded_at,
                **more,
            }
        )
    )


def attach_at_random(session: Session, chance: random.Random) -> list[tuple[int, str, date, date]]:
    """Copies of some dossiers' papers and results, some of them no digitised ones, some taken away again."""
    counted = []
    for dossier_id in session.scalars(select(Dossier.id).order_by(Dossier.id)).all():
        for kind in ("paper", "result", "letter"):
            if chance.random() < 0.5:
                on = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days))
                # The last and the first moment of a day at the office.
                clock = chance.choice([(0, 0, 0), (23, 59, 59)])
                recorded_at = datetime(on.year, on.month, on.day, *clock, tzinfo=OFFICE_ZONE).astimezone(UTC)
                digitised = chance.random() < 0.8
                gone = on + timedelta(days=chance.randrange(1, 60)) if chance.random() < 0.2 else None
                attach(
                    session,
                    dossier_id,
                    kind,
                    recorded_at,
                    digitised=digitised,
                    removed_at=gone and datetime(gone.year, gone.month, gone.day, tzinfo=OFFICE_ZONE),
                    removal_reason="Quét nhầm" if gone else "",
                )
                if digitised:
                    counted.append((dossier_id, kind, on, gone or date.max))
    session.commit()
    return counted


def ask_again(session: Session, actor: Actor) -> None:
    """Ask for supplements once more wherever that is possible, on the last evening."""
    now = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 23, 59, 59, tzinfo=OFFICE_ZONE)
    asked = {"missing": "Bản vẽ", "reason": "", "mode": None, "again": True}
    pending = select(Dossier.code).where(Dossier.ended_on.is_(None)).order_by(Dossier.id).limit(6)
    for code in session.scalars(pending).all():
        for verb, arguments in ((dossiers.receive_supplement, {}), (dossiers.request_supplement, asked)) * 2:
            version = session.scalars(select(Dossier.version).where(Dossier.code == code)).one()
            with contextlib.suppress(DomainError):
                verb(session, call=Call(now, actor, code, version), **arguments)


def facts_at(session: Session, on: date, copies: list[tuple[int, str, date, date]]) -> dict[int, SetFacts]:
    """What was true of every dossier at the end of a date, gathered without the program's queries."""
    asked = Counter(
        session.scalars(
            select(EventRow.dossier_id).where(
                EventRow.kind == EventKind.REQUEST_SUPPLEMENT, EventRow.occurred_on <= on
            )
        )
    )
    return {
        span.dossier_id: SetFacts(
            received_on=span.received_on,
            received_counted_on=span.received_counted_on,
            ended_on=span.ended_on,
            ended_counted_on=span.ended_counted_on,
            end_kind=span.end_kind,
            due_on=span.due_on,
            waiting=span.waiting,
            channel=span.channel,
            returned=span.returned,
            asked_twice=asked[span.dossier_id] > 1,
            papers_digitised=any(
                (one, kind) == (span.dossier_id, "paper") and day <= on < gone
                for one, kind, day, gone in copies
            ),
            result_digitised=any(
                (one, kind) == (span.dossier_id, "result") and day <= on < gone
                for one, kind, day, gone in copies
            ),
        )
        for span in session.scalars(select(DossierSpan).where(DossierSpan.known_to.is_(None)))
        if span.valid_from <= on and (span.valid_to is None or on < span.valid_to)
    }


def test_database_and_domain_agree_on_random_days_and_a_number_is_the_size_of_its_list(
    session: Session, actor: Callable[[str], Actor], tmp_path: Path
) -> None:
    chance = Chance(session, actor, 766, DOSSIERS, tmp_path)
    chance.run()
    ask_again(session, actor("supervisor"))
    copies = attach_at_random(session, chance.random)
    codes = dict(session.execute(select(Dossier.id, Dossier.code)).all())
    reporter = actor("reporter")
    seen: Counter[SetName] = Counter()
    periods = [(FIRST_DAY, LAST_DAY), (date(2024, 3, 15), date(2024, 4, 14)), (date(2024, 5, 15), LAST_DAY)]
    for from_on, to_on in periods:
        period = ReportPeriod(from_on, to_on)
        told = {
            name: {
                codes[dossier_id]
                for dossier_id, facts in facts_at(session, to_on, copies).items()
                if is_in(name, facts, from_on=from_on, at_on=to_on)
            }
            for name in SETS
        }
        table = indicators.build(session, actor=reporter, today=LAST_DAY, period=period)
        for row in table.rows:
            for name, number in (
                (row.indicator.numerator, row.numerator),
                (row.indicator.denominator, row.denominator),
            ):
                assert number == (None if name is None else len(told[name])), (from_on, row.indicator.key)
        for name, inside in told.items():
            found = dossier_sets.open_set(
                session, actor=reporter, today=LAST_DAY, asked=SetAsked(period, name), size=None
            )
            listed = [row.code for row in found.page.rows]
            assert (found.page.total, set(listed), len(listed)) == (len(inside), inside, len(inside))
            seen[name] += len(inside)
    assert set(seen) == set(SETS)
    assert min(seen.values()) > 0


def rows_of(office: Office, period: ReportPeriod) -> dict[str, indicators.IndicatorRow]:
    table = indicators.build(
        office.session, actor=office.person("auditor"), today=office.today, period=period
    )
    return {row.indicator.key: row for row in table.rows}


def test_a_second_request_is_late_whatever_the_appointment_says(sqlite_office: Office) -> None:
    office = sqlite_office
    office.stand("03/06")
    fine, twice, online = (
        office.receive(37, channel=channel) for channel in (Channel.COUNTER, Channel.POST, Channel.ONLINE)
    )
    for day, verb in (
        ("04/06", "request_supplement"),
        ("05/06", "receive_supplement"),
        ("06/06", "request_supplement"),
        ("07/06", "receive_supplement"),
    ):
        office.stand(day)
        office.act(verb, twice, **({"again": True} if verb == "request_supplement" else {}))
    for code in (fine, twice, online):
        office.act("resolve", code)
    attach(office.session, office.dossier(online).id, "result", office.now)
    office.session.commit()
    period = ReportPeriod(date(2024, 6, 1), date(2024, 6, 30), "Tháng 6")
    rows = rows_of(office, period)
    assert (rows["dung-han"].numerator, rows["dung-han"].denominator) == (2, 3)
    assert rows["bo-sung-nhieu-lan"].share == pytest.approx(1 / 3)
    assert rows["qua-han"].numerator == 0
    assert (rows["truc-tuyen"].numerator, rows["truc-tuyen"].marks) == (1, "Chưa đạt điểm tối đa (từ 50 %)")
    assert rows["so-hoa-ket-qua"].share == pytest.approx(1 / 3)
    assert (rows["dong-bo"].numerator, rows["dong-bo"].share, rows["dong-bo"].marks) == (None, None, "")
    # The file says what the page says.
    content = indicators.export(
        office.session, actor=office.person("reporter"), today=office.today, period=period
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    lines = {row[2]: row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)}
    assert len(lines) == len(rows)
    for row in rows.values():
        line = lines[row.indicator.label]
        expected = [row.numerator, row.denominator, row.share]
        assert list(line[3:6]) == ["–" if one is None else pytest.approx(one) for one in expected]
        assert line[7:9] == (row.indicator.formula, row.indicator.source)
    notes = [row[0] for row in sheet.iter_rows(values_only=True) if isinstance(row[0], str)]
    assert f"Kỳ chưa kết thúc; số liệu tính đến hết ngày {office.today:%d/%m/%Y}." in notes


def test_nothing_is_a_dash_and_a_period_to_come_is_refused(sqlite_office: Office) -> None:
    office = sqlite_office
    rows = rows_of(office, ReportPeriod(date(2024, 1, 1), date(2024, 1, 31)))
    assert {row.share for row in rows.values()} == {None}
    assert rows["dung-han"].denominator == 0
    with pytest.raises(DomainError, match="chưa bắt đầu"):
        rows_of(office, ReportPeriod(date(2024, 7, 1), date(2024, 7, 31)))
    nobody = Actor(account_id=3, unit_id=1, name="Cán bộ 98", roles=frozenset())
    with pytest.raises(NotAllowed):
        indicators.build(
            office.session,
            actor=nobody,
            today=office.today,
            period=ReportPeriod(office.today, office.today),
        )
