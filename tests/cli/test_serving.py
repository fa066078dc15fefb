"""``tthc serve``: ready when it answers, stopped without losing a request, polite about a busy port."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import threading
import time
from urllib.parse import urlsplit

from flask import Flask

from tests.processes import Browser, Office
from tthc.cli.server import Server, bind, url_of
from tthc.cli.stopping import StopSignals


def answer(url: str, path: str = "/healthz") -> tuple[int, dict[str, object]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request("GET", path)
        found = connection.getresponse()
        return found.status, json.loads(found.read())
    finally:
        connection.close()


def test_it_sets_up_announces_itself_and_ends_with_0(bare_office: Office) -> None:
    bare_office.cold = True
    with bare_office.serve() as running:
        status, body = answer(running.url)
        assert (status, body["status"]) == (200, "ok")
        assert running.lines[0] == "Đã tạo cơ sở dữ liệu, nạp danh mục thủ tục và lịch làm việc."
        assert running.lines[1].startswith("Tài khoản quản trị đầu tiên: admin mật khẩu dùng một lần: ")
        password = running.lines[1].rpartition(" ")[2]
        browser = Browser(running.url)
        browser.sign_in("admin", password)
        browser.close()
        assert running.stop() == 0
        assert running.trouble == []
    # A second start changes nothing and has nothing to tell.
    with bare_office.serve() as running:
        assert len(running.lines) == 1
        assert running.stop() == 0


def test_ctrl_c_ends_it_as_well(office: Office) -> None:
    office.cold = True
    with office.serve() as running:
        running.ask_to_stop(signal.SIGINT)
        assert running.end() == 0
        assert running.trouble == []


def test_asked_to_stop_while_it_sets_up(bare_office: Office) -> None:
    bare_office.cold = True
    with bare_office.start("serve", "--port", "0") as running:
        deadline = time.monotonic() + 60
        while not (bare_office.instance / "setup.lock").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert running.stop() == 0
        assert "Traceback" not in "\n".join(running.errors)
    with bare_office.serve() as running:
        assert answer(running.url)[0] == 200


def test_with_json_every_line_is_json(bare_office: Office) -> None:
    with bare_office.start("--json", "serve", "--port", "0") as running:
        running.wait_for('{"ready"')
        assert running.stop() == 0
        first, ready = [json.loads(line) for line in running.lines]
    assert (first["created"], first["administrator"]) == (True, "admin")
    assert answer_refused(ready["ready"])


def answer_refused(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) != 0


def test_a_busy_port_is_one_sentence_and_nothing_is_touched(bare_office: Office) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = bare_office.tthc("serve", "--port", port)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"Cổng {port} đang có chương trình khác dùng: chọn cổng khác bằng --port.\n"
    assert not bare_office.instance.exists()


def test_an_address_that_is_not_ours_is_refused(bare_office: Office) -> None:
    done = bare_office.tthc("serve", "--host", "192.0.2.1", "--port", "0", "--json")
    assert (done.code, done.json["error"]["field"]) == (2, "host")


def test_of_two_starts_at_once_the_second_waits_and_both_serve(bare_office: Office) -> None:
    with (
        bare_office.start("serve", "--port", "0") as one,
        bare_office.start("serve", "--port", "0") as two,
    ):
        one.wait_for("SẴN SÀNG")
        two.wait_for("SẴN SÀNG")
        assert answer(one.url)[0] == answer(two.url)[0] == 200
        assert one.url != two.url
        assert one.stop() == two.stop() == 0
        told = [line for line in [*one.lines, *two.lines] if line.startswith("Tài khoản quản trị đầu tiên")]
        assert len(told) == 1


def test_it_serves_on_postgresql(tmp_path, postgresql_url: str) -> None:  # type: ignore[no-untyped-def]
    with Office(tmp_path, postgresql_url).serve() as running:
        assert answer(running.url)[0] == 200
        assert running.stop() == 0


class SlowApp:
    """An application of which one page takes its time."""

    def __init__(self, app: Flask, seconds: float) -> None:
        self.config = app.config
        self.app = app
        self.seconds = seconds
        self.entered = threading.Event()

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        if environ["PATH_INFO"] == "/slow":
            self.entered.set()
            time.sleep(self.seconds)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"x" * 3_000_000]
        return self.app(environ, start_response)


def test_a_running_request_is_finished_and_a_new_one_refused(app: Flask) -> None:
    slow = SlowApp(app, 1.5)
    listener = bind("127.0.0.1", 0)
    url = url_of(listener)
    stop = StopSignals()
    server = Server(slow, listener, stop)  # type: ignore[arg-type]
    bodies: list[bytes] = []
    refused: list[bool] = []

    def ask() -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("GET", "/slow")
        bodies.append(connection.getresponse().read())
        connection.close()

    def stop_it() -> None:
        assert slow.entered.wait(30)
        stop.count += 1
        server._server.pull_trigger()
        time.sleep(0.7)
        refused.append(answer_refused(url))

    threads = [threading.Thread(target=ask), threading.Thread(target=stop_it)]

    def begin() -> None:
        for thread in threads:
            thread.start()

    began = time.monotonic()
    assert server.run(begin)
    for thread in threads:
        thread.join(30)
    assert [len(body) for body in bodies] == [3_000_000]
    assert refused == [True]
    assert time.monotonic() - began < 15


def test_a_form_on_its_way_is_answered_before_the_process_ends(office: Office) -> None:
    with office.serve() as running:
        parts = urlsplit(running.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as browser:
            head = f"POST /dang-nhap HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 8\r\n"
            browser.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nname".encode())
            time.sleep(0.5)
            running.ask_to_stop()
            deadline = time.monotonic() + 30
            while not answer_refused(running.url):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert running.process.poll() is None
            browser.sendall(b"=abc")
            # No token, so the form is refused; what matters is that there is an answer.
            assert browser.recv(12) == b"HTTP/1.1 400"
        assert running.end() == 0


def test_asked_twice_it_does_not_wait(app: Flask) -> None:
    slow = SlowApp(app, 5.0)
    listener = bind("127.0.0.1", 0)
    parts = urlsplit(url_of(listener))
    stop = StopSignals()
    server = Server(slow, listener, stop)  # type: ignore[arg-type]
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def begin() -> None:
        connection.request("GET", "/slow")
        assert slow.entered.wait(30)
        stop.count = 2
        server._server.pull_trigger()

    began = time.monotonic()
    assert server.run(begin)
    assert time.monotonic() - began < 4
    connection.close()


def test_a_list_of_host_names_does_not_hide_the_server_from_itself(office: Office) -> None:
    office.environ["TTHC_ALLOWED_HOSTS"] = "mot-cua.example.vn"
    with office.serve() as running:
        assert running.stop() == 0


def test_what_is_far_too_large_is_answered_in_vietnamese(app: Flask) -> None:
    """Read to its end and thrown away, so that whoever sends it gets the answer."""
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    listener = bind("127.0.0.1", 0)
    parts = urlsplit(url_of(listener))
    stop = StopSignals()
    server = Server(app, listener, stop)
    told: list[tuple[int, str]] = []

    def ask() -> None:
        try:
            for size in (200_000, 8_000_000):
                connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
                connection.request("POST", "/dang-nhap", b"x" * size, {"Content-Type": "application/pdf"})
                found = connection.getresponse()
                told.append((found.status, found.read().decode()))
                connection.close()
            # Who asks first is refused before anything is sent.
            with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as asking:
                head = f"POST / HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 8000000\r\n"
                asking.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
                answer = b"".join(iter(lambda: asking.recv(4096), b""))
                told.append((int(answer[9:12]), answer.decode()))
        finally:
            stop.count += 1
            server._server.pull_trigger()

    thread = threading.Thread(target=ask)
    assert server.run(thread.start)
    thread.join(30)
    assert [status for status, _ in told] == [413, 413, 413]
    for _, page in told:
        assert "<h1>Tệp quá lớn</h1>" in page
        assert "Chưa có gì được lưu." in page
        assert 'lang="vi"' in page
