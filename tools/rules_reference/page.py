"""The reference of governance.toml as a page of Markdown."""

from collections.abc import Iterator

from stagegate.rules.filters.fields import FIELDS, Field
from stagegate.rules.filters.words import OPERATORS
from tools.rules_reference.examples import EVERY_KEY, error, example, together, toml, wrong
from tools.rules_reference.keys import Key, allowed, choices, keys, type_of
from tools.settings_schema import HELP

STATUSES = "status"
"""The keys whose tables have a table for each status: too large for an example in one line."""

_INTRODUCTION = """\
<!-- Written by `make rules-reference` from the types of the rules, their checks and tools/rules_reference/. -->

# Rules reference

`governance.toml` is the one file that you edit. It says which status opens which stage, who approves, and what else
Stagegate keeps in step. The shipped file is `layers/settings/governance.toml`;
[Deploy](deploy.md#your-own-rules) shows how to keep your own file elsewhere.

`make check SETTINGS=path` checks a file. It reports every error at once, one a line: the file, the line, the key, what
was found and what is allowed.

```text
governance.toml:38: cards.after_edit: found "reopen"; allowed: one of "close", "ask"
```

`make build` makes the same check. So does every function when it starts, by the stack's own prefix and accounts. An
editor with a TOML language server checks the file while you type: the first line of the file,
`#:schema ./governance.schema.json`, names its JSON Schema.

Each entry below has the key's type, what is allowed, the default, an example, and a wrong value with the error that
the loader gives for it, without the file and the line. In an error, `[0]` is the first table or value of an array.
"""

_TOGETHER = """\
## Rules about several keys
"""

_FILTERS = """\
## Filters of hubs

A filter compares fields of a model of SageMaker's public hub with values, as in
`framework == meta and not task in [summarization, translation]`. Comparisons are joined by `and`, `or`, `not` and
parentheses; `not` binds closest, then `and`, then `or`. A value may stand in quotes. These are the operators, spelled
as in the SageMaker Python SDK:

{operators}

Stagegate looks for a field in the model's id, in the public hub's listing, and in the model's document, in this order.
A field that doesn't exist is an error. A field that none of these places has is unknown for that model, and the rule's
`unknown` decides. A document costs one call for each version of a model, so it is read only where nothing else answers.

| field | holds | found in |
|---|---|---|
"""

_WHOLE = """\
## A file with every key
"""


def page() -> str:
    """Return the whole page."""
    every = list(keys())
    lines = [_INTRODUCTION, "## Top level", ""]
    for top in (key for key in every if len(key.pattern) == 1 and key.table is None):
        lines += [f"### {top.path}", "", *_entry(top)]
    for top in (key for key in every if len(key.pattern) == 1 and key.table is not None):
        array = type_of(top.declared) == "array of tables"
        lines += [f"## {f'[[{top.name}]]' if array else f'[{top.name}]'}", "", *_entry(top)]
        for key in every:
            if key.pattern[0] == top.name and key != top:
                lines += [f"### {key.path}", "", *_entry(key)]
    return "\n".join([*lines, *_together(), *_filters(), *_whole()])


def _entry(key: Key) -> Iterator[str]:
    yield HELP[key.owner.__name__][key.name]
    yield ""
    yield f"- Type: {type_of(key.declared)}"
    values = choices(key)
    listed = [", ".join(f"`{toml(value)}`" for value in values)] if values else []
    if conditions := [*listed, *allowed(key)]:
        yield f"- Allowed: {'; '.join(conditions)}"
        yield from (f"    - `{toml(value)}`: {meaning}" for value, meaning in values.items() if meaning)
    yield f"- Default: {_default(key)}"
    is_large = key.table is not None and (len(key.pattern) == 1 or key.name == STATUSES)
    yield (
        "- Example: [below](#a-file-with-every-key)" if is_large else f"- Example: `{key.name} = {toml(example(key))}`"
    )
    yield ""
    yield f"`{key.name} = {toml(wrong(key))}` is refused:"
    yield ""
    yield from _block("text", error(key).splitlines())


def _default(key: Key) -> str:
    if key.is_required:
        return "none, the key is required"
    if key.default is None:
        return "none, the key may be left out"
    if key.table is not None and key.default:
        return "the defaults of its keys"
    values = choices(key)
    if isinstance(key.default, tuple) and values and len(key.default) == len(values):
        return "all of them"
    return f"`{toml(key.default)}`"


def _together() -> Iterator[str]:
    yield _TOGETHER
    for says, said in together():
        yield says
        yield ""
        yield from _block("text", said.splitlines())


def _filters() -> Iterator[str]:
    operators = ", ".join(f"`{' '.join(spelling)}`" for spelling in OPERATORS)
    yield _FILTERS.format(operators=operators).rstrip()
    yield from (f"| `{field.name}` | {field.kind} | {_places(field)} |" for field in FIELDS.values())
    yield ""


def _places(field: Field) -> str:
    if field.name in ("model_id", "framework", "task"):
        return "the id"
    if field.tag is None and field.key is None:
        return "the listing"
    places = [*(["the listing's keywords"] if field.tag else []), *(["the document"] if field.key else [])]
    return ", else ".join(places)


def _whole() -> Iterator[str]:
    yield _WHOLE
    yield from _block("toml", EVERY_KEY.read_text(encoding="utf-8").splitlines())


def _block(language: str, lines: list[str]) -> Iterator[str]:
    yield f"```{language}"
    yield from lines
    yield "```"
    yield ""
