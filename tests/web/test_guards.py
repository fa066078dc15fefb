"""Who may open what: every route names its guard, and the guard holds."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from tthc.domain.permissions import Action
from tthc.web.guards import PUBLIC, guard_of

#: All that is open to everybody.
OPEN = {
    "accounts.sign_in",
    "health.healthz",
    "feeds.calendar",
    "lookup.index",
    "lookup.ask",
    "lookup.show",
    "health.readyz",
    "health.metrics",
}


def _addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, an address) of every route but the static files."""
    values = {"code": "000.00.99.H54-240614-0001", "filing_id": 1, "local_no": 1, "alert_id": 1}
    values |= {"token": "0123456789abcdef", "version_id": 1, "report_id": 1, "kind": "xlsx"}
    values |= {"name_id": 1, "slug": "ho-so-rut-va-dung", "certificate_id": 1}
    values |= {"close_id": 1, "point": "provisional_date", "name": "qua-han", "chart": "thoi-gian"}
    values |= {"applicant_id": 1, "other_id": 2, "merge_id": 1}
    values |= {"petition_id": 1, "deed": "tra-loi", "suffix": "csv"}
    values |= {
        "document_id": 1,
        "attachment_id": 1,
        "message_id": 1,
        "transfer_id": 1,
        "delegation_id": 1,
        "letter": "03",
        "form_set": "2018",
    }
    values |= {"job": "reports", "action_id": UUID(int=1), "filter_id": 1}
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static":
                continue
            built = rule.build({name: values[name] for name in rule.arguments})
            assert built is not None
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            found.append((rule.endpoint, method, built[1]))
    return found


def test_every_route_names_its_guard(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        guard = guard_of(app, rule.endpoint)
        assert guard is not None, f"{rule} names no guard"
        if guard == PUBLIC:
            assert rule.endpoint in OPEN, f"{rule} is open to everybody"
        else:
            assert guard, f"{rule} asks for no action"
            assert all(isinstance(action, Action) for action in guard)


def test_a_view_without_a_guard_opens_for_nobody(app: Flask) -> None:
    @app.get("/quen-bao-ve")
    def forgotten() -> str:
        return "lộ"

    answer = app.test_client().get("/quen-bao-ve")
    assert answer.status_code == 403
    assert "lộ" not in answer.text


def test_without_sign_in_every_page_leads_to_the_sign_in(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    tried = 0
    for endpoint, method, address in _addresses(app):
        if endpoint in OPEN:
            continue
        answer = client.open(address, method=method)
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith("/dang-nhap"), address
        tried += 1
    assert tried > 25


@pytest.mark.parametrize("name", ["clerk", "officer", "supervisor", "reporter", "admin", "auditor"])
def test_a_role_is_refused_exactly_what_the_table_refuses(
    app: Flask, name: str, signed_in: Callable[..., object], actor: Callable[..., object]
) -> None:
    client = signed_in(name).client
    app.config["WTF_CSRF_ENABLED"] = False
    person = actor(name)
    for endpoint, method, address in _addresses(app):
        guard = guard_of(app, endpoint)
        if guard == PUBLIC or guard is None or endpoint == "accounts.sign_out":
            continue
        allowed = any(person.may(action) for action in guard)
        answer = client.open(address, method=method)
        assert (answer.status_code != 403) == allowed, (name, address, answer.status_code)


def test_an_auditor_can_send_no_form_but_his_own(app: Flask, actor: Callable[..., object]) -> None:
    auditor = actor("auditor")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint not in OPEN:
            guard = guard_of(app, rule.endpoint)
            assert isinstance(guard, tuple)
            if guard != (Action.OWN_ACCOUNT,):
                assert not any(auditor.may(action) for action in guard), rule


def test_a_form_without_token_is_refused(app: Flask, signed_in: Callable[..., object]) -> None:
    client = signed_in("clerk").client
    refused = 0
    for endpoint, method, address in _addresses(app):
        answer = client.post(address, data={"step": "receive"})
        assert answer.status_code == 400 or (method == "GET" and answer.status_code == 405), endpoint
        refused += answer.status_code == 400
    taking = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert refused >= len({rule.rule for rule in taking}) > 100
