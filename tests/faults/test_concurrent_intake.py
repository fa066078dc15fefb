"""Two server processes, many clerks at once: every dossier gets a code, none twice, none left out."""

from __future__ import annotations

import os
import re
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.backup_office import postgresql_tools
from tests.processes import Browser, Office, Running, hidden_fields
from tthc.domain.codes import parse_code
from tthc.domain.vocabulary import OFFICE_ZONE

#: Intakes a process; the bar is 200.
INTAKES = 200 if os.environ.get("TTHC_TEST_LONG") == "1" else 20
#: Clerks at work a process, each signed in.
CLERKS = 8
CODE = re.compile(r"/ho-so/([^/?#]+)$")


class Clerk(threading.Thread):
    """Signed in; fills in the intake form again and again until the common stock is used up."""

    def __init__(self, url: str, password: str, start: threading.Barrier, stock: list[int]) -> None:
        super().__init__(daemon=True)
        self.browser = Browser(url)
        self.browser.sign_in("clerk", password)
        self.start_together = start
        self.stock = stock
        self.codes: list[str] = []
        self.trouble: list[str] = []

    def run(self) -> None:
        """A clerk's morning."""
        try:
            self.start_together.wait(120)
            while True:
                try:
                    number = self.stock.pop()
                except IndexError:
                    return
                self._receive(number)
        except Exception as error:  # noqa: BLE001 - told by the test, not lost in a thread
            self.trouble.append(repr(error))
        finally:
            self.browser.close()

    def _receive(self, number: int) -> None:
        status, _, page = self.browser.get("/ho-so/tiep-nhan")
        assert status == 200, page[-2000:]
        form = hidden_fields(page) | {
            "procedure_id": "1",
            "channel": "counter",
            "applicant_kind": "enterprise",
            "applicant_name": f"Công ty thử nghiệm {number}",
            "sets": "1",
            "confirm_unverified": "y",
            "step": "receive",
        }
        status, location, page = self.browser.post("/ho-so/tiep-nhan", form)
        found = CODE.search(location)
        if status not in {302, 303} or found is None:
            self.trouble.append(f"{status} {location} {re.findall('<title>.*', page)}")
            return
        self.codes.append(found[1])


@pytest.mark.long
def test_two_processes_issue_codes_without_gap_or_duplicate(
    tmp_path: Path, database_url: str, password: str
) -> None:
    # A server that has been away begins with the backup of the day.
    tools = postgresql_tools()
    office = Office(tmp_path, database_url, {"TTHC_PG_BIN": str(tools)} if tools else {})
    today = datetime.now(OFFICE_ZONE).date()
    with office.serve() as one, office.serve() as two:
        clerks = at_work([one, two], password)
        assert [trouble for clerk in clerks for trouble in clerk.trouble] == []
        for running in (one, two):
            assert running.stop() == 0
            assert running.trouble == []
    codes = [parse_code(code) for clerk in clerks for code in clerk.codes]
    if datetime.now(OFFICE_ZONE).date() != today:
        pytest.fail("ran over midnight: run again")
    assert len(codes) == 2 * INTAKES
    assert sorted(code.sequence for code in codes) == list(range(1, 2 * INTAKES + 1))
    assert {code.on for code in codes} == {today}
    assert kept(database_url) == (2 * INTAKES, 2 * INTAKES, 2 * INTAKES, 2 * INTAKES)


def at_work(servers: list[Running], password: str) -> list[Clerk]:
    """Let all clerks begin at once; give them the time that the machine needs, but not for ever."""
    start = threading.Barrier(CLERKS * len(servers))
    clerks = []
    for place, server in enumerate(servers):
        # Every applicant files once: the desk would ask about a second dossier for the same procedure.
        stock = list(range(place * INTAKES, (place + 1) * INTAKES))
        clerks += [Clerk(server.url, password, start, stock) for _ in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join(600)
        assert not clerk.is_alive()
    return clerks


def kept(url: str) -> tuple[int, ...]:
    """Dossiers, different codes, different register numbers, and the highest of these."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            row = connection.execute(
                text(
                    "SELECT count(*), count(DISTINCT code), count(DISTINCT register_no), max(register_no) "
                    "FROM dossier"
                )
            ).one()
        return tuple(row)
    finally:
        engine.dispose()
