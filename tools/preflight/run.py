"""Every check of what was built, with the parameters and the rules that it is deployed with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagegate.core.partitions import partition_of
from stagegate.rules.model import Rules
from stagegate_cli import documents
from stagegate_cli.checks import Check, merged
from tools.deploy import expected, members
from tools.deploy.members import Governance
from tools.preflight import code, limits, resolve
from tools.preflight.forbidden import forbidden
from tools.preflight.replaced import replaced
from tools.preflight.resolve import Where

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "tests" / "releases"
LOCK = "requirements/layer.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be deployed: what was built and its template, the stack, all of its parameters, the rules, and where.

    `before` has the templates of the release that it follows. `examples` lets the accounts of documentation pass.
    """

    built: Path
    template: Mapping[str, Any]
    stack: str
    values: Mapping[str, str]
    rules: Rules
    account: str
    region: str
    before: Path
    examples: bool = False
    checkout: Path = ROOT

    @property
    def where(self) -> Where:
        """Where the governance stack stands."""
        return self.at(self.account, self.stack)

    def at(self, account: str, stack: str) -> Where:
        """Return where a stack stands in another account."""
        return Where(account=account, region=self.region, partition=partition_of(self.region), stack=stack)

    @property
    def places(self) -> dict[str, Path]:
        """Where all code lies, by resource."""
        return code.places(self.template, self.built, self.checkout)


def latest_release(releases: Path = RELEASES) -> Path:
    """Return the folder of the newest release that has left its templates."""
    found = [each for each in releases.iterdir() if (each / "template.yaml").exists()]
    return max(found, key=lambda each: [int(part) for part in each.name.split(".")])


def checks(given: Given) -> Iterator[Check]:
    """Yield every check. Raises ValueError for a parameter that a template doesn't take."""
    wrong = expected.problems(given.rules, given.values, given.account, examples=given.examples)
    settings = f"{len(given.rules.stages)} stages, {len(given.values)} parameters"
    yield Check("rules and parameters", settings, "what each needs of the other", tuple(wrong))
    prefix, role_path = given.values["Prefix"], given.values["RolePath"]
    where = given.where
    yield from documents.of_rules(
        given.rules,
        account=given.account,
        region=given.region,
        partition=where.partition,
        prefix=prefix,
        role_path=role_path,
    )
    yield from _governance(given)
    yield from _members(given)
    yield from code.of_code(given.template, given.places)
    yield code.of_lock(LOCK, (given.checkout / LOCK).read_text(encoding="utf-8"))
    deployed = {"template.yaml": given.built / "template.yaml", **given.places}
    yield forbidden(code.texts(deployed) | {"parameters": "\n".join(given.values.values())})


def _governance(given: Given) -> Iterator[Check]:
    text = (given.built / "template.yaml").read_text(encoding="utf-8")
    yield limits.of_template("governance", text, limits.TEMPLATE)
    yield from limits.of_parameters("governance", given.values)
    after = resolve.resources(given.template, given.values, given.where)
    yield from limits.of_resources("governance", after)
    earlier = resolve.read(given.before / "template.yaml")
    yield _replaced("governance", earlier, given.template, given.values, given.where, given.before.name)


def _replaced(
    name: str,
    earlier: Mapping[str, Any],
    template: Mapping[str, Any],
    values: Mapping[str, str],
    where: Where,
    against: str,
) -> Check:
    """What a template changes at the same settings: a parameter that the earlier one hasn't keeps its default in both.

    Whether a setting has changed, only the stack itself tells (`tools.deploy.deployed`).
    """
    known = {key: value for key, value in values.items() if key in earlier["Parameters"]}
    before = resolve.resources(earlier, known, where)
    return replaced(name, before, resolve.resources(template, known, where), against)


def _members(given: Given) -> Iterator[Check]:
    path = given.checkout / "member-template.yaml"
    template, earlier = resolve.read(path), resolve.read(given.before / path.name)
    yield limits.of_template("members", path.read_text(encoding="utf-8"), limits.INLINE_TEMPLATE)
    governance = Governance(
        account=given.account,
        region=given.region,
        partition=given.where.partition,
        prefix=given.values["Prefix"],
        role_path=given.values["RolePath"],
        permissions_boundary=given.values["PermissionsBoundary"],
        import_role_boundary=given.values["ImportRoleBoundary"],
    )
    by_account = {}
    for account, own in members.overrides(given.rules, governance).items():
        values = members.shared(given.rules, governance) | own
        where = given.at(account, f"{governance.prefix}-member")
        after = resolve.resources(template, values, where)
        by_account[account] = [
            *limits.of_parameters("members", values),
            *limits.of_resources("members", after),
            _replaced("members", earlier, template, values, where, given.before.name),
        ]
    yield from merged(by_account)
