"""What the README says about commands, settings and files is so."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_readme_lists_the_settings_that_the_program_reads() -> None:
    table = set(re.findall(r"^\| `(TTHC_[A-Z_]+)` \|", read("README.md"), re.MULTILINE))
    sources = [path.read_text("utf-8") for path in (ROOT / "tthc").rglob("*.py")]
    known = {name for source in sources for name in re.findall(r"[\"'](TTHC_[A-Z_]+)[\"']", source)}
    assert table == known


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_or_a_heading(name: str) -> None:
    text = read(name)
    headings = {
        re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            found = target[1:] in headings
        else:
            found = (ROOT / target).is_file()
        if not found:
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_of_the_project_that_is_named_exists(name: str) -> None:
    named = re.findall(r"(?<![\w./])((?:tthc|templates|scripts|tests)/[\w./-]*)", read(name))
    examples = {"tests/services/test_intake.py"}
    assert [path for path in named if path not in examples and not (ROOT / path.rstrip(".")).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_in_composed_unicode(name: str) -> None:
    assert unicodedata.is_normalized("NFC", read(name))


def test_the_changelog_begins_with_the_version_of_the_program() -> None:
    from tthc import __version__

    [newest, *_] = re.findall(r"^## Version (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest == __version__
