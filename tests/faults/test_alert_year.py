"""Evenings on which nothing runs, runners that are killed, several at once: the alerts stay the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from heapq import heappop
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.forked import Forked
from tests.processes import start_source
from tthc.db.models import Alert, Consultation, Dossier, DueDateRow, JobRun, Step, Supplement
from tthc.db.session import engine_options, prepare_engine
from tthc.domain.permissions import system_actor
from tthc.domain.settings import UNANSWERED_DAYS
from tthc.domain.vocabulary import OFFICE_ZONE, DomainError, SubjectKind
from tthc.services import alerts, settings

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import bench_office

LONG = os.environ.get("TTHC_TEST_LONG") == "1"
DOSSIERS, DAYS, KILLS = (5000, 366, 40) if LONG else (24, 32, 2)
FIRST = date(2023, 6, 1)

Runner = subprocess.Popen[bytes] | Forked
#: Sweeps whenever it is told a moment, in small portions, so that a kill finds it between two of them.
RUNNER = """
import sys
from datetime import datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from tthc.db.session import engine_options, prepare_engine
from tthc.domain.permissions import system_actor
from tthc.services import alerts

alerts.CHUNK = int(sys.argv[2])
engine = create_engine(sys.argv[1], **engine_options(sys.argv[1]))
prepare_engine(engine)
print("ready", flush=True)
for line in sys.stdin:
    with Session(engine) as session:
        alerts.sweep(session, now=datetime.fromisoformat(line.strip()), actor=system_actor(1))
    print("done", flush=True)
"""

Told = tuple[str, str, int, int, str, int, date, bool]


class Year(bench_office.Life):
    """The life of an office, with something to do every evening."""

    def live(self, evening: Callable[[datetime], None]) -> None:
        settings.change_setting(
            self.session,
            now=datetime.combine(FIRST, datetime.min.time(), OFFICE_ZONE),
            actor=self.system,
            setting=UNANSWERED_DAYS,
            value=3,
            valid_from=FIRST,
            reason="Để năm thử có yêu cầu bổ sung bị bỏ quên",
        )
        for number in range(DOSSIERS):
            day = FIRST + timedelta(days=number * (DAYS - 10) // DOSSIERS)
            self._at(self._moment(day, 0), str(number + 1), self._receive)
        for offset in range(DAYS):
            night = datetime.combine(FIRST + timedelta(days=offset), datetime.min.time(), OFFICE_ZONE)
            night += timedelta(hours=20)
            while self._waiting and self._waiting[0][0] < night:
                moment, _, name, move = heappop(self._waiting)
                with suppress(DomainError):
                    move(moment, name)
            self.session.rollback()
            evening(night)


class Runners:
    """Processes that sweep: some nights none, some nights several at once, some are killed on the way."""

    def __init__(self, url: str) -> None:
        self.url, self.chance = url, random.Random(11)
        self.alive: list[Runner] = []
        self.off = self.together = self.killed_midway = 0
        #: A kill comes after so many seconds at most: sooner after one that came too late, else later.
        self.patience = 0.06

    def evening(self, now: datetime) -> None:
        # The days before the first sweep of all are made up for by nobody.
        if self.alive and self.chance.random() < 0.25:
            self.off += 1
            return
        wanted = self.chance.choice((1, 1, 2, 3))
        self.together += wanted > 1
        runners = [self._runner(place) for place in range(wanted)]
        for runner in runners:
            self._tell(runner, now)
        if self.killed_midway < KILLS and wanted == 1:
            time.sleep(self.chance.uniform(0.1, 1) * self.patience)
            runners[0].kill()
            midway = self._said(runners[0]) == ""
            self.killed_midway += midway
            if not midway:
                # It was done already; after its last word there is only its end.
                assert self._said(runners[0]) == ""
            self.patience *= 1.2 if midway else 0.6
            self.alive.remove(runners[0])
            return
        assert [self._said(runner) for runner in runners] == ["done"] * wanted

    def last(self, now: datetime) -> None:
        """One that is left alone."""
        self._tell(self._runner(0), now)
        assert self._said(self.alive[0]) == "done"

    def close(self) -> None:
        for runner in self.alive:
            runner.kill()
            self._said(runner)

    def _runner(self, place: int) -> Runner:
        while len(self.alive) <= place:
            runner = start_source(RUNNER, self.url, "500" if LONG else "3")
            self.alive.append(runner)
            assert self._said(runner) == "ready"
        return self.alive[place]

    @staticmethod
    def _tell(runner: Runner, now: datetime) -> None:
        assert runner.stdin is not None
        runner.stdin.write(f"{now.isoformat()}\n".encode())
        runner.stdin.flush()

    @staticmethod
    def _said(runner: Runner) -> str:
        assert runner.stdout is not None
        line = runner.stdout.readline().decode().strip()
        if not line:
            runner.wait(30)
            assert runner.stdin is not None
            runner.stdin.close()
            runner.stdout.close()
        return line


@contextmanager
def opened(url: str) -> Iterator[Session]:
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def told(session: Session) -> Counter[Told]:
    """Every alert: kind, code, place among its kind, number of the date, stage, threshold, day, withdrawn."""
    session.rollback()
    codes = dict(session.execute(select(Dossier.id, Dossier.code)).all())
    asked = {
        kind: dict(session.execute(select(table.id, table.dossier_id)).all())
        for kind, table in ((SubjectKind.CONSULTATION, Consultation), (SubjectKind.SUPPLEMENT, Supplement))
    }
    steps = {row.id: row for row in session.execute(select(Step.id, Step.dossier_id, Step.no))}
    found: Counter[Told] = Counter()
    for alert, no in session.execute(
        select(Alert, DueDateRow.no).join(DueDateRow, DueDateRow.id == Alert.due_date_id)
    ):
        dossier_id, place = alert.subject_id, 0
        if alert.subject_kind is SubjectKind.STEP:
            dossier_id, place = steps[alert.subject_id].dossier_id, steps[alert.subject_id].no
        elif alert.subject_kind in asked:
            of = asked[alert.subject_kind]
            dossier_id = of[alert.subject_id]
            place = sum(1 for one, its in of.items() if its == dossier_id and one < alert.subject_id)
        found[
            alert.subject_kind.value,
            codes[dossier_id],
            place,
            no,
            alert.stage.value,
            alert.threshold,
            alert.for_on,
            alert.withdrawn_at is not None,
        ] += 1
    return found


@pytest.fixture(scope="module")
def uninterrupted(sqlite_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Counter[Told]:
    """The alerts of an office in which every evening was swept."""
    with opened(sqlite_databases.lend("seeded", tmp_path_factory.mktemp("year"))) as session:
        year = Year(session, bench_office.open_office(session))
        year.live(lambda now: alerts.sweep(session, now=now, actor=system_actor(1)) and None)
        return told(session)


@pytest.mark.long
def test_the_alerts_are_those_of_a_year_without_interruption(
    uninterrupted: Counter[Told], database_url: str
) -> None:
    runners = Runners(database_url)
    try:
        with opened(database_url) as session:
            Year(session, bench_office.open_office(session)).live(runners.evening)
            runners.last(datetime.combine(FIRST + timedelta(days=DAYS - 1), datetime.max.time(), OFFICE_ZONE))
            found = told(session)
            assert not session.scalars(select(Alert.id).where(Alert.untold)).all()
            done = {
                row.for_on for row in session.execute(select(JobRun.for_on).where(JobRun.state == "done"))
            }
    finally:
        runners.close()
    assert runners.killed_midway == KILLS
    assert runners.off >= DAYS // 8
    assert runners.together >= DAYS // 8
    assert done == {FIRST + timedelta(days=offset) for offset in range(DAYS)}
    stages = Counter(one[4] for one in uninterrupted)
    assert all(stages[stage] for stage in ("due_soon", "due_today", "overdue", "escalated")), stages
    assert {one[0] for one in uninterrupted} >= {"dossier", "step", "supplement"}
    assert found == uninterrupted
    assert set(found.values()) == {1}
