"""A toy subject and a toy surface, made by the recipes of CONTRIBUTING.md in a copy of the tree."""

from collections.abc import Iterator
from pathlib import Path

PRODUCT = "layers/stagegate/python/stagegate"
SUBJECT = "arn:aws:sagemaker:us-east-1:111122223333:toy/duck"

NEW_SUBJECT = {
    f"{PRODUCT}/subjects/toys/__init__.py": '"""Toys."""\n',
    f"{PRODUCT}/subjects/toys/decide.py": '''"""A toy is wound up once."""

from stagegate.plans.decision import Basis, Decision
from stagegate.plans.grants import Grant
from stagegate.plans.plan import Plan, conclude
from stagegate.surfaces.springs.changes import WindUp


def toy_plan(basis: Basis) -> Plan:
    """Return the plan for a toy."""
    grants = basis.view.grants or (
        Grant(stage="dev", accounts=("222233334444",), write=False, permission="play", since=basis.now),
    )
    changes = () if basis.view.grants else (WindUp(toy=basis.subject.name),)
    return conclude(basis, Decision(subject=basis.subject, status="Wound", changes=changes, grants=grants))
''',
    f"{PRODUCT}/subjects/toys/messages.py": '''"""What a person is told about a toy."""

from stagegate.plans.decision import Decision
from stagegate.plans.wording import Wording


def wording(decision: Decision) -> Wording:
    """Return what is said of a toy."""
    return Wording(about=("It quacks.",), access=tuple(f"- {grant.stage}: plays" for grant in decision.grants))
''',
    f"{PRODUCT}/subjects/toys/plan.py": '''"""Plan a toy."""

from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.ledger.read import Recorded
from stagegate.plans.decision import Basis
from stagegate.plans.wording import Planned
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.toys.decide import toy_plan
from stagegate.subjects.toys.messages import wording

PERMISSIONS: frozenset[str] = frozenset()
MEMBER_PERMISSIONS: frozenset[str] = frozenset()


def plan(planner: Planner, subject: Subject, recorded: Recorded, _request: PlanRequest) -> Planned:
    """Return the plan for a toy."""
    made = toy_plan(Basis(rules=planner.rules, subject=subject, view=recorded.view, now=datetime.now(UTC)))
    return Planned(plan=made, wording=wording(made.decision))
''',
}
NEW_SURFACE = {
    f"{PRODUCT}/surfaces/springs/__init__.py": '"""Springs."""\n',
    f"{PRODUCT}/surfaces/springs/changes.py": '''"""What can be done to the spring of a toy."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class WindUp:
    """Wind a toy up."""

    surface: ClassVar[str] = "spring"
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()
    toy: str

    def line(self) -> str:
        """Return what is wound up."""
        return f"wind up {self.toy}"
''',
    f"{PRODUCT}/surfaces/springs/apply.py": '''"""Apply one change of a spring."""

from collections.abc import Mapping
from typing import Any

from stagegate.surfaces.springs.changes import WindUp
from stagegate.surfaces.wire import change_from_json

PERMISSIONS: frozenset[str] = frozenset()


def apply_spring(request: Mapping[str, Any]) -> dict[str, Any]:
    """Wind up the toy of a change."""
    return {"wound": change_from_json(request, [WindUp]).toy}
''',
    "functions/apply_spring/app.py": '''"""Wind up a toy. May do nothing else."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.springs.apply import apply_spring


@observed("SpringsApplied")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a spring (see `apply_spring`)."""
    return apply_spring(handed(event))
''',
    "functions/apply_spring/needs.py": '''"""What the role of this function may do."""

from stagegate.surfaces.springs import apply

PERMISSIONS = apply.PERMISSIONS
''',
}

KIND = """_KINDS = (
    Kind(
        name="toy",
        room="toys",
        noun="toy",
        called="a toy",
        can="plays with it",
        names=_NAME,
        form="toy/NAME",
        member_owned="MemberOwnedToy",
    ),
"""
SECTION = (Path(__file__).parent / "toy_function.yaml").read_text()
MACHINE = "  # --- State machine govern: "
# Standing file, what stands there, and what takes its place.
BY_SUBJECT = (
    (f"{PRODUCT}/subjects/registry.py", "_KINDS = (\n", KIND),
    (
        "statemachines/govern.asl.yaml",
        "(model-card|model-package-group|hub)",
        "(model-card|model-package-group|hub|toy)",
    ),
)
BY_SURFACE = (
    ("template.yaml", MACHINE, f"{SECTION}{MACHINE}"),
    (
        "template.yaml",
        "                  - !GetAtt ApplyHubFunction.Arn\n",
        "                  - !GetAtt ApplyHubFunction.Arn\n                  - !GetAtt ApplySpringFunction.Arn\n",
    ),
    (
        "template.yaml",
        "        ApplyHubFunction: !GetAtt ApplyHubFunction.Arn\n",
        "        ApplyHubFunction: !GetAtt ApplyHubFunction.Arn\n"
        "        ApplySpringFunction: !GetAtt ApplySpringFunction.Arn\n",
    ),
    (
        "statemachines/govern.asl.yaml",
        "'hub': '${ApplyHubFunction}',\n",
        "'hub': '${ApplyHubFunction}',\n        'spring': '${ApplySpringFunction}',\n",
    ),
)


def made_in(tree: Path) -> None:
    """Make both toys in a copy of the tree. Raises AssertionError where a place isn't as the recipes say."""
    for path, text in {**NEW_SUBJECT, **NEW_SURFACE}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    for path, before, after in (*BY_SUBJECT, *BY_SURFACE):
        if not (tree / path).exists():
            continue
        text = (tree / path).read_text()
        assert text.count(before) == 1, f"{path}: {before!r} stands there {text.count(before)} times"
        (tree / path).write_text(text.replace(before, after))


def places(recipes: str, title: str) -> Iterator[str]:
    """Yield the path that each entry of a recipe begins with."""
    section = recipes.partition(f"### {title}\n")[2].partition("\n#")[0]
    for line in section.splitlines():
        number, _, rest = line.partition(". `")
        if number.isdigit():
            yield rest.partition("`")[0]
