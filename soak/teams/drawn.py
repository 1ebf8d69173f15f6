"""An organization of many teams, drawn at random: its governance.toml, and all its models with what they are in."""

from __future__ import annotations

import random
from dataclasses import dataclass

from soak.oracle.teams import CardFacts, PackageFacts

HOME, REGION = "111122223333", "us-east-1"
OWNER = f"arn:aws:iam::{HOME}:role/ModelOwner"
STAGES = {"dev": ("ModelDeveloper", 1), "test": ("ModelTester", 2), "prod": ("ModelOperator", 3)}
"""The role that each team has there, and how many accounts."""
AUDITOR = "Auditor"
"""A role that some selectors name in place of the stage's."""
_CARDS = ("Draft", "PendingReview", "Approved", "Archived")
_CARD_WEIGHTS = (1, 2, 6, 1)
_PACKAGES = ("PendingManualApproval", "Approved", "Rejected")
_PACKAGE_WEIGHTS = (2, 6, 1)
_STATUSES = """
[cards.status.Draft]
opens = [{ stage = "dev", write = true }]

[cards.status.PendingReview]
opens = [{ stage = "dev", write = true }, { stage = "test" }]
ask_approvers = true

[cards.status.Approved]
opens = [{ stage = "dev", write = true }, { stage = "test" }, { stage = "prod" }]

[cards.status.Archived]
opens = []

[packages]
card = "required"

[packages.status.PendingManualApproval]
opens = ["test"]
ask_approvers = true

[packages.status.Approved]
opens = ["dev", "test", "prod"]

[packages.status.Rejected]
opens = []
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. Half of the models are cards, the other half packages."""

    teams: int = 50
    models: int = 2_000
    selectors: int = 10

    @property
    def accounts(self) -> int:
        """Six of each team."""
        return self.teams * sum(count for _, count in STAGES.values())


@dataclass(frozen=True, slots=True)
class Company:
    """What was drawn. Where each package's data lie stays the same, whatever else is drawn anew."""

    text: str
    cards: tuple[CardFacts, ...]
    packages: tuple[PackageFacts, ...]


def accounts_of(team: int) -> dict[str, list[str]]:
    """Return a team's accounts by their stage."""
    numbers = iter(range(10 * team, 10 * team + 10))
    return {stage: [f"{200_000_000_000 + next(numbers)}" for _ in range(count)] for stage, (_, count) in STAGES.items()}


def approver_of(audience: str) -> str:
    """Return the ARN of an audience's approver."""
    return f"arn:aws:iam::{HOME}:role/{audience}-approver"


def drawn(size: Size, seed: int) -> Company:
    """Return an organization: teams, selectors, models and statuses. The same for the same seed.

    Models have the same names whatever the seed is: two of them are one organization at two times.
    """
    choose = random.Random(seed)  # a choice of examples, no secret
    names = [f"t{number % size.teams:02}-{number // size.teams:02}" for number in range(size.models // 2)]
    teams = choose.sample(range(size.teams), size.selectors)
    selectors = [_selector(size, choose, number, team) for number, team in enumerate(teams)]
    audiences = [f"s{number}" for number in range(size.selectors)] + [f"t{team:02}" for team in range(size.teams)]
    text = "\n".join([_head(), *selectors, *map(_team, range(size.teams)), *map(_belongings, audiences), _STATUSES])
    cards = tuple(_card(size, choose, name, names, audiences) for name in names)
    packages = tuple(_package(choose, name, audiences) for name in names)
    return Company(text, cards, packages)


def version_of(group: str) -> str:
    """Return the ARN of a group's version."""
    return f"arn:aws:sagemaker:{REGION}:{HOME}:model-package/{group}/1"


def _head() -> str:
    stages = "".join(f'\n[[stages]]\nname = "{stage}"\nroles = ["{role}"]\n' for stage, (role, _) in STAGES.items())
    return f'[organization]\nid = "o-stagegate01"\n{stages}\n[cards]\nrequired_sections = ["model_overview"]\n'


def _team(team: int) -> str:
    name, accounts = f"t{team:02}", accounts_of(team)
    stages = "".join(_stage(stage, accounts[stage]) for stage in STAGES)
    return f'\n[[audiences]]\nname = "{name}"\ncards = ["{name}-*"]\ngroups = ["{name}-*"]\n{stages}'


def _selector(size: Size, choose: random.Random, number: int, team: int) -> str:
    """An audience before the teams': it takes some of one's models out, for accounts of two others."""
    one, other = choose.sample([each for each in range(size.teams) if each != team], 2)
    prefix, more = f"t{team:02}-", choose.choice(range(10))
    patterns = choose.choice([[f"{prefix}{more:02}"], [f"{prefix}{more:02}*"], [f"{prefix}0*", f"{prefix}1{more}"]])
    listed = ", ".join(f'"{pattern}"' for pattern in patterns)
    owners = choose.choice(["", f'owners = ["{HOME}"]\n', 'owners = ["999988887777"]\n'])
    roles = choose.choice(["", f'roles = ["{AUDITOR}"]\n'])
    # Either it writes in another team's dev account, or it only reads there, where that team writes.
    writes = choose.choice([_stage("dev", accounts_of(one)["dev"]), ""])
    test = [*accounts_of(other)["test"], *([] if writes else accounts_of(one)["dev"])]
    prod = _stage("prod", [*accounts_of(one)["prod"], *accounts_of(other)[choose.choice(["test", "prod"])]], roles)
    return (
        f'\n[[audiences]]\nname = "s{number}"\ncards = [{listed}]\ngroups = [{listed}]\n{owners}'
        f"{writes}{_stage('test', test)}{prod}"
    )


def _stage(stage: str, accounts: list[str], roles: str = "") -> str:
    listed = ", ".join(f'"{account}"' for account in accounts)
    return f'\n[[audiences.stages]]\nstage = "{stage}"\naccounts = [{listed}]\n{roles}'


def _belongings(audience: str) -> str:
    key = f"arn:aws:kms:{REGION}:{HOME}:key/{audience}"
    return (
        f'\n[[approvers]]\nstage = "prod"\naudience = "{audience}"\nprincipals = ["{approver_of(audience)}"]\n'
        f'\n[[buckets]]\nname = "{audience}-artifacts"\naccount = "{HOME}"\nkey = "{key}"\naudience = "{audience}"\n'
    )


def _card(size: Size, choose: random.Random, name: str, names: list[str], audiences: list[str]) -> CardFacts:
    """Most cards are approved by their team's approver; some by another's, or by nobody who may. Most name no package,
    some their group's, and some another one's, of which some are another team's.
    """
    status = choose.choices(_CARDS, _CARD_WEIGHTS)[0]
    near = names[(names.index(name) + size.teams) % len(names)]
    named = choose.choices([(), (name,), (near,), (choose.choice(names),)], (11, 5, 2, 2))[0]
    return CardFacts(name, status, _setter(choose, name, audiences), tuple(map(version_of, named)))


def _package(choose: random.Random, group: str, audiences: list[str]) -> PackageFacts:
    fixed = random.Random(group)
    holder = fixed.choices([group[:3], fixed.choice(audiences)], (9, 1))[0]
    return PackageFacts(
        arn=version_of(group),
        group=group,
        status=choose.choices(_PACKAGES, _PACKAGE_WEIGHTS)[0],
        by=_setter(choose, group, audiences),
        bucket=f"{holder}-artifacts",
        folder=f"{group}/1/",
        repository=f"serving/{group[:3]}",
    )


def _setter(choose: random.Random, name: str, audiences: list[str]) -> str:
    own, others = approver_of(name[:3]), approver_of(choose.choice(audiences))
    return choose.choices([own, others, OWNER], (14, 3, 3))[0]
