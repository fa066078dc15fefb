"""The page of messages, and the page of one's own account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask

from tests.mail_server import serving
from tests.web.conftest import Reader
from tthc import jobs
from tthc.domain.outbox import MailServer

OUTBOX = "/thiet-lap/thu-gui-di"
OWN = "/tai-khoan"


def test_a_supervisor_sees_what_was_not_sent_and_sends_it_again(
    app: Flask, signed_in: Callable[[str], Reader], clock: Any
) -> None:
    def send() -> jobs.Counts:
        return jobs.run_job(app, jobs.OUTBOX, now=clock())

    reader = signed_in("supervisor")
    reader.get(OUTBOX)
    assert "Chưa đặt máy chủ thư nên thư nằm chờ." in reader.text("main")
    assert "Gửi thư thử" not in reader.text("main")
    with serving() as taken:
        app.config["MAIL_SERVER"] = MailServer("127.0.0.1", taken.port, "none", "motcua@vidu.gov.vn")
        reader.get(OUTBOX)
        reader.post(f"{OUTBOX}/thu-thu")
        assert "Nhập địa chỉ thư điện tử của bạn" in reader.follow().get_text()
        reader.get(OWN)
        reader.post(f"{OWN}/thu-dien-tu", {"email": "lanhdao"}, 422)
        assert reader.named_errors() == ["#email"]
        reader.post(f"{OWN}/thu-dien-tu", {"email": "lanhdao@vidu.vn"})
        assert "Đã lưu địa chỉ" in reader.follow().get_text()
        taken.refused = {"lanhdao@vidu.vn"}
        reader.get(OUTBOX)
        reader.post(f"{OUTBOX}/thu-thu")
        reader.follow()
        assert "Thư điện tử đang chờ 1, cũ nhất từ 14/06/2024 09:30" in reader.text("dl")
        assert send() == {"digests": 0, "sent": 0, "failed": 0, "dead": 1}
        reader.get(OUTBOX)
        [row] = reader.rows()
        assert row[1:3] == ["Thư thử", "Lãnh đạo 01"]
        assert row[3].startswith("Máy chủ thư không nhận địa chỉ này (mã 550).")
        reader.get("/")
        assert reader.text(".bell") == "Chuông 1 cảnh báo mới"
        reader.get("/canh-bao/cua-toi")
        assert "1 thư không gửi được và đã thôi gửi" in reader.text("main section")
        reader.get(OUTBOX)
        taken.refused = set()
        reader.post(f"{OUTBOX}/1/gui-lai")
        assert "Thư được gửi lại" in reader.follow().get_text()
        # In a demonstration nothing leaves the machine.
        app.config["DEMO"] = True
        assert send()["sent"] == 0
        app.config["DEMO"] = False
        clock.moment += timedelta(minutes=1)
        assert send()["sent"] == 1
        assert [str(mail["To"]) for mail in taken.mails] == ["lanhdao@vidu.vn"]
        reader.get("/canh-bao/cua-toi")
        assert "không gửi được" not in reader.text("main")
        reader.get(OUTBOX)
    reader.post(f"{OUTBOX}/1/gui-lai")
    assert "đang chờ gửi hoặc đã được gửi" in reader.follow().get_text()
    reader.get(OUTBOX)
    assert "Đã gửi hôm nay 1" in reader.text("dl")
    auditor = signed_in("auditor")
    auditor.get(OUTBOX)
    assert not auditor.soup.select("main form")
    auditor.post(f"{OUTBOX}/1/gui-lai", status=403)


def test_messages_that_do_not_go_out_are_told(
    app: Flask, signed_in: Callable[[str], Reader], clock: Any
) -> None:
    """To a machine that watches, and on the timetable; runs with nothing to do leave one row."""
    reader = signed_in("supervisor")
    page = "/thiet-lap/bo-hen-gio"
    for _ in range(3):
        jobs.run_job(app, jobs.OUTBOX, now=clock.pass_by(minutes=1))
    reader.get(f"{page}?viec=outbox")
    assert [row[0] for row in reader.rows()] == ["14/06/2024 09:33"]
    # A server that cannot be reached.
    app.config["MAIL_SERVER"] = MailServer("127.0.0.1", 9, "none", "motcua@vidu.gov.vn")
    reader.get(OWN)
    reader.post(f"{OWN}/thu-dien-tu", {"email": "lanhdao@vidu.vn"})
    reader.get(OUTBOX)
    reader.post(f"{OUTBOX}/thu-thu")
    clock.pass_by(minutes=16)
    assert jobs.run_job(app, jobs.OUTBOX, now=clock())["failed"] == 1
    jobs.run_job(app, jobs.SWEEP, now=clock())
    reader.get("/canh-bao/cua-toi")
    assert "Có thư chờ quá 15 phút chưa gửi đi được" in reader.text("main section")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["outbox"])
    assert answer.json["outbox_lag_seconds"] == 16 * 60
    reader.get(page)
    assert "1 thư đang chờ, lâu nhất 16 phút 0 giây." in reader.text("main .jobs")
    assert "Lượt sau 14/06/2024 09:50" in reader.text("main .jobs")
    with serving() as taken:
        app.config["MAIL_SERVER"] = MailServer("127.0.0.1", taken.port, "none", "motcua@vidu.gov.vn")
        assert jobs.run_job(app, jobs.OUTBOX, now=clock.pass_by(minutes=1))["sent"] == 1
    reader.get("/canh-bao/cua-toi")
    assert "Có thư chờ quá 15 phút" not in reader.text("main")
