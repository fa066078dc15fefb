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
        assert jobs.send_messages(app) == {"sent": 0, "failed": 0, "dead": 1}
        reader.get(OUTBOX)
        [row] = reader.rows()
        assert row[1:3] == ["Thư thử", "Lãnh đạo 01"]
        assert row[3].startswith("Máy chủ thư không nhận địa chỉ này (mã 550).")
        taken.refused = set()
        reader.post(f"{OUTBOX}/1/gui-lai")
        assert "Thư được gửi lại" in reader.follow().get_text()
        # In a demonstration nothing leaves the machine.
        app.config["DEMO"] = True
        assert jobs.send_messages(app)["sent"] == 0
        app.config["DEMO"] = False
        clock.moment += timedelta(minutes=1)
        assert jobs.send_messages(app)["sent"] == 1
        assert [str(mail["To"]) for mail in taken.mails] == ["lanhdao@vidu.vn"]
    reader.post(f"{OUTBOX}/1/gui-lai")
    assert "đang chờ gửi hoặc đã được gửi" in reader.follow().get_text()
    reader.get(OUTBOX)
    assert "Đã gửi hôm nay 1" in reader.text("dl")
    auditor = signed_in("auditor")
    auditor.get(OUTBOX)
    assert not auditor.soup.select("main form")
    auditor.post(f"{OUTBOX}/1/gui-lai", status=403)
