"""Everybody's access to every model, decided by an evaluator over the documents as they are rendered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.documents import Document
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel.identity import Principal, session
from sandbox.services import authorizations
from soak.oracle.teams import Access, CardFacts, PackageFacts
from soak.teams.drawn import AUDITOR, HOME, REGION, STAGES, Company, Size, accounts_of
from soak.teams.planned import Planned, card_arn
from stagegate.targets.target import TargetType

_READ, _WRITE = "sagemaker:DescribeModelCard", "sagemaker:UpdateModelCard"
_SHOWN = 20


def _document(name: str, kind: Kind, **statement: object) -> Document:
    text = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **statement}}
    return parse(name, kind, json.dumps(text))


_ALL = _document("all", Kind.IDENTITY, Action="*")
_FULL = _document("FullAWSAccess", Kind.SCP, Action="*")


@dataclass(slots=True)
class Judged:
    """How many pairs of a role and a model were decided, and what was found open. `across` counts those of `too_many`
    in which the role is of an account that the model isn't for at all; `wrong` says the first of all.
    """

    pairs: int = 0
    roles: int = 0
    models: int = 0
    open: int = 0
    too_many: int = 0
    too_few: int = 0
    across: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, who: Principal, what: str, theirs: frozenset[str], *, found: bool, wanted: bool) -> None:
        """Take down what one role may do with one model, which is for `theirs` alone."""
        self.open += found
        if found == wanted:
            return
        self.too_many += found
        self.too_few += wanted
        self.across += found and who.account not in theirs
        if len(self.wrong) < _SHOWN:
            self.wrong.append(f"{who.role_arn}: {what}: found {found}, must be {wanted}")


def judge(size: Size, planned: Planned, wanted: Access, company: Company, every: int = 1) -> Judged:
    """Decide every pair of a role and a model: whether it may read the card, write it, deploy the package. Only of each
    so many-th role where `every` isn't 1.
    """
    authorizations.register()
    roles = [session(arn, "somebody") for arn in _roles(size)][::every]
    models = len(company.cards) + len(company.packages)
    judged = Judged(roles=len(roles), models=models, pairs=len(roles) * models)
    judges = _Judge(planned, wanted, roles, judged)
    for card in company.cards:
        judges.card(card)
    for package in company.packages:
        judges.package(package)
    judges.what_versions_share(company.packages)
    return judged


def _roles(size: Size) -> Iterator[str]:
    """In each account its stage's role, and one that nobody names but some selectors."""
    for team in range(size.teams):
        for stage, accounts in accounts_of(team).items():
            for account in accounts:
                for name in (STAGES[stage][0], AUDITOR):
                    yield f"arn:aws:iam::{account}:role/{name}"


class _Judge:
    """What stands, read once: the fences by account, the documents by what they are on, the grantees of each key."""

    def __init__(self, planned: Planned, wanted: Access, roles: list[Principal], judged: Judged) -> None:
        self._planned, self._wanted, self._roles, self._judged = planned, wanted, roles, judged
        fences = {account: planned.fence(account) for account in {role.account for role in roles}}
        self._scps = {
            account: ((_FULL,) if text is None else (_FULL, parse("fence", Kind.SCP, text)),)
            for account, text in fences.items()
        }
        self._documents = {
            (target.type, target.name): parse(target.id, Kind.RESOURCE, text) for target, text in planned.documents()
        }
        self._grantees = {arn: {use.grantee for use in uses} for arn, uses in planned.uses().items()}

    def card(self, card: CardFacts) -> None:
        """A share lets an account at its cards, and all roles there; a fence denies them all to write."""
        arn, must, theirs = card_arn(card), self._wanted.cards[card.name], self._wanted.theirs[card.name]
        shares = tuple(
            _document(share, Kind.RESOURCE, Principal={"AWS": accounts}, Action=[_READ, _WRITE])
            for share, inside in self._planned.inside.items()
            if arn in inside and (accounts := sorted(self._planned.shares[share].principals or ()))
        )
        for role in self._roles:
            policies = Policies(identity=(_ALL,), resource=shares, scps=self._scps[role.account])
            context = {"aws:PrincipalArn": (role.role_arn or "",), "aws:ResourceAccount": (HOME,)}
            reads = evaluate(Request(role, _READ, arn, HOME, context), policies).allowed
            # What lets anybody write a card is the share that lets them read it.
            writes = reads and evaluate(Request(role, _WRITE, arn, HOME, context), policies).allowed
            may_read, may_write = role.account in must, must.get(role.account, False)
            self._judged.note(role, f"read {card.name}", theirs, found=reads, wanted=may_read)
            self._judged.note(role, f"write {card.name}", theirs, found=writes, wanted=may_write)

    def package(self, package: PackageFacts) -> None:
        """Who deploys a version may describe it, and get its data."""
        must, theirs = self._wanted.packages[package.arn], self._wanted.theirs[package.arn]
        group, bucket = (TargetType.GROUP_POLICY, package.group), (TargetType.BUCKET_POLICY, package.bucket)
        weights = f"arn:aws:s3:::{package.bucket}/{package.folder}model.tar.gz"
        for role in self._roles:
            described = self._may(role, "sagemaker:DescribeModelPackage", package.arn, group)
            got = self._may(role, "s3:GetObject", weights, bucket)
            for what, found in (("describe", described), ("get the data of", got)):
                self._judged.note(role, f"{what} {package.group}", theirs, found=found, wanted=_named(role) in must)

    def what_versions_share(self, packages: tuple[PackageFacts, ...]) -> None:
        """Whoever deploys one of them may pull from the repository, and decrypt with the key."""
        for repository in sorted({package.repository for package in packages}):
            must, theirs = self._of([each for each in packages if each.repository == repository])
            arn, where = f"arn:aws:ecr:{REGION}:{HOME}:repository/{repository}", TargetType.REPOSITORY_POLICY
            for role in self._roles:
                found = self._may(role, "ecr:BatchGetImage", arn, (where, repository))
                self._judged.note(role, f"pull {repository}", theirs, found=found, wanted=_named(role) in must)
        for bucket in sorted({package.bucket for package in packages}):
            must, theirs = self._of([each for each in packages if each.bucket == bucket])
            key = f"arn:aws:kms:{REGION}:{HOME}:key/{bucket.removesuffix('-artifacts')}"
            for role in self._roles:
                found = role.role_arn in self._grantees.get(key, ())
                self._judged.note(role, f"decrypt with {key}", theirs, found=found, wanted=_named(role) in must)

    def _may(self, role: Principal, action: str, resource: str, where: tuple[TargetType, str]) -> bool:
        document = self._documents.get(where)
        if document is None:
            return False
        policies = Policies(identity=(_ALL,), resource=(document,))
        context = {"aws:PrincipalArn": (role.role_arn or "",)}
        return evaluate(Request(role, action, resource, HOME, context), policies).allowed

    def _of(self, packages: list[PackageFacts]) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
        """Who must deploy one of these, and all accounts of whom they are for."""
        must = frozenset[tuple[str, str]]().union(*(self._wanted.packages[each.arn] for each in packages))
        return must, frozenset[str]().union(*(self._wanted.theirs[each.arn] for each in packages))


def _named(role: Principal) -> tuple[str, str]:
    return role.account, (role.role_arn or "").rpartition("/")[2]
