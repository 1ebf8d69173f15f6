"""Who can use what: one row for each account, model and surface, and the rows that somebody asks for."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.access.model import Access, SubjectRecord
from stagegate.access.own_rules import rules_of
from stagegate.core.arns import Subject
from stagegate.plans.grants import Grant
from stagegate.rules.model import PrincipalScope, Rules
from stagegate.targets.target import TargetType

_CAN = {
    "model-card": ("read", "read and write"),
    "model-package": ("deploy", "deploy"),
    "model-package-group": ("register", "register"),
    "hub": ("see", "see and deploy"),
}
"""What a grant is for, without and with `write`."""

GIVE_ACCESS = frozenset(_CAN)
"""The kinds of subjects that give anybody access: guardrails and accounts don't."""


def access_of(
    record: SubjectRecord, rules: Rules | None = None, card: SubjectRecord | None = None
) -> tuple[Access, ...]:
    """Return who can use a subject by what is recorded, with the roles that these rules (the whole file's) have for its
    stages; without rules, roles aren't known. `card` is what is recorded of the card that a package follows.
    """
    if record.subject.kind not in GIVE_ACCESS:
        return ()
    narrowed = rules_of(record, rules, card) if rules else None
    return tuple(
        Access(
            subject=record.subject,
            stage=grant.stage,
            account=account,
            roles=roles_of(narrowed, record.subject, grant.stage) if narrowed else (),
            audience=grant.audience,
            can=can_of(record.subject, grant),
            surface=surface_of(grant),
            through=grant.target or grant.share_arn or "",
            since=grant.since,
            approval=grant.approval,
            approved_by=grant.approved_by,
        )
        for grant in record.grants
        for account in grant.accounts
    )


def can_of(subject: Subject, grant: Grant) -> str:
    """Return what a grant lets people do with a subject of a kind that gives access (see `Access.can`)."""
    return _CAN[subject.kind][grant.write]


def surface_of(grant: Grant) -> str:
    """Return what kind of thing a grant is on: "resource share", or the type of its target in words."""
    return TargetType(grant.target.partition("/")[0]).replace("-", " ") if grant.target else "resource share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose access to what is asked for; "" is any.

    `model` is the name or the ARN of a subject: of a package `GROUP/VERSION`, and `GROUP` for all of a group's. `role`
    is a role's name or ARN; an ARN asks for its account, too. Names of groups count in any spelling, as SageMaker
    writes them in small letters.
    """

    model: str = ""
    account: str = ""
    role: str = ""
    audience: str = ""


def selected(found: Iterable[Access], asked: Asked) -> tuple[Access, ...]:
    """Return the access that is asked for. Where roles aren't known, or every principal counts, any role fits."""
    return tuple(access for access in found if _fits(access, asked))


def is_called(record_or_access: SubjectRecord | Access, model: str) -> bool:
    """Tell whether a subject is meant by a name or an ARN (see `Asked`)."""
    subject = record_or_access.subject
    if model == subject.arn:
        return True
    name, said = subject.name, model
    if subject.kind.startswith("model-package"):
        name, said = name.lower(), said.lower()
    return said == name or (subject.kind == "model-package" and said == name.partition("/")[0])


def _fits(access: Access, asked: Asked) -> bool:
    account, role = asked.account, asked.role.rpartition("/")[2]
    if asked.role.startswith("arn:"):
        of_role = asked.role.split(":")[4]
        if account and account != of_role:
            return False
        account = of_role
    return (
        (not asked.model or is_called(access, asked.model))
        and (not account or account == access.account)
        and (not role or not access.roles or role in access.roles)
        and (not asked.audience or asked.audience == access.audience)
    )


def roles_of(rules: Rules, subject: Subject, name: str) -> tuple[str, ...]:
    """Return the names of the roles that a stage has for a subject by the subject's own rules (`rules_of`); none as
    in `Access.roles`.
    """
    stage = next((stage for stage in rules.stages if stage.name == name), None)
    if stage is None:
        return ()
    if subject.kind == "model-package-group":
        entries = [each for each in rules.registrations if each.stage == name and each.fits(subject.name)]
        return tuple(dict.fromkeys(role for each in entries for role in each.roles or stage.roles))
    is_for_all = rules.packages is not None and rules.packages.principals is PrincipalScope.ACCOUNT
    # A share of a card or a hub is with the whole account, whose administrators let its roles at it.
    return stage.roles if subject.kind == "model-package" and not is_for_all else ()
