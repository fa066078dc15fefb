"""The form of a workflow: one row a step, a few blank ones at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField

from tthc.domain.steps import MOST_STEPS, MOST_UNITS, NAME_LENGTH, ROLES, StepPlan, WorkflowRefused
from tthc.domain.vocabulary import LimitUnit, Role
from tthc.web.forms.base import (
    ChoiceField,
    CountField,
    LineField,
    RowForm,
    VietnameseForm,
    member,
    words,
)
from tthc.web.forms.catalogue_rows import places

_BLANK_ROWS = 3


class StepForm(RowForm):
    """A step: what is done, by whom, in how much time."""

    name = LineField("Tên bước", longest=NAME_LENGTH)
    role = ChoiceField(
        "Vai trò",
        choices=[(role.value, role.label) for role in ROLES],
        coerce=member(Role),
        default=Role.OFFICER,
    )
    amount = CountField("Số", least=1, most=MOST_UNITS)
    unit = ChoiceField(
        "Đơn vị", choices=words(LimitUnit), coerce=member(LimitUnit), default=LimitUnit.WORKING_DAY
    )

    @property
    def blank(self) -> bool:
        """Whether nothing was entered in this row."""
        return not self.name.data and not ((self.amount.raw_data or [""])[0] or self.amount.data)

    def check(self) -> bool:
        """Whether the row has the shape of a step; a blank one has."""
        return self.blank or bool(self.validate())

    def fill(self, step: StepPlan) -> None:
        """Put a step into the row."""
        self.name.data, self.role.data = step.name, step.role
        self.amount.data, self.unit.data = step.amount, step.unit

    def plan(self) -> StepPlan:
        """The row as the service takes it; only after :meth:`check`."""
        return StepPlan(self.name.data or "", self.role.data, self.amount.data or 0, self.unit.data)


class WorkflowForm(VietnameseForm):
    """The steps of a version, and the count of changes that they were made from."""

    seen = HiddenField()

    def __init__(self, sent: Mapping[str, Any] | None = None) -> None:
        super().__init__(formdata=sent)
        self.rows = {at: StepForm(sent, prefix=f"steps-{at}-") for at in places(sent, "steps")[:MOST_STEPS]}

    def fill(self, steps: Sequence[StepPlan]) -> None:
        """Put a workflow into the form."""
        for at, step in enumerate(steps):
            self.rows[at] = StepForm(None, prefix=f"steps-{at}-")
            self.rows[at].fill(step)

    def pad(self) -> None:
        """Add blank rows to write in."""
        free = sum(row.blank for row in self.rows.values())
        for _ in range(_BLANK_ROWS - free):
            at = max(self.rows, default=-1) + 1
            if at < MOST_STEPS:
                self.rows[at] = StepForm(None, prefix=f"steps-{at}-")

    def check(self) -> bool:
        """Whether every row has the right shape."""
        sound = self.validate()
        checked = [row.check() for row in self.rows.values()]
        return sound and all(checked)

    def plans(self) -> list[StepPlan]:
        """The steps as the service takes them; only after :meth:`check`."""
        return [row.plan() for row in self.rows.values() if not row.blank]

    def refuse_steps(self, refusal: WorkflowRefused) -> None:
        """Put every fault at its field."""
        used = [row for row in self.rows.values() if not row.blank]
        for place, name, sentence in refusal.faults:
            if place is None:
                self.form_errors.append(sentence)
            else:
                field = used[place][name]
                field.errors = [*field.errors, sentence]

    def summary(self) -> list[tuple[str | None, str]]:
        """The errors of the form and of its rows."""
        found = super().summary()
        for number, row in enumerate(self.rows.values(), 1):
            for field in row:
                found += [(str(field.id), f"Bước {number}: {text}") for text in field.errors]
        return found
