"""Parts of pages that are kept: what their keys decide, and that they do not grow without bound."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask
from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError

from tthc.services.recent import Recent
from tthc.web import fragments

PART = "{% kept who, what %}<b>{{ what }}</b>{{ rendered() }}{% endkept %}"


@pytest.fixture
def environment() -> Environment:
    return Environment(autoescape=True, extensions=[fragments.Kept], auto_reload=False)


@pytest.fixture
def times() -> Iterator[int]:
    return count(1)


def test_a_part_is_rendered_once_for_its_key(environment: Environment, times: Iterator[int]) -> None:
    page = environment.from_string(f"{PART}|{{% kept who, what %}}other{{% endkept %}}")
    with Flask("office").test_request_context("/"):
        shown = [page.render(who=who, what="<1>", rendered=lambda: next(times)) for who in ("a", "b", "a")]
    assert shown == ["<b>&lt;1&gt;</b>1|other", "<b>&lt;1&gt;</b>2|other", "<b>&lt;1&gt;</b>1|other"]


def test_where_the_program_is_mounted_belongs_to_the_key(
    environment: Environment, times: Iterator[int]
) -> None:
    page = environment.from_string(PART)
    for root, shown in (("", "1"), ("/tthc", "2"), ("", "1")):
        with Flask("office").test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            assert page.render(who=1, what="", rendered=lambda: next(times)).endswith(shown)


def test_nothing_is_kept_while_templates_are_written(environment: Environment, times: Iterator[int]) -> None:
    environment.auto_reload = True
    page = environment.from_string(PART)
    with Flask("office").test_request_context("/"):
        for shown in ("1", "2"):
            assert page.render(who=1, what="", rendered=lambda: next(times)).endswith(shown)


def test_a_part_needs_its_end(environment: Environment) -> None:
    with pytest.raises(TemplateSyntaxError):
        environment.from_string("{% kept 1 %}")


def test_what_was_not_asked_for_longest_goes_first() -> None:
    recent: Recent[str] = Recent(6, len)
    recent.keep("a", "aa")
    recent.keep("b", "bb")
    assert recent.get("a") == "aa"
    recent.keep("c", "ccc")
    assert [recent.get(key) for key in "abc"] == ["aa", None, "ccc"]
    recent.keep("d", "dddddd")
    assert recent.get("d") is None
    recent.keep("a", "another")
    assert recent.get("a") == "aa"
