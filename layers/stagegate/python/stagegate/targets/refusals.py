"""What stands in the way of using what opens: others' denies in the policies of the targets."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from stagegate.core.findings import Finding, Severity, blocked, warned
from stagegate.core.sentences import named
from stagegate.iam.denies import Refusal, refusals
from stagegate.iam.read import UnreadablePolicyError, read_policy
from stagegate.iam.requests import Place, Request, requests_of, requests_of_use
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.target import Target, TargetType, title


def refusal_findings(
    desired: Iterable[DesiredGrant], policies: Mapping[str, str | None], place: Place, sid_prefix: str
) -> tuple[Finding, ...]:
    """Return what others' statements do to what each stage is to have: a block where they refuse something to every
    principal of it, a warning where they refuse some, or may.

    `policies` are the texts by the targets' ids, None for none; targets that aren't among them nobody has looked at.
    `place` is the subject's: its organization and what is known of roles.
    """
    found: dict[Finding, None] = {}
    for desired_grant in desired:
        target = desired_grant.target
        text = policies.get(target.id)
        if text is None:
            continue
        where = replace(place, account=target.account, region=target.region)
        asked = _requests(desired_grant, where)
        try:
            refused = refusals(read_policy(text, sid_prefix), asked)
        except UnreadablePolicyError:  # told of where the document is compared or written
            continue
        everybody = frozenset(request.principal for request in asked)
        found |= dict.fromkeys(refusal_finding(each, target, desired_grant.stage, everybody) for each in refused)
    return tuple(found)


def stages_blocked(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the stages that a finding keeps closed."""
    return frozenset(each.stage for each in findings if each.severity is Severity.BLOCK and each.stage)


def without(desired: Iterable[DesiredGrant], stages: Collection[str]) -> tuple[DesiredGrant, ...]:
    """Return what the other stages are to have."""
    return tuple(desired_grant for desired_grant in desired if desired_grant.stage not in stages)


def _requests(desired_grant: DesiredGrant, place: Place) -> list[Request]:
    on_document = [request for statement in desired_grant.statements for request in requests_of(statement, place)]
    on_key = [
        request for use in desired_grant.uses for request in requests_of_use(use, desired_grant.target.name, place)
    ]
    return [*on_document, *on_key]


def refusal_finding(refusal: Refusal, target: Target, stage: str, everybody: frozenset[str]) -> Finding:
    """Return the finding for a statement that refuses a stage something; `everybody` are the stage's principals."""
    statement = f"Statement {refusal.statement} in the policy of {title(target)}, which isn't Stagegate's,"
    actions = named(refusal.actions)
    except_ = f"Have whoever wrote it except {'them' if len(everybody) > 1 else 'it'} (aws:PrincipalArn)."
    if refusal.refused >= everybody:
        return blocked(
            "ForeignDeny",
            f"{statement} denies {_who(everybody)} {actions}: {stage} could see the model and not use it. {except_}",
            stage,
        )
    if refusal.refused:
        return warned(
            "ForeignDeny",
            f"{statement} denies {_who(refusal.refused)} {actions}, and not everybody of {stage}. {except_}",
            stage,
        )
    return warned(
        "ForeignDenyPossible",
        f"{statement} may deny {_who(refusal.perhaps)} {actions}: that depends on {named(refusal.unknown)}, which"
        f" can't be seen from here.{_of_not_principal(refusal)}",
        stage,
    )


def _of_not_principal(refusal: Refusal) -> str:
    if "its NotPrincipal" not in refusal.unknown:
        return ""
    return (
        " A deny with NotPrincipal also hits every principal that has a permissions boundary, whatever it lists: write"
        ' Principal "*" with a condition on aws:PrincipalArn instead.'
    )


def _who(principals: Iterable[str]) -> str:
    return named(sorted(f"all of {each.split(':')[4]}" if each.endswith(":root") else each for each in principals))


DOCUMENTS = (TargetType.GROUP_POLICY, TargetType.BUCKET_POLICY, TargetType.REPOSITORY_POLICY, TargetType.KEY_GRANTS)
"""The targets that have a policy: a key's own stands beside the grants on it."""
