"""Writes the least that a boundary of Stagegate's roles has to allow, from the templates that are deployed.

python -m tools.permissions_boundary           rewrites organization/permissions-boundary-example.json
python -m tools.permissions_boundary --check   exits 1 if the file isn't what the templates say

A boundary gives nothing. Which resources a role reaches, and under which conditions, its own policies say.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "organization" / "permissions-boundary-example.json"
TEMPLATES = ("template.yaml", "member-template.yaml", "management-template.yaml")
_IDENTITY = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def example() -> str:
    """Return the document, as JSON: every action of every role, of both accounts and of the roles that imports have."""
    actions = sorted({action for template in TEMPLATES for action in _actions(ROOT / template)})
    statement = {"Sid": "Stagegate", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"


def _actions(template: Path) -> Iterator[str]:
    for resource in yaml_parse(template.read_text(encoding="utf-8"))["Resources"].values():
        of = resource["Properties"]
        if resource["Type"] in _IDENTITY:
            documents = [of["PolicyDocument"]] if "PolicyDocument" in of else []
            documents += [policy["PolicyDocument"] for policy in of.get("Policies", ())]
        elif resource["Type"] == "AWS::KMS::Key":
            # What services do with the key in a role's name. A boundary may take that away too.
            documents = [of["KeyPolicy"]]
        else:
            continue
        for document in documents:
            for statement in map(_statement, document["Statement"]):
                yield from _named(statement["Action"])


def _statement(found: dict[str, Any]) -> dict[str, Any]:
    """Return a statement, also one that stands under a condition of the template."""
    return _statement(found["Fn::If"][1]) if "Fn::If" in found else found


def _named(value: str | list[str]) -> Iterator[str]:
    """Yield the actions of a statement, but for those that stand for all: of the key's owner, and of an open fence."""
    found = value if isinstance(value, list) else [value]
    yield from (action for action in found if action not in ("*", "kms:*"))


def main() -> int:
    """Write or check the file."""
    if "--check" not in sys.argv:
        EXAMPLE.write_text(example(), encoding="utf-8")
        return 0
    if EXAMPLE.read_text(encoding="utf-8") == example():
        return 0
    print(f"{EXAMPLE.name}: it is not what the templates need; run: make access-table", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
