"""What a decision about a subject with approvals rests on."""

from datetime import datetime

from stagegate.approvals.gate import records_altered
from stagegate.approvals.kept import Kept
from stagegate.approvals.questions import of_this_one
from stagegate.approvals.records import Approvable
from stagegate.core.arns import Subject
from stagegate.plans.decision import Basis
from stagegate.plans.grants import View
from stagegate.rules.model import Rules


def basis_of(
    rules: Rules,
    subject: Subject,
    view: View,
    kept: Kept,
    *,
    of: Approvable | None,
    flaw: str,
    now: datetime,
    sweep: str,
) -> Basis:
    """Return what a decision rests on; with a `flaw` in what was kept, the finding that says so. `of`: the subject as
    it is there, None for one that is gone: what was asked about an earlier one of its name is left out.
    """
    return Basis(
        rules=rules,
        subject=subject,
        view=view,
        now=now,
        sweep=sweep,
        questions=of_this_one(of, kept.questions) if of else kept.questions,
        head=kept.head,
        findings=(records_altered(subject.arn, flaw),) if flaw else (),
    )
