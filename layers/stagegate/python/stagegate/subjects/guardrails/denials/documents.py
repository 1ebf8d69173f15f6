"""A guardrail's policy document, as the same text each time, and whether AWS would take it."""

import json
from collections.abc import Collection

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.documents import canonical
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.guardrails import Access, Guardrail, GuardrailKind
from stagegate.subjects.guardrails.denials import bedrock, jumpstart, public_hub
from stagegate.subjects.guardrails.denials.model import Denial

EXEMPT = "aws:PrincipalArn"


def denials_of(guardrail: Guardrail, partition: str) -> tuple[Denial, ...]:
    """Return all that a guardrail takes away, in the order of its document."""
    return (
        *(public_hub.denials(partition) if guardrail.public_hub is Access.DENY else ()),
        *(bedrock.denials(guardrail.bedrock, partition) if guardrail.bedrock else ()),
        *(jumpstart.denials(guardrail.jumpstart) if guardrail.jumpstart else ()),
    )


def document_of(guardrail: Guardrail, partition: str, exempt: Collection[str] = ()) -> str:
    """Return the guardrail's document, minified.

    A boundary has the allow that it takes away from. A service control policy leaves out `exempt`, the ARNs of the
    roles that keep the hubs in step: they have to read the public hub.
    Raises DocumentTooLargeError, which names the size, the limit and the ways out.
    """
    statements = [denial.to_json() for denial in denials_of(guardrail, partition)]
    if guardrail.by is GuardrailKind.BOUNDARY:
        statements.insert(0, {"Sid": "StagegateBoundary", "Effect": "Allow", "Action": "*", "Resource": "*"})
    elif exempt:
        for statement in statements:
            statement.setdefault("Condition", {})["ArnNotEquals"] = {EXEMPT: sorted(exempt)}
    text = canonical({"Version": "2012-10-17", "Statement": statements})
    limit = limit_of(guardrail.by)
    size = len(text.encode())
    if size > limit:
        raise DocumentTooLargeError(
            f"guardrail {guardrail.name}: found {size} bytes; allowed: {limit}. Ways out: name families of models by a"
            " pattern with * instead of one by one, allow what may be used instead of denying what may not, or put part"
            " of it into a second guardrail."
        )
    return text


def limit_of(kind: GuardrailKind) -> int:
    """Return how many bytes a guardrail's document may have."""
    return SCP_LIMIT if kind is GuardrailKind.SCP else MANAGED_POLICY_LIMIT


def same(found: str, wanted: str) -> bool:
    """Tell whether a document that AWS gave back is the one that is wanted, however it was stored."""
    return canonical(json.loads(found)) == wanted
