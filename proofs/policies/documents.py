"""Policy documents, read as rules. Grammar: "Grammar of the IAM JSON policy language", IAM user guide."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from proofs.policies.languages import Language, NotModelledError, arn_glob, exactly, glob, literal
from proofs.policies.rules import Condition, Name, Rule, Test, What, Who

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root", re.ASCII)
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[^*?]+", re.ASCII)
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:assumed-role/[^/*?]+/[^/*?]+", re.ASCII)
_DELETED = re.compile(r"A(ROA|IDA)[A-Z0-9]{12,}", re.ASCII)

_TEXT = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
_LIKE = ("StringLike", "StringNotLike")
_ARN = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")
_OPAQUE = re.compile(
    r"(Numeric|Date)(Not)?(Equals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)|(Not)?IpAddress"
)
_NEGATED = ("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike")
_ELEMENTS = frozenset(
    ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
)
CALLER = "aws:principalarn"


def read(text: str) -> tuple[Rule, ...]:
    """Return the rules of a document. Raises NotModelledError, also for what is no policy."""
    try:
        document = json.loads(text)
        statements = document["Statement"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotModelledError("no policy document") from error
    variables = document.get("Version") == "2012-10-17"
    listed = statements if isinstance(statements, list) else [statements]
    return tuple(_rule(each, variables=variables) for each in listed)


def _rule(statement: Any, *, variables: bool) -> Rule:
    if (
        not isinstance(statement, dict)
        or set(statement) - _ELEMENTS
        or statement.get("Effect") not in ("Allow", "Deny")
    ):
        raise NotModelledError(f"the statement {json.dumps(statement)}")
    actions, but = _either(statement, "Action")
    if actions is None:
        raise NotModelledError(f"a statement without an action: {json.dumps(statement)}")
    resources, others = _either(statement, "Resource")
    return Rule(
        allows=statement["Effect"] == "Allow",
        who=_who(statement),
        actions=What(tuple(glob(each.lower(), variables=False) for each in actions), but),
        resources=None
        if resources is None
        else What(tuple(arn_glob(each, variables=variables) for each in resources), others),
        conditions=tuple(_conditions(statement.get("Condition", {}), variables=variables)),
    )


def _either(statement: Mapping[str, Any], element: str) -> tuple[list[str] | None, bool]:
    for name, excludes in ((element, False), (f"Not{element}", True)):
        if name in statement:
            return _strings(statement[name]), excludes
    return None, False


def _who(statement: Mapping[str, Any]) -> Who | None:
    for name, excludes in (("Principal", False), ("NotPrincipal", True)):
        if name in statement:
            return Who(tuple(_names(statement[name])), excludes)
    return None


def _names(principal: Any) -> Iterator[Name]:
    if principal == "*":
        yield Name("everyone")
        return
    if not isinstance(principal, dict):
        raise NotModelledError(f"the principal {principal!r}")
    for kind, values in principal.items():
        for value in _strings(values):
            yield name_of(value, kind)


def name_of(value: str, kind: str = "AWS") -> Name:
    """Return whom a principal's text names. Raises NotModelledError."""
    if kind == "Service":
        return Name("service", value)
    if kind == "AWS":
        if value == "*":
            return Name("everyone")
        if _ACCOUNT.fullmatch(value):
            return Name("account", value)
        if root := _ROOT.fullmatch(value):
            return Name("account", root[1])
        if _PRINCIPAL.fullmatch(value):
            return Name("principal", value)
        if _SESSION.fullmatch(value):
            return Name("session", value)
        if _DELETED.fullmatch(value):
            return Name("nobody", value)
    raise NotModelledError(f"the principal {value!r} ({kind})")


def _conditions(raw: Any, *, variables: bool) -> Iterator[Condition]:
    for written, keys in raw.items():
        for key, values in keys.items():
            yield (_test(written, key.lower(), _strings(values), variables=variables),)


def _test(written: str, key: str, values: list[str], *, variables: bool) -> Test:
    quantifier, _, operator = written.rpartition(":")
    if quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise NotModelledError(f"the operator {written}")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if operator == "Null":
        if quantifier or if_exists or values not in (["true"], ["false"]):
            raise NotModelledError(f"{written} with {values}")
        is_absent = values == ["true"]
        return Test(key=key, excludes=not is_absent, absent=is_absent)
    negated = operator in _NEGATED
    absent = if_exists or quantifier == "ForAllValues" or (negated and not quantifier)
    which = {"": "", "ForAnyValue": "any", "ForAllValues": "all"}[quantifier]
    if _OPAQUE.fullmatch(operator):
        negated = "Not" in operator
        opaque = json.dumps([quantifier, operator, key, sorted(values)])
        return Test(key=key, opaque=opaque, absent=absent or (negated and not quantifier))
    return Test(
        key=key,
        languages=tuple(_language(operator, value, variables=variables) for value in values),
        excludes=negated,
        quantifier=which,
        absent=absent,
        names_caller=key == CALLER and not negated and operator != "Bool",
    )


def _language(operator: str, value: str, *, variables: bool) -> Language:
    if operator in _TEXT:
        return literal(value, variables=variables, ignoring_case=operator.endswith("IgnoreCase"))
    if operator in _LIKE:
        return glob(value, variables=variables)
    if operator in _ARN:
        return arn_glob(value, variables=variables)
    if operator == "Bool" and value in ("true", "false"):
        return exactly(value, ignoring_case=True)
    raise NotModelledError(f"{operator} with {value!r}")


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    found = [str(each).lower() if isinstance(each, bool) else each for each in values]
    if not found or not all(isinstance(each, str) for each in found):
        raise NotModelledError(f"found {value!r}; allowed: a string, or a list of them")
    return found
