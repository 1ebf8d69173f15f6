"""What a person is told about a model package, beside what they are told about every subject."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.core.messages.mail import ENCRYPTED, LEFT_OUT
from stagegate.core.statuses import PackageStatus
from stagegate.core.untrusted import quoted, word
from stagegate.links.link import Link
from stagegate.links.messages import about_card
from stagegate.plans.decision import Decision
from stagegate.plans.grants import Grant, approved_by
from stagegate.plans.question import Question, for_a_reason, lines
from stagegate.plans.wording import NOBODY, Wording
from stagegate.rules.model import Rules
from stagegate.subjects.packages.contents.environment import compared
from stagegate.subjects.packages.model import Package
from stagegate.subjects.packages.questions.question import does
from stagegate.targets.target import target_of, title

MOST_VARIABLES = 40
"""Variables of the environment that a message shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedLast:
    """The variables that were approved last, as people may see them, and the version that had them."""

    version: int
    environment: tuple[str, ...]


def wording(
    rules: Rules,
    decision: Decision,
    package: Package | None,
    before: ApprovedLast | None = None,
    link: Link | None = None,
    question: Question | None = None,
) -> Wording:
    """Return what is said of a package, None for one that is gone. `before` is what was approved last, None if nothing
    was; `link` says which card speaks for it, None where the rules ask no card. `question` is what approvers are asked.
    """
    on_targets = [grant for grant in decision.grants if grant.target]
    access = tuple(_access(on_targets, decision.subject.partition)) or NOBODY
    if package is None:
        return Wording(access=access)
    says = says_of(package)
    quotes = bool(package.kms_key) and rules.messages.quote_encrypted
    return Wording(
        access=access,
        about=(
            *about_of(package, before, *([ENCRYPTED] if quotes else [LEFT_OUT] if package.kms_key else [says])),
            *about_card(link),
        ),
        secret=says if quotes else "",
        risk=package.risk.value,
        question=question,
        to_decide=tuple(lines(question, _does(rules, package, question))) if question else (),
    )


def about_of(package: Package, before: ApprovedLast | None, *says: str) -> list[str]:
    """Return what the package `says` it is, its risk, and what it is made of."""
    return [
        *says,
        f"Risk: {package.risk}.",
        *(
            f"Image: {word(c.image_uri)}{f' ({word(c.image_digest)})' if c.image_digest else ''}"
            for c in package.containers
            if c.image_uri
        ),
        *(f"Image, by its environment: {word(uri)}" for c in package.containers for uri in c.mentions.images),
        *(f"Data: {uri.shown}" for uri in package.data_uris),
        *(f"Not fingerprinted: {word(text)}" for text in package.unpinned),
        *_environment(package, before),
        *([] if package.has_something_to_deploy else ["There is nothing to deploy in it."]),
    ]


def says_of(package: Package) -> str:
    """Return what the package, or its card, says that the model is for."""
    if package.overview:
        return f"It says: {quoted(package.overview)}"
    return "Neither the package nor its card says what the model is for."


def _environment(package: Package, before: ApprovedLast | None) -> list[str]:
    """Return the variables of all containers, beside those that were approved last; so many as a message takes."""
    now = package.environment
    lines = [f"Environment: {word(line)}" for line in now]
    if before:
        head = f"Environment, beside version {before.version}, which was approved last"
        lines = [f"{head}: {line}" for line in compared(before.environment, now)]
    more = [f"Environment: and {len(lines) - MOST_VARIABLES} more"] if len(lines) > MOST_VARIABLES else []
    return [*lines[:MOST_VARIABLES], *more]


def _access(grants: Iterable[Grant], partition: str) -> list[str]:
    """Return which stages may deploy or import the package then, each with the targets that its access stands on."""
    stages: dict[tuple[str, tuple[str, ...], str, str], list[str]] = {}
    for grant in grants:
        key = (grant.stage, grant.accounts, grant.permission, approved_by(grant))
        stages.setdefault(key, []).append(title(target_of(grant.target, partition)))
    return [
        f"- {stage} ({', '.join(accounts)}): {permission}; {', '.join(on)}{approved}"
        for (stage, accounts, permission, approved), on in stages.items()
    ]


def _does(rules: Rules, package: Package, question: Question) -> dict[str, str]:
    """Return what a stage may do with the package by a status that says yes."""
    said: dict[str, str] = {}
    for yes in question.yes:
        for each in yes.stages:
            what = " and ".join(does(rules, package, PackageStatus(yes.status), each.stage))
            said.setdefault(each.stage, f"to {what} it{for_a_reason(rules, each.stage)}")
    return said
