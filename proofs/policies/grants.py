"""Files of grants: what a document should give, in the plainest words that can say it (docs/reliability.md).

    {
      "grants": [{
        "who": ["444455556666", "arn:aws:iam::444455556666:role/ModelOperator"],
        "may": ["s3:GetObject"],
        "on": [{"start": "arn:aws:s3:::models/churn/"}],
        "where": {"aws:SecureTransport": ["true"]}
      }],
      "denials": [...],
      "beside": {...}
    }

`who`: an account (whoever it lets), a role (exactly this one, as its account lets), a service, or "*". It is left out
for policies that belong to somebody. `directly: true` gives it to the role itself, whatever its account says. `on` is
left out where the document has no resources, and says "everything" by ["*"].

Each of `may`, `on` and the values of `where` is a list of alternatives: a text is exactly that text, `{"start": ...}`
is all that starts with it, and `{"like": ...}` has wildcards, in ARNs from colon to colon. Actions are in any case.
`but`, instead of `on`, is everything but that. In `where`, null stands for a request without the key, true and false
are a Boolean, and `{"not": [...]}` is a request that has the key with another value than these.

`about`, if it is there, are the resources that matter: nothing is said about others.

`beside` is a policy that others wrote: what it gives and takes stays, whatever we do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from proofs.policies.documents import CALLER, name_of
from proofs.policies.languages import EVERYTHING, Language, NotModelledError, arn_glob, exactly, glob, starting
from proofs.policies.rules import Condition, Name, Rule, Test, What, Who

_TOP = frozenset(("grants", "denials", "beside", "about"))
_KEYS = frozenset(("who", "may", "on", "but", "where", "directly"))
_SERVICE = (".amazonaws.com", ".amazonaws.com.cn")


def read(entries: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return the rules of a file of grants, without what stands `beside`. Raises NotModelledError."""
    if unknown := set(entries) - _TOP:
        raise NotModelledError(f"found {min(unknown)!r} in the grants; allowed: {sorted(_TOP)}")
    found: list[Rule] = []
    for allows, name in ((True, "grants"), (False, "denials")):
        for entry in entries.get(name, ()):
            found += _rules(entry, allows=allows)
    return tuple(found)


def about(entries: Mapping[str, Any]) -> tuple[Language, ...]:
    """Return the resources that a file of grants is about; none where it is about all."""
    return tuple(_text(each, is_arn=True) for each in entries.get("about", ()))


def _rules(entry: Mapping[str, Any], *, allows: bool) -> list[Rule]:
    if set(entry) - _KEYS or "may" not in entry:
        raise NotModelledError(f"found a grant with {sorted(entry)}; allowed: may, and of {sorted(_KEYS)} others")
    actions = What(tuple(_text(each, is_action=True) for each in entry["may"]))
    resources = What(tuple(_text(each, is_arn=True) for each in entry["on"])) if "on" in entry else None
    if "but" in entry:
        resources = What(tuple(_text(each, is_arn=True) for each in entry["but"]), excludes=True)
    where = tuple(_condition(key.lower(), values) for key, values in entry.get("where", {}).items())
    whom = [None] if "who" not in entry else [Who((_name(each),)) for each in entry["who"]]
    return [
        Rule(
            allows=allows,
            who=who,
            actions=actions,
            resources=resources,
            conditions=where,
            closely=(2 if entry.get("directly") else 1) if who and allows else 0,
        )
        for who in whom
    ]


def _name(text: str) -> Name:
    return Name("service", text) if text.endswith(_SERVICE) else name_of(text)


def _condition(key: str, values: Sequence[Any]) -> Condition:
    tests: list[Test] = []
    texts = tuple(_text(each) for each in values if each is not None and not _is_not(each))
    if texts:
        tests.append(Test(key=key, languages=texts, names_caller=key == CALLER))
    for each in values:
        if each is None:
            tests.append(Test(key=key, absent=True))
        elif _is_not(each):
            tests.append(Test(key=key, languages=tuple(map(_text, each["not"])), excludes=True))
    return tuple(tests)


def _is_not(value: Any) -> bool:
    return isinstance(value, dict) and "not" in value


def _text(value: Any, *, is_action: bool = False, is_arn: bool = False) -> Language:
    if isinstance(value, bool):
        return exactly(str(value).lower(), ignoring_case=True)
    if isinstance(value, str):
        return EVERYTHING if value == "*" and is_arn else exactly(value.lower() if is_action else value)
    if isinstance(value, dict) and len(value) == 1:
        ((how, text),) = value.items()
        text = text.lower() if is_action else text
        if how == "start":
            return starting(text)
        if how == "like":
            return arn_glob(text) if is_arn else glob(text, variables=not is_action)
    raise NotModelledError(f'found {value!r} in a grant; allowed: a text, {{"start": ...}} or {{"like": ...}}')
