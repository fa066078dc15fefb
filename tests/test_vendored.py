"""Files of others stay byte for byte as published, each with its licence, and ask nothing of the network."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

import pytest
from PIL import ImageFont

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "vendor": ROOT / "tthc" / "static" / "vendor",
    "fonts": ROOT / "tthc" / "static" / "fonts",
    "browser": ROOT / "tests" / "browser" / "vendor",
}
# The list cannot hold itself, and the README is ours.
OURS = {"SHA256SUMS", "README.md"}


def differences(folder: Path) -> list[str]:
    """Compare a folder with its SHA256SUMS; return a line for each file altered, missing or not listed."""
    listed: dict[str, str] = {}
    for line in (folder / "SHA256SUMS").read_text("ascii").splitlines():
        digest, name = line.split(maxsplit=1)
        listed[name.lstrip("*")] = digest
    present = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in OURS
    }
    found = [f"{name}: listed but missing" for name in sorted(listed.keys() - present.keys())]
    found += [f"{name}: not in SHA256SUMS" for name in sorted(present.keys() - listed.keys())]
    found += [
        f"{name}: differs from SHA256SUMS"
        for name in sorted(listed.keys() & present.keys())
        if listed[name] != present[name]
    ]
    return found


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS.keys())
def test_every_file_is_as_published(folder: Path) -> None:
    assert differences(folder) == []


def test_the_comparison_sees_an_altered_an_added_and_a_lost_file(tmp_path: Path) -> None:
    (tmp_path / "kept.js").write_text("1")
    (tmp_path / "altered.js").write_text("2")
    (tmp_path / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n"
            for name, content in [("kept.js", b"1"), ("altered.js", b"1"), ("lost.js", b"1")]
        )
    )
    (tmp_path / "added.js").write_text("3")
    assert differences(tmp_path) == [
        "lost.js: listed but missing",
        "added.js: not in SHA256SUMS",
        "altered.js: differs from SHA256SUMS",
    ]


def test_every_package_carries_its_licence_and_is_named_with_its_version() -> None:
    readme = (FOLDERS["vendor"] / "README.md").read_text("utf-8")
    packages = sorted(path for path in FOLDERS["vendor"].iterdir() if path.is_dir())
    assert [path.name for path in packages] == ["bootstrap", "htmx", "tom-select"]
    for package in packages:
        assert (package / "LICENSE").stat().st_size > 500
        assert re.search(rf"^\| `{package.name}/` \|.*\| \d+\.\d+\.\d+ \|", readme, re.MULTILINE)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDERS["fonts"] / "OFL.txt").read_text("utf-8")
    assert "Mozilla Public License" in (FOLDERS["browser"] / "LICENSE").read_text("utf-8")


def test_bootstrap_and_htmx_are_of_the_major_version_that_the_pages_are_written_for() -> None:
    bootstrap = (FOLDERS["vendor"] / "bootstrap" / "bootstrap.min.css").read_text("utf-8")
    htmx = (FOLDERS["vendor"] / "htmx" / "htmx.min.js").read_text("utf-8")
    assert re.search(r"Bootstrap\s+v5\.3\.\d+", bootstrap)
    assert re.search(r'version:"2\.\d+\.\d+"', htmx)


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    sheets = sorted(FOLDERS["vendor"].rglob("*.css"))
    assert sheets
    for sheet in sheets:
        targets = re.findall(r"url\(\s*[\"']?([^\"')]+)", sheet.read_text("utf-8"))
        assert [target for target in targets if not target.startswith(("data:", "#"))] == []
        assert "@import" not in sheet.read_text("utf-8")


def vietnamese_letters() -> list[str]:
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    toned = [unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in tones]
    return [*toned, "đ", "Đ", "₫"]


@pytest.mark.parametrize("style", ["Regular", "Bold", "Italic", "BoldItalic"])
def test_the_print_font_draws_every_vietnamese_letter(style: str) -> None:
    font = ImageFont.truetype(str(FOLDERS["fonts"] / f"Tinos-{style}.ttf"), 48)
    missing_glyph = bytes(font.getmask("\ue123"))
    assert font.getname()[0] == "Tinos"
    assert len(vietnamese_letters()) == 147
    assert [letter for letter in vietnamese_letters() if bytes(font.getmask(letter)) == missing_glyph] == []
