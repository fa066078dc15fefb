"""In what capacity somebody signs who is not the head of the office, and what stands above his office."""

from __future__ import annotations

from tthc.domain.text import fold
from tthc.domain.vocabulary import LabelledEnum

HEAD = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"


class SigningCapacity(LabelledEnum):
    """The ways of Decree 30/2020/NĐ-CP, art. 13; the letters by annex I, part I, section II, point 7a.

    "KT." is for deputies of the head alone. Signing by authorisation needs a paper that gives it (art. 13.3).
    """

    DEPUTY = "deputy", "KT. – cấp phó ký thay"
    BY_ORDER = "by_order", "TL. – ký thừa lệnh"
    AUTHORISED = "authorised", "TUQ. – ký thừa ủy quyền"

    @property
    def letters(self) -> str:
        """What stands before the head's office: "KT.", "TL." or "TUQ."."""
        return self.label.partition(" ")[0]

    @property
    def line(self) -> str:
        """The first line of the signature: "TL. THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"."""
        return f"{self.letters} {HEAD}"


def is_deputy(title: str) -> bool:
    """Whether an office is that of a deputy: "Phó Trưởng ban" is, "Trưởng phòng" is not."""
    return "pho" in fold(title).split()
