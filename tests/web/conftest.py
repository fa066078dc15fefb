"""A reader of pages: a test client that checks on every GET what holds for all pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import html5lib
import pytest
from bs4 import BeautifulSoup, Tag
from bs4.builder import HTML5TreeBuilder
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tthc.domain.permissions import Actor
from tthc.domain.vocabulary import ApplicantKind, Channel, PetitionKind
from tthc.services import dossiers, filings, intake, petition_changes, units
from tthc.services.applicants import ApplicantInput
from tthc.services.intake import IntakeRequest, PaperInput
from tthc.services.petition_contents import PetitionContent

_INPUTS = {"input", "select", "textarea"}
#: Inputs of these types need no label.
_UNLABELLED = {"hidden", "submit", "button"}
#: What the policy of the pages forbids.
_SCRIPTED = {"style", "onclick", "onchange", "onsubmit"}


class StrictBuilder(HTML5TreeBuilder):
    """What a browser would have to correct raises an error instead."""

    def feed(self, markup: Any) -> None:
        """Parse the page, once for both: whether it is well formed, and what is in it."""
        parser = html5lib.HTMLParser(tree=self.create_treebuilder, strict=True)
        assert self.underlying_builder is not None
        self.underlying_builder.parser = parser
        document = parser.parse(markup)
        document.original_encoding = None
        self.underlying_builder.parser = None


def check_page(text: str) -> BeautifulSoup:
    """What every page must be: well formed, titled, one h1, unique ids, a name for every input."""
    soup = BeautifulSoup(text, builder=StrictBuilder())
    assert soup.html is not None
    assert soup.html["lang"] == "vi"
    assert soup.title is not None
    assert re.fullmatch(r"\S.* – Theo dõi hồ sơ TTHC", soup.title.text), soup.title.text
    assert len(soup.find_all("h1")) == 1
    elements = list(_elements(soup))
    ids = Counter(element["id"] for element in elements if "id" in element.attrs)
    assert [name for name, times in ids.items() if times > 1] == []
    labelled = {element.get("for") for element in elements if element.name == "label"}
    for element in elements:
        if element.name in _INPUTS and element.get("type") not in _UNLABELLED:
            assert _named(element, labelled), str(element)
        for attribute in ("aria-describedby", "aria-labelledby"):
            assert set(str(element.get(attribute, "")).split()) <= ids.keys(), str(element)
        if element.name == "table":
            named = element.find_parent(attrs={"aria-labelledby": True})
            assert element.caption is not None or named is not None, str(element)[:1000]
        assert not _SCRIPTED & element.attrs.keys(), str(element)[:1000]
        assert element.name != "style"
        assert element.name != "script" or "src" in element.attrs
    assert "None" not in soup.get_text(" ").split()
    return soup


def _elements(within: Tag) -> Iterator[Tag]:
    """Every element of the document; what is in a template is none yet."""
    for one in within.contents:
        if isinstance(one, Tag):
            yield one
            if one.name != "template":
                yield from _elements(one)


def _named(field: Tag, labelled: set[Any]) -> bool:
    named = field.get("aria-label") or (field.get("id") and field["id"] in labelled)
    return bool(named or field.find_parent("label"))


class Reader:
    """A browser without script: follows nothing by itself, and sends the token of the page that it saw."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse
        self._first = ""
        self._soup: BeautifulSoup | None = BeautifulSoup("", "html5lib")

    @property
    def soup(self) -> BeautifulSoup:
        """The page seen last; after a sign-in the first page, opened when a test looks at it."""
        if self._soup is None:
            self._soup = check_page(self.client.get(self._first).text)
        return self._soup

    @soup.setter
    def soup(self, page: BeautifulSoup) -> None:
        self._soup = page

    def get(self, path: str, status: int = 200, **kwargs: Any) -> BeautifulSoup:
        """Open a page and check it."""
        self.answer = self.client.get(path, **kwargs)
        assert self.answer.status_code == status, (path, self.answer.status_code)
        return self._seen()

    def look(self, path: str) -> int:
        """Open a page and check it, whatever the status of the answer, which is returned."""
        self.answer = self.client.get(path)
        self._seen()
        return self.answer.status_code

    def post(
        self, path: str, data: dict[str, Any] | None = None, status: int = 302, **kwargs: Any
    ) -> BeautifulSoup:
        """Send a form with the token of the page seen last."""
        self.answer = self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **kwargs)
        assert self.answer.status_code == status, (path, self.answer.status_code, self.answer.text[:3000])
        return self._seen()

    def _seen(self) -> BeautifulSoup:
        if self.answer.mimetype == "text/html" and self.answer.status_code not in {301, 302, 303}:
            self._soup = check_page(self.answer.text)
        return self._soup or BeautifulSoup("", "html5lib")

    def follow(self) -> BeautifulSoup:
        """Go where the last answer points to."""
        return self.get(self.answer.headers["Location"])

    def token(self) -> str:
        """The token of the page seen last."""
        found = self.soup.select_one('input[name="csrf_token"]')
        assert found is not None, "the page seen last has no form"
        return str(found["value"])

    def sign_in(self, name: str, password: str) -> Reader:
        """Sign in through the form; other tests look at its page."""
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.client.get("/dang-nhap").text)
        assert token is not None
        form = {"csrf_token": token[1], "name": name, "password": password}
        self.answer = self.client.post("/dang-nhap", data=form)
        assert self.answer.status_code == 302, self.answer.text[:3000]
        self._first = self.answer.headers["Location"]
        self._soup = None
        return self

    def text(self, selector: str) -> str:
        """The text of the first element, with single spaces."""
        found = self.soup.select_one(selector)
        assert found is not None, selector
        return " ".join(found.get_text(" ").split())

    def named_errors(self) -> list[str]:
        """To which inputs the summary of errors leads, from top to bottom."""
        return [str(one["href"]) for one in self.soup.select(".summary a")]

    def rows(self, selector: str = "main table tbody tr") -> list[list[str]]:
        """The cells of a table's rows."""
        return [
            [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
            for row in self.soup.select(selector)
        ]


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Nobody is signed in."""
    return Reader(app.test_client())


@pytest.fixture
def signed_in(app: Flask, password: str) -> Callable[[str], Reader]:
    """``signed_in("clerk")``: a reader signed in under a name of the test's people."""
    return lambda name: Reader(app.test_client()).sign_in(name, password)


@pytest.fixture
def clerk_reader(signed_in: Callable[[str], Reader]) -> Reader:
    """A cán bộ một cửa at the first page."""
    return signed_in("clerk")


@pytest.fixture
def supervisor_reader(signed_in: Callable[[str], Reader]) -> Reader:
    """A lãnh đạo at the first page."""
    return signed_in("supervisor")


def request_of(procedure_id: int, received_at: datetime | None = None, **more: Any) -> IntakeRequest:
    """An intake as a test needs it."""
    values: dict[str, Any] = {
        "case_id": None,
        "channel": Channel.COUNTER,
        "applicant": ApplicantInput(
            ApplicantKind.ENTERPRISE,
            "Công ty TNHH Đường Đỏ",
            "1001234567",
            "0912345678",
            "lienhe@vidu.vn",
            "KCN",
        ),
        "subject": "Đề nghị cấp giấy",
        "papers": (PaperInput(None, "Đơn đề nghị", 1, 0, 2),),
        "confirm_unverified": True,
    }
    return IntakeRequest(procedure_id, received_at=received_at, **{**values, **more})


@pytest.fixture
def received(app: Flask, clerk: Actor, now: datetime) -> Callable[..., str]:
    """``received(procedure_id, at)`` puts a dossier into the database and gives its code."""

    def receive(procedure_id: int = 1, at: datetime | None = None, **more: Any) -> str:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session
            request = request_of(procedure_id, at, **more)
            return intake.receive_dossier(session, now=now, actor=clerk, request=request)

    return receive


@pytest.fixture
def filed(app: Flask, clerk: Actor, now: datetime) -> Callable[..., int]:
    """``filed(procedure_id)`` keeps a filing that waits and gives its id."""

    def file(procedure_id: int = 1, **more: Any) -> int:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session
            request = request_of(procedure_id, **more)
            return filings.save_filing(session, now=now, actor=clerk, request=request)

    return file


@pytest.fixture
def done_to(app: Flask, supervisor: Actor, now: datetime) -> Callable[..., None]:
    """``done_to(code, version, use_case, at, …)`` carries out one use-case of ``services.dossiers``."""

    def do(
        code: str, version: int, use_case: Callable[..., None], at: datetime | None = None, **more: Any
    ) -> None:
        with app.app_context():
            call = dossiers.Call(now, supervisor, code, version, at)
            use_case(app.extensions["sqlalchemy"].session, call=call, **more)

    return do


@pytest.fixture
def in_session(app: Flask) -> Callable[[Callable[..., Any]], Any]:
    """``in_session(lambda session: …)`` runs a service with a session of the application."""

    def run(act: Callable[..., Any]) -> Any:
        with app.app_context():
            session = app.extensions["sqlalchemy"].session
            units.first_unit_id(session)
            return act(session)

    return run


@pytest.fixture
def recorded(in_session: Any, clerk: Actor, now: Any) -> Callable[..., int]:
    """``recorded(…)`` puts a petition into the database and gives its id."""

    def record(**more: Any) -> int:
        typed: dict[str, Any] = {
            "kind": PetitionKind.CONDUCT,
            "subject": "Phản ánh đã ghi",
            "applicant": None,
            "received_at": now,
            "due_on": date(2024, 6, 24),
            "legal_basis": "Văn bản thử nghiệm",
            **more,
        }
        made: int = in_session(
            lambda session: petition_changes.record_petition(
                session, now=now, actor=clerk, content=PetitionContent(**typed)
            )
        )
        return made

    return record
