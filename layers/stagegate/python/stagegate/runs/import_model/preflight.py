"""What an import needs to be allowed, and what to say of each part that isn't.

IAM's simulator answers for the hosting account: the role's own policy, its boundary and the organization's policies. It
doesn't take resource-based policies for roles ("SimulatePrincipalPolicy", IAM API reference), so the owner's half is
proven by reading it back: our statements stand in the bucket's policy, our grant stands on the key, and others' denies
are evaluated (`iam.denies`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from stagegate.core.findings import Finding, blocked, warned
from stagegate.targets.model_import import ModelImport

Context = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One call that Bedrock makes with the role: an action on a resource, with the context that IAM would see.

    `statement` is that of the role's policy which has to allow it.
    """

    action: str
    resource: str
    statement: str
    context: Context = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the simulator says of a check: why not, in IAM's terms, where it isn't allowed."""

    is_allowed: bool
    is_explicit: bool = False
    by_boundary: bool = False
    by_organization: bool = False


def checks_of(requested: ModelImport) -> tuple[Check, ...]:
    """Return everything that the execution role has to be allowed by its own account."""
    bucket = f"arn:{requested.partition}:s3:::{requested.source.bucket}"
    owner = ("aws:ResourceAccount", requested.source_account)
    found = [
        Check(
            action="s3:ListBucket",
            resource=bucket,
            statement="StagegateListWeights",
            context=(owner, ("s3:prefix", requested.source.key)),
        ),
        Check(
            action="s3:GetObject",
            resource=f"{bucket}/{requested.source.key}config.json",
            statement="StagegateGetWeights",
            context=(owner,),
        ),
    ]
    if requested.source_key:
        found += [
            _on_key(requested.source_key, action, "StagegateReadWeights") for action in ("Decrypt", "DescribeKey")
        ]
    if requested.key:
        via = ("kms:ViaService", f"bedrock.{requested.region}.amazonaws.com")
        uses = ("Decrypt", "DescribeKey", "GenerateDataKey")
        found += [_on_key(requested.key, action, "StagegateKeepModel", via) for action in uses]
        for_bedrock = ("kms:GrantIsForAWSResource", "true")
        found.append(_on_key(requested.key, "CreateGrant", "StagegateLetBedrockKeepModel", via, for_bedrock))
    return tuple(found)


def access_findings(
    requested: ModelImport,
    verdicts: Mapping[Check, Verdict] | None,
    missing_on_bucket: Iterable[str],
    missing_on_key: Iterable[str],
) -> list[Finding]:
    """Return what keeps the role from the weights or from a key. `verdicts` is None where there is no such role.

    The lines say what of ours is missing on the bucket and on the key.
    """
    if verdicts is None:
        return [
            blocked(
                "ImportRoleMissing",
                f"{requested.role_arn} isn't there: somebody has deleted it. Start the package by hand, which makes it"
                " anew.",
                requested.stage,
            )
        ]
    again = "Start the package by hand, which writes it again; find out who takes it away."
    return [
        *(_denied(requested, check, verdict) for check, verdict in verdicts.items() if not verdict.is_allowed),
        *(
            blocked(
                "ImportBucketClosed",
                f"The policy of bucket {requested.source.bucket} in account {requested.source_account} doesn't say what"
                f" Stagegate wrote into it: {line}. {again}",
                requested.stage,
            )
            for line in missing_on_bucket
        ),
        *(
            blocked(
                "ImportKeyClosed",
                f"A grant on {requested.source_key}, the key of the weights, isn't there any more: {line}. {again}",
                requested.stage,
            )
            for line in missing_on_key
        ),
    ]


def unproven(requested: ModelImport, perhaps: Collection[str]) -> Finding:
    """Return what no check could prove, for those who look for the cause of a failure. `perhaps` says of others'
    statements that may deny the role something.
    """
    of_key = f" and of the key {requested.key}" if requested.key else ""
    return warned(
        "ImportUnproven",
        f"What a VPC endpoint's policy{of_key} says can't be seen from here."
        f" {' '.join(perhaps) or _NO_DENY.format(bucket=requested.source.bucket)}",
        requested.stage,
    )


_NO_DENY = (
    "No statement of somebody else's in the policy of bucket {bucket}, or of the key of the weights, is in the way."
)


def _on_key(key: str, action: str, statement: str, *context: tuple[str, str]) -> Check:
    owner = ("aws:ResourceAccount", key.split(":")[4])
    return Check(action=f"kms:{action}", resource=key, statement=statement, context=(owner, *context))


def _denied(requested: ModelImport, check: Check, verdict: Verdict) -> Finding:
    if verdict.by_organization:
        why = (
            f"a service control policy on account {requested.account} keeps it from that. Whoever manages the"
            " organization has to except the role, or the account."
        )
    elif verdict.by_boundary:
        why = (
            f"the boundary that the member stack of {requested.account} sets keeps it from that. Its ImportSources"
            " have to"
            f" name {requested.source_account}, and its ImportKeys the key that the model is encrypted with; deploy it"
            " again."
        )
    elif verdict.is_explicit:
        why = f"a statement of its own policies in {requested.account} denies it, which isn't Stagegate's. Take it out."
    else:
        why = (
            f"statement {check.statement} of its policy in {requested.account} is missing or another. Start the"
            " package by"
            " hand, which writes it again."
        )
    return blocked(
        "ImportRoleDenied", f"{requested.role_arn} may not {check.action} on {check.resource}: {why}", requested.stage
    )
