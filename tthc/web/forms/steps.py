"""Forms that hand a dossier on within the office; ids carry the deed, as several stand on one page."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from tthc.services.dossier_views import DossierView
from tthc.web.forms.base import ChoiceField, LineField, ParagraphField, needed, number, options
from tthc.web.forms.dossiers import SeenForm


class MoveForm(SeenForm):
    """What every hand-over carries: the version that the person saw."""

    deed: ClassVar[str]

    @classmethod
    def for_page(cls, view: DossierView) -> Self:
        """The form as the page offers it."""
        form = cls(formdata=None, prefix=f"{cls.deed}-")
        form.version.data = view.version
        form.offer(view, sent=False)
        return form

    @classmethod
    def sent_for(cls, view: DossierView) -> Self:
        """The form as it was sent."""
        form = cls(prefix=f"{cls.deed}-")
        form.offer(view, sent=True)
        return form

    def offer(self, view: DossierView, *, sent: bool) -> None:
        """Fill the choices."""

    def arguments(self) -> dict[str, Any]:
        """What the service takes, by name."""
        return {
            name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "version")
        }


class HandOnForm(MoveForm):
    """To whom, and what to tell."""

    deed = "hand_on"
    taker_id = ChoiceField(
        "Người nhận", [needed("Chọn người nhận.")], choices=[("", "Chọn người nhận")], coerce=number
    )
    note = LineField("Ghi chú")

    def offer(self, view: DossierView, *, sent: bool) -> None:
        """The people of the next step's role."""
        self.taker_id.choices = options(view.steps.takers, "Chọn người nhận")
        if not sent:
            self.taker_id.data = view.steps.usual_taker


class SendBackForm(MoveForm):
    """Why."""

    deed = "send_back"
    reason = ParagraphField("Lý do trả lại", "Ghi lý do trả lại bước trước.")


class TakeBackForm(MoveForm):
    """Nothing more to say than, perhaps, a note."""

    deed = "take_back"
    note = LineField("Ghi chú")


MOVES: dict[str, type[MoveForm]] = {form.deed: form for form in (HandOnForm, SendBackForm, TakeBackForm)}


def move_forms(view: DossierView, refused: MoveForm | None = None) -> dict[str, MoveForm]:
    """The forms that this person may send now, by the name of the deed."""
    possible = {
        "hand_on": view.steps.may_hand_on,
        "send_back": view.steps.may_send_back,
        "take_back": view.steps.may_take_back,
    }
    found = {name: MOVES[name].for_page(view) for name, may in possible.items() if may}
    if refused is not None and refused.deed in found:
        found[refused.deed] = refused
    return found
