"""The calendar of one's due dates under a secret address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import update

from tests.web.conftest import Reader
from tthc.db.models import Account
from tthc.services import dossiers
from tthc.services.transaction import transaction

OWN = "/tai-khoan"


def test_a_calendar_is_read_without_signing_in_until_its_address_is_renewed(
    app: Flask,
    signed_in: Callable[[str], Reader],
    received: Any,
    done_to: Any,
    in_session: Any,
    now: Any,
    officer: Any,
) -> None:
    code = received(37, now - timedelta(days=2))
    done_to(code, 1, dossiers.assign_dossier, officer_id=officer.account_id)
    reader = signed_in("officer")

    def renew() -> str:
        reader.get(OWN)
        reader.post(f"{OWN}/lich", status=200)
        [shown] = reader.soup.select("#feed-address")
        return str(shown["value"]).removeprefix("http://localhost")

    first = renew()
    reader.get(OWN)
    assert first not in reader.answer.text, "it is shown once"
    program = app.test_client()
    answer = program.get(first)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "private, max-age=900"
    lines = answer.text.replace("\r\n ", "").split("\r\n")
    assert f"SUMMARY:Hạn {code}" in lines
    assert "DTSTART;VALUE=DATE:20240619" in lines
    assert "Đường Đỏ" not in answer.text
    assert max(len(line.encode()) for line in answer.text.split("\r\n")) <= 75
    same = program.get(first, headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    second = renew()
    assert program.get(first).status_code == 404
    assert program.get(second).status_code == 200
    # The dossier waits: its date is no date any more, but the applicant is waited for.
    done_to(code, 2, dossiers.request_supplement, missing="Bản vẽ", reason="Thiếu")
    waiting = program.get(second).text
    assert (waiting.count("BEGIN:VEVENT"), f"SUMMARY:Chờ bổ sung: {code}" in waiting) == (1, True)

    def close(session: Any) -> None:
        with transaction(session):
            session.execute(update(Account).where(Account.name == "officer").values(active=False))

    reader.get(OWN)
    reader.post(f"{OWN}/lich/thoi-dung")
    assert program.get(second).status_code == 404
    third = renew()
    in_session(close)
    assert program.get(third).status_code == 404
