"""The colours of the pages as the stylesheet has them, with what each is for and how well it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tthc.resources import static_folder

_BLOCK = re.compile(r":root\s*\{(.*?)\}", re.DOTALL)
_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6});")

#: token → (what it is for, on which token it is read; "" where nothing is read in it)
ROLES: Mapping[str, tuple[str, str]] = {
    "ink": ("Chữ", "paper"),
    "quiet": ("Chữ phụ: chú thích, gợi ý, tiêu đề cột", "ground"),
    "paper": ("Nền bảng, khung, ô nhập", ""),
    "ground": ("Nền trang", ""),
    "rule": ("Đường kẻ giữa các dòng", ""),
    "edge": ("Viền ô nhập và nút", ""),
    "accent": ("Liên kết, nút chính, khung con trỏ", "ground"),
    "accent-strong": ("Liên kết và nút chính khi trỏ vào", "ground"),
    "on-accent": ("Chữ trên nút chính", "accent"),
    "within": ("Trong hạn", "ground"),
    "soon": ("Sắp đến hạn", "mark"),
    "overdue": ("Quá hạn, lỗi nhập: màu đỏ duy nhất", "ground"),
    "waiting": ("Chờ bổ sung, dừng tính hạn", "ground"),
    "done": ("Đã xong", "ground"),
    "mark": ("Nền lời nhắc, chữ tìm thấy", ""),
    "hover": ("Nền dòng khi trỏ vào", ""),
}


@dataclass(frozen=True)
class Colour:
    """A token: its values by light and dark, its contrast on what lies below it (``None``: no text)."""

    token: str
    role: str
    below: str
    light: str
    dark: str
    light_contrast: float | None
    dark_contrast: float | None


def contrast(one: str, other: str) -> float:
    """How far two colours ``#rrggbb`` differ, 1 to 21 (WCAG 2.2, contrast ratio).

    Black on white is 21, a colour on itself 1; text needs at least 4.5.
    """
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@cache
def colours() -> tuple[Colour, ...]:
    """Every token of the stylesheet, in its order."""
    light, dark = (dict(_TOKEN.findall(block)) for block in _BLOCK.findall(_sheet())[:2])
    return tuple(
        Colour(
            token,
            role,
            below,
            light[token],
            dark[token],
            contrast(light[token], light[below]) if below else None,
            contrast(dark[token], dark[below]) if below else None,
        )
        for token, (role, below) in ROLES.items()
    )


def _sheet() -> str:
    return (static_folder() / "css" / "tthc.css").read_text("utf-8")


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
