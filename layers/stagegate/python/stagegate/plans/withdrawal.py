"""What a person is told who asks what withdrawing Stagegate would take out."""

from collections.abc import Collection

from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels, Message, mail
from stagegate.plans.sweep import Drift, Totals, counts_of, start_command
from stagegate.rules.model import Rules


def withdrawal_message(
    rules: Rules,
    totals: Totals,
    named: Collection[Drift],
    *,
    notes: Collection[str],
    failures: str,
    sweep: str,
    state_machine: str,
) -> Message:
    """Return what a withdrawal would take out, and how to say yes. For the arguments see `sweep_message`."""
    has = "subject has" if totals.drifting == 1 else "subjects have"
    parts = [
        [
            f"Sweep {sweep} has looked at {totals.subjects} subjects. {totals.drifting} {has} something to take out.",
            f"Withdrawing Stagegate closes {totals.closes} of {totals.open} open grants.",
            *filter(None, notes),
        ],
        counts_of(totals, named),
        failures.splitlines(),
        [
            "Nothing was changed. To withdraw Stagegate:",
            start_command(state_machine, f'{{"sweep": "{sweep}"}}'),
            "From then on every run and every sweep closes, whatever the rules and approvals say, and nothing opens.",
            "docs/remove.md says how to see that all of it is closed, what stays, and how to take this back.",
            *_paused(rules),
        ],
    ]
    labels = Labels(kind=(MessageKind.DECIDE,), subject_type="sweep")
    return mail(f"withdrawing Stagegate would close {totals.closes} grants", parts, labels)


def _paused(rules: Rules) -> list[str]:
    if not rules.paused:
        return []
    return ["governance.toml says paused: nothing closes until that is taken out, and nothing opens then either."]
