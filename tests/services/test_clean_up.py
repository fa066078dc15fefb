"""The daily clean-up: each kind by its age, and none kept from it by another."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text

from tests.services.conftest import Office
from tests.services.settings_desk import change_setting
from tthc.db.models import JobRun, LookupCount
from tthc.domain.settings import KEEP_DRAFTS
from tthc.services import clean_up, drafts
from tthc.services.clean_up import Places
from tthc.services.paper_store import PaperStore


def run(office: Office, places: Places) -> dict[str, int]:
    return clean_up.clean_up(office.session, now=office.now, machine_now=office.now, unit_id=1, places=places)


def test_what_is_old_enough_goes_and_the_rest_stays(office: Office, tmp_path: Path) -> None:
    places = Places(PaperStore(tmp_path / "papers", 1000), tmp_path)
    sha256 = "ab" * 32
    orphan, waiting, fresh = (
        places.store.path_of(sha256),
        tmp_path / "uploads" / "cu",
        tmp_path / "uploads" / "moi",
    )
    for path, hours in ((orphan, 25), (waiting, 25), (fresh, 23)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        at = (office.now - timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    for name, days, state in (
        ("sweep", 500, "done"),
        ("sweep", 401, "failed"),
        ("sweep", 399, "done"),
        ("backup", 600, "done"),
    ):
        day = office.now - timedelta(days=days)
        office.session.add(JobRun(name=name, for_on=day.date(), started_at=day, state=state, counts_json={}))
    for key, hours in (("a:1", 25), ("a:2", 23)):
        office.session.add(LookupCount(key=key, since=office.now - timedelta(hours=hours), number=1))
    office.session.commit()
    clerk = office.person("clerk")
    office.stand("06/06 09:00")
    drafts.save_draft(office.session, now=office.now, actor=clerk, form=drafts.INTAKE, pairs=[("a", "b")])
    office.stand("14/06 09:30")
    assert drafts.get_draft(office.session, now=office.now, actor=clerk, form=drafts.INTAKE) is None
    done = run(office, places)
    # The only run of a job, and the newest of another, stay however old they are.
    assert done == {"drafts": 1, "papers": 1, "files": 1, "lookups": 1, "runs": 2, "failed": 0}
    assert (orphan.exists(), waiting.exists(), fresh.exists()) == (False, False, True)
    left = office.session.execute(select(JobRun.name, JobRun.state).order_by(JobRun.id)).all()
    assert [tuple(row) for row in left] == [("sweep", "done"), ("backup", "done")]
    assert run(office, places) == dict.fromkeys(done, 0)


def test_the_office_sets_for_how_long(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    change_setting(office, KEEP_DRAFTS, 30)
    clerk = office.person("clerk")
    drafts.save_draft(office.session, now=office.now, actor=clerk, form=drafts.INTAKE, pairs=[("a", "b")])
    office.stand("10/07")
    places = Places(PaperStore(tmp_path / "papers", 1000), tmp_path)
    assert run(office, places)["drafts"] == 0
    assert drafts.get_draft(office.session, now=office.now, actor=clerk, form=drafts.INTAKE) is not None
    # What cannot be cleaned is counted, and the rest is cleaned all the same.
    office.session.add(LookupCount(key="a:1", since=office.now - timedelta(days=2), number=1))
    office.session.commit()
    office.session.execute(text("ALTER TABLE draft RENAME TO away"))
    office.session.commit()
    done = run(office, places)
    assert (done["failed"], done["drafts"], done["lookups"]) == (1, 0, 1)
