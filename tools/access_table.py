"""Writes the table of what Stagegate may do in your accounts, from the templates that are deployed.

python -m tools.access_table           rewrites the table in docs/permissions.md
python -m tools.access_table --check   exits 1 if the table isn't what the templates say
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "permissions.md"
BEGIN = "<!-- access table: tools/access_table.py -->"
END = "<!-- end of access table -->"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
WHERE = {
    "template.yaml": "governance",
    "member-template.yaml": "each member",
    "management-template.yaml": "management",
}


def statements(template: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every statement of every role in a template, with the role's name."""
    resources = yaml_parse((ROOT / template).read_text())["Resources"]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            documents = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", ())]
            documents += [
                policy["Properties"]["PolicyDocument"]
                for policy in resources.values()
                if policy["Type"] in POLICIES and {"Ref": name} in policy["Properties"].get("Roles", ())
            ]
            for document in documents:
                for statement in document["Statement"]:
                    yield _text(resource["Properties"]["RoleName"]), statement


def table() -> str:
    """Return the table, as Markdown."""
    lines = ["| account | role | may | on | only if |", "|---|---|---|---|---|"]
    for template, account in WHERE.items():
        for role, statement in statements(template):
            if statement["Sid"] in ("Log", "Trace", "LogAndTrace"):
                continue
            actions = ", ".join(f"`{action}`" for action in plain(statement["Action"]))
            on = ", ".join(f"`{_text(resource)}`" for resource in plain(statement["Resource"]))
            conditions = "; ".join(
                _conditions(operator, keys) for operator, keys in statement.get("Condition", {}).items()
            )
            lines.append(f"| {account} | `{role}` | {actions} | {on} | {conditions} |")
    return "\n".join(lines)


def _conditions(operator: str, keys: Mapping[str, Any]) -> str:
    """Return what an operator asks of its keys; of two ways by a condition of the template, both."""
    if "Fn::If" in keys:
        return " or ".join(_conditions(operator, each) for each in keys["Fn::If"][1:])
    return "; ".join(
        f"`{key}` {operator} {', '.join(f'`{_text(value)}`' for value in plain(values))}"
        for key, values in keys.items()
    )


def plain(value: Any) -> list[Any]:
    """Return a list, also of one."""
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """Return a value of a template as a reader writes it: intrinsic functions by what they refer to.

    A list that is a parameter stands by its name for each of its items. Raises ValueError for any other function.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    match function:
        case "Ref":
            return str(argument)
        case "Fn::GetAtt":
            return str(argument[0])
        case "Fn::Sub":
            return _substituted(argument)
        case "Fn::If":
            _, one, other = argument
            return f"{_text(one)} or {_text(other)}"
        case "Fn::Split":
            return _text(argument[1])
        case "Fn::Join":
            separator, parts = argument
            return separator.join(map(_text, parts)) if isinstance(parts, list) else _text(parts)
    raise ValueError(
        f"tools/access_table.py: found {function}; allowed: Ref, Fn::GetAtt, Fn::If, Fn::Join, Fn::Split, Fn::Sub"
    )


def _substituted(text: str) -> str:
    for long, short in (
        ("${AWS::Partition}", "aws"),
        ("${AWS::URLSuffix}", "URLSuffix"),
        ("${AWS::Region}", "REGION"),
        ("${AWS::AccountId}", "ACCOUNT"),
        ("${GovernanceAccountId}", "GOVERNANCE"),
        ("${RolePath}", "/"),
        ("${Prefix}", "stagegate"),
        ("${Ledger.Arn}", "Ledger"),
    ):
        text = text.replace(long, short)
    return text


def main() -> int:
    """Write or check the table."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    wanted = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if "--check" in sys.argv:
        if text != wanted:
            print(f"{PAGE.name}: the table is not what the templates say; run: make access-table", file=sys.stderr)
        return int(text != wanted)
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
