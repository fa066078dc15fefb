"""Forms that hand a dossier on within the office; ids carry the deed, as several stand on one page."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType

from tthc.services.dossier_views import DossierView
from tthc.services.views import Choice
from tthc.web.forms.base import ChoiceField, LineField, ParagraphField, Unsent, needed, number, options
from tthc.web.forms.dossiers import SeenForm


class HandOnForm(SeenForm):
    """To whom, and what to tell."""

    taker_id = ChoiceField(
        "Người nhận", [needed("Chọn người nhận.")], choices=[("", "Chọn người nhận")], coerce=number
    )
    note = LineField("Ghi chú")

    @classmethod
    def on_offer(cls, view: DossierView) -> Hashable:
        """The people of the next step's role, and who takes it as a rule."""
        return tuple(view.steps.takers), view.steps.usual_taker

    def offer(self, offered: tuple[Sequence[Choice], int | None]) -> None:
        """Whoever takes it as a rule is chosen."""
        takers, usual = offered
        self.taker_id.choices = options(takers, "Chọn người nhận")
        if self.taker_id.raw_data is None:
            self.taker_id.data = usual


class SendBackForm(SeenForm):
    """Why."""

    reason = ParagraphField("Lý do trả lại", "Ghi lý do trả lại bước trước.")


class TakeBackForm(SeenForm):
    """Nothing more to say than, perhaps, a note."""

    note = LineField("Ghi chú")


#: The forms by the name of the deed.
MOVES: Mapping[str, type[SeenForm]] = MappingProxyType(
    {"hand_on": HandOnForm, "send_back": SendBackForm, "take_back": TakeBackForm}
)


def move_forms(view: DossierView) -> dict[str, SeenForm | Unsent]:
    """The forms that this person may send now, by the name of the deed."""
    possible = {
        "hand_on": view.steps.may_hand_on,
        "send_back": view.steps.may_send_back,
        "take_back": view.steps.may_take_back,
    }
    return {name: MOVES[name].unsent(view, name) for name, may in possible.items() if may}
