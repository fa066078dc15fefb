"""The webhook with a real server: signed, once per cause, again with back-off."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.services.settings_desk import change_setting
from tthc.domain.outbox import Webhook
from tthc.domain.settings import TELL_WEBHOOK, YES
from tthc.services import outbox

SECRET = "mot-khoa-du-dai-de-ky"


class Gateway(HTTPServer):
    """Keeps what is posted to it, and answers as it is told."""

    status = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.posts: list[tuple[dict[str, str], bytes]] = []


class Answer(BaseHTTPRequestHandler):
    """One request to the gateway."""

    server: Gateway

    def do_POST(self) -> None:
        """Keep it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A server that takes posts."""
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_what_happens_to_a_dossier_is_posted_signed_and_again_until_it_is_taken(
    office: Any, gateway: Gateway
) -> None:
    hook = Webhook(f"http://127.0.0.1:{gateway.server_port}/tin?x=1", SECRET)

    def send(**later: int) -> outbox.Delivered:
        now = office.now + timedelta(**later)
        return outbox.deliver(office.session, now=now, machine_now=now, unit_id=1, server=None, hook=hook)

    office.stand("10/06")
    change_setting(office, TELL_WEBHOOK, YES)
    code = office.receive(37)
    gateway.status = 500
    assert send() == outbox.Delivered(failed=1)
    gateway.status = 204
    assert send(minutes=1) == outbox.Delivered(), "not before two minutes have passed"
    assert send(minutes=2) == outbox.Delivered(sent=1)
    assert send(days=1) == outbox.Delivered()
    (first, body), (second, again) = gateway.posts
    assert body == again
    assert json.loads(body) == {
        "id": first["X-TTHC-Id"],
        "kind": "received",
        "code": code,
        "procedure": json.loads(body)["procedure"],
        "on": "2024-06-10",
        "due_on": "2024-06-17",
    }
    assert first["X-TTHC-Id"] == second["X-TTHC-Id"]
    for headers in (first, second):
        signed = f"{headers['X-TTHC-Timestamp']}.".encode() + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-TTHC-Signature"] == f"sha256={expected}"
    assert int(second["X-TTHC-Timestamp"]) - int(first["X-TTHC-Timestamp"]) == 120


def test_a_gateway_that_is_gone_is_told_nothing_more(office: Any, gateway: Gateway) -> None:
    office.stand("10/06")
    change_setting(office, TELL_WEBHOOK, YES)
    office.receive(37)
    gateway.status = 410
    hook = Webhook(f"http://127.0.0.1:{gateway.server_port}", SECRET)
    done = outbox.deliver(
        office.session, now=office.now, machine_now=office.now, unit_id=1, server=None, hook=hook
    )
    assert done == outbox.Delivered(dead=1)
    [dead] = outbox.get_outbox(office.session, actor=office.person("admin"), now=office.now).dead.rows
    assert dead.recipient == "Webhook"
    assert dead.error == "Máy chủ nhận webhook trả lời không nhận nữa (mã 410)."
