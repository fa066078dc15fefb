"""Who may do what, as the office reads it."""

from __future__ import annotations

import pytest

from tthc.domain.permissions import ALLOWED, Action, Actor, NotAllowed, system_actor
from tthc.domain.vocabulary import DomainError, Role

MATRIX = """
                    clerk officer supervisor reporter admin auditor
view_dossiers       x     x       x          x        x     x
receive_dossier     x     ·       x          ·        ·     ·
process_dossier     x     x       x          ·        ·     ·
hand_over_dossier   x     ·       x          ·        ·     ·
assign_dossier      x     ·       x          ·        ·     ·
keep_papers         x     x       x          ·        ·     ·
transfer_dossiers   x     x       x          ·        ·     ·
stop_dossier        ·     ·       x          ·        ·     ·
reopen_dossier      ·     ·       x          ·        ·     ·
record_fee          x     ·       x          ·        ·     ·
view_fees           x     ·       x          x        ·     x
approve_extension   ·     ·       x          ·        ·     ·
correct_intake      x     ·       x          ·        ·     ·
correct_dossier     ·     ·       x          ·        ·     ·
edit_applicant      x     ·       x          ·        ·     ·
merge_applicants    ·     ·       x          ·        x     ·
view_access_log     ·     ·       ·          ·        x     x
view_petitions      x     x       x          x        x     x
record_petition     x     x       x          ·        ·     ·
correct_petition    ·     ·       x          ·        ·     ·
view_alerts         x     x       x          x        x     x
acknowledge_alert   ·     ·       x          ·        ·     ·
answer_own_alert    x     x       x          ·        ·     ·
view_tallies        x     x       x          x        x     x
prepare_report      ·     ·       x          x        ·     ·
close_period        ·     ·       x          ·        ·     ·
export_register     ·     ·       x          x        x     x
import_register     x     ·       ·          x        x     ·
view_register       x     ·       x          x        x     x
keep_register       x     ·       x          ·        ·     ·
lock_register       ·     ·       x          ·        ·     ·
record_investment   x     x       x          x        ·     ·
plan_investment     ·     ·       ·          x        x     ·
view_catalogue      x     x       x          x        x     x
edit_catalogue      ·     ·       ·          ·        x     ·
view_calendar       x     x       x          x        x     x
change_calendar     ·     ·       x          ·        x     ·
move_promises       ·     ·       x          ·        ·     ·
view_settings       ·     ·       x          x        x     x
change_settings     ·     ·       x          ·        x     ·
run_jobs            ·     ·       x          ·        x     ·
manage_accounts     ·     ·       ·          ·        x     ·
manage_unit         ·     ·       ·          ·        x     ·
delegate            ·     ·       x          ·        x     ·
edit_letters        ·     ·       ·          ·        x     ·
resend_message      ·     ·       x          ·        x     ·
own_account         x     x       x          x        x     x
"""

_LINES = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [
    (Action(line[0]), Role(role), cell == "x")
    for line in _LINES[1:]
    for role, cell in zip(_LINES[0], line[1:], strict=True)
]

#: What only looks: the auditor's whole world, beside the own password.
LOOKING = {
    Action.VIEW_DOSSIERS,
    Action.VIEW_FEES,
    Action.VIEW_ACCESS_LOG,
    Action.VIEW_PETITIONS,
    Action.VIEW_ALERTS,
    Action.VIEW_TALLIES,
    Action.VIEW_CATALOGUE,
    Action.VIEW_CALENDAR,
    Action.VIEW_SETTINGS,
    Action.EXPORT_REGISTER,
    Action.VIEW_REGISTER,
}


def somebody(*roles: Role) -> Actor:
    return Actor(account_id=1, unit_id=1, name="Cán bộ 01", roles=frozenset(roles))


def test_the_matrix_names_every_action_and_every_role() -> None:
    assert {(action, role) for action, role, _ in CELLS} == {(a, r) for a in Action for r in Role}
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize(("action", "role", "may"), CELLS, ids=[f"{a}-{r}" for a, r, _ in CELLS])
def test_role_and_action(action: Action, role: Role, may: bool) -> None:
    assert somebody(role).may(action) is may
    if may:
        somebody(role).require(action)
    else:
        with pytest.raises(NotAllowed, match="không có quyền") as refusal:
            somebody(role).require(action)
        assert isinstance(refusal.value, DomainError)


def test_an_auditor_reads_everything_and_changes_nothing() -> None:
    assert {action for action in Action if somebody(Role.AUDITOR).may(action)} == {
        *LOOKING,
        Action.OWN_ACCOUNT,
    }


def test_several_roles_add_up_and_none_allows_nothing() -> None:
    both = somebody(Role.OFFICER, Role.REPORTER)
    assert both.may(Action.PROCESS_DOSSIER)
    assert both.may(Action.IMPORT_REGISTER)
    assert not both.may(Action.STOP_DOSSIER)
    assert not any(somebody().may(action) for action in Action)


def test_the_program_itself_may_do_everything() -> None:
    system = system_actor(1)
    assert system.account_id is None
    assert all(system.may(action) for action in Action)
