"""What a decision about a subject with approvals rests on."""

from datetime import datetime

from stagegate.approvals.gate import records_altered
from stagegate.approvals.kept import Kept
from stagegate.core.arns import Subject
from stagegate.plans.decision import Basis
from stagegate.plans.grants import View
from stagegate.rules.model import Rules


def basis_of(rules: Rules, subject: Subject, view: View, kept: Kept, *, flaw: str, now: datetime, sweep: str) -> Basis:
    """Return what a decision rests on; with a `flaw` in what was kept, the finding that says so."""
    return Basis(
        rules=rules,
        subject=subject,
        view=view,
        now=now,
        sweep=sweep,
        questions=kept.questions,
        head=kept.head,
        findings=(records_altered(subject.arn, flaw),) if flaw else (),
    )
