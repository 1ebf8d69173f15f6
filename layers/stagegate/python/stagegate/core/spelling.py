"""One subject is one ARN, as AWS writes it: somebody else may have spelled it with other capitals."""

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked


def other_spelling(subject: Subject, arn: str) -> Finding | None:
    """Return the finding for a subject whose ARN AWS writes otherwise, None for one that is spelled so. Under the
    other spelling it has another claim and another record: nothing of it may open.
    """
    if subject.arn == arn:
        return None
    return blocked("OtherSpelling", f"SageMaker writes {subject.arn} as {arn}: start that.")
