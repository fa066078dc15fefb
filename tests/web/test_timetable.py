"""The timetable: that jobs ran, a run right now, and the banner for a sweep that stays away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from tthc import jobs
from tthc.db.models import Dossier
from tthc.services import alert_mail, leases

PAGE = "/thiet-lap/bo-hen-gio"


def test_a_job_is_run_and_its_proof_shown(
    signed_in: Callable[[str], Any], in_session: Any, clock: Any
) -> None:
    """From the first day to the second, with the banner that everybody sees while nothing was swept."""
    supervisor, officer = signed_in("supervisor"), signed_in("officer")
    officer.get("/canh-bao")
    assert "hệ thống chưa quét lần nào. Báo người quản trị" in officer.text(".stale")
    supervisor.get(PAGE)
    assert "chưa quét lần nào. Xem bộ hẹn giờ" in supervisor.text(".stale")
    assert "Chưa chạy lần nào" in supervisor.text("main section")
    supervisor.post(f"{PAGE}/sweep/chay-ngay")
    supervisor.follow()
    assert "“Quét cảnh báo” đã chạy xong. Đã xem 0 hồ sơ" in supervisor.text(".notice-done")
    shown = supervisor.text("main section")
    for text in (
        "✓ Xong",
        "Bắt đầu 14/06/2024 09:30",
        "Kết thúc 14/06/2024 09:30 (",
        "Lượt sau 15/06/2024 06:30",
    ):
        assert text in shown
    [row] = supervisor.rows()
    assert row[:2] == ["14/06/2024 09:30", "Quét cảnh báo"]
    assert supervisor.soup.select_one(".stale") is None
    officer.get("/canh-bao")
    assert officer.soup.select_one(".stale") is None
    clock.stand_at(2024, 6, 15, 8, 29)
    officer.get("/canh-bao")
    assert officer.soup.select_one(".stale") is None
    clock.stand_at(2024, 6, 15, 8, 30)
    officer.get("/canh-bao")
    assert "lượt quét xong gần nhất bắt đầu lúc 14/06/2024 09:30." in officer.text(".stale")
    supervisor.get(f"{PAGE}?viec=reports")
    assert supervisor.rows() == []
    clock.stand_at(2024, 6, 14, 9, 40)
    in_session(lambda session: alert_mail.write_digests(session, now=clock(), unit_id=1))
    supervisor.get(PAGE)
    assert supervisor.rows()[0][1::4] == ["Soạn thư nhắc việc", "Đã soạn 0 thư."]
    supervisor.get(f"{PAGE}?viec=khong-co", status=404)


def test_a_job_that_runs_elsewhere_is_not_started_twice(
    app: Any, supervisor_reader: Any, in_session: Any, clock: Any
) -> None:
    supervisor_reader.get(PAGE)
    in_session(
        lambda session: leases.acquire_lease(
            session, machine_now=clock(), name=jobs.SWEEP, holder="another", seconds=60
        )
    )
    supervisor_reader.post(f"{PAGE}/sweep/chay-ngay")
    supervisor_reader.follow()
    assert "“Quét cảnh báo” đang được chạy" in supervisor_reader.text(".notice-warning")
    assert "Đang chạy; mở lại" in supervisor_reader.text("main section")
    assert supervisor_reader.soup.select_one(f'form[action="{PAGE}/sweep/chay-ngay"]') is None
    assert supervisor_reader.rows() == []


@pytest.mark.parametrize(("name", "status"), [("reporter", 403), ("auditor", 403), ("admin", 302)])
def test_who_may_start_a_job(signed_in: Callable[[str], Any], name: str, status: int) -> None:
    reader = signed_in(name)
    reader.get(PAGE)
    assert (reader.soup.select_one("main section form") is not None) == (status == 302)
    reader.post(f"{PAGE}/reports/chay-ngay", status=status)


def test_a_dossier_whose_alert_is_refused_is_shown_and_tried_again(
    app: Any, supervisor_reader: Any, received: Any, in_session: Any, now: Any
) -> None:
    """The database itself refuses what is about one dossier: the others get theirs, it gets them later."""
    bad, good = received(37, now - timedelta(days=60)), received(37, now - timedelta(days=40))
    one = in_session(lambda session: session.scalar(select(Dossier.id).where(Dossier.code == bad)))
    refuse = (
        f"CREATE TRIGGER refused BEFORE INSERT ON alert WHEN NEW.subject_kind = 'dossier' "
        f"AND NEW.subject_id = {one} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    in_session(lambda session: (session.execute(sa.text(refuse)), session.commit()))
    done = jobs.run_job(app, jobs.SWEEP, now=now)
    assert (done["failed"], done["raised"]) == (1, {"escalated": 1})
    supervisor_reader.get(PAGE)
    shown = supervisor_reader.text("main section")
    assert "Xong, còn lỗi" in shown
    assert bad in shown
    assert "lỗi IntegrityError" in shown
    assert good not in shown
    in_session(lambda session: (session.execute(sa.text("DROP TRIGGER refused")), session.commit()))
    done = jobs.run_job(app, jobs.SWEEP, now=now)
    assert (done["failed"], done["raised"]) == (0, {"escalated": 1})
    supervisor_reader.get(PAGE)
    assert "Xong, còn lỗi" not in supervisor_reader.text("main section")
    assert "Xong, còn lỗi" in " ".join(supervisor_reader.rows()[1])
