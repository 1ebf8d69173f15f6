"""Whatever is wrong with a hub's rules is said at build, with its line; a typo never makes an empty hub."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.__main__ import summary
from stagegate.rules.hubs import Allow, Doubtful, HubAccess, HubRules, HubShare, HubState, KeepOut, Unknown
from stagegate.rules.load import load
from tests.support.shipped import SHIPPED, example_of

HUB = '[[hubs]]\nname = "models"\ndescription = "x"\n'
WAYS = 'of "filter", "ids", "names"; allowed: exactly one of them: which models the rule is about'

BROKEN = {
    "a field that nobody has": (
        'allow = [{ filter = "framewrk == meta" }]',
        'allow[0].filter: found "framewrk" at character 1; allowed: one of model_id, framework, '
        '*(did you mean "framework"?)',
    ),
    "an operator that is none": (
        'allow = [{ filter = "framework = meta" }]',
        'allow[0].filter: found "=" at character 11; allowed: "==" or "!="; a value with such a sign in quotes',
    ),
    "no way to tell which models": ('allow = [{ minimum = "1.0.0" }]', f"allow[0]: found 0 {WAYS}"),
    "two ways to tell which models": ('allow = [{ ids = ["a"], names = ["b*"] }]', f"allow[0]: found 2 {WAYS}"),
    "nobody": ("allow = [{ ids = [] }]", "allow[0].ids: found an empty array; allowed: at least one element"),
    "a pattern for an id": (
        'allow = [{ ids = ["meta-*"] }]',
        'allow[0].ids[0]: found "meta-*"; allowed: the whole id of a model; patterns go into "names"',
    ),
    "a minimum that is no version": (
        'allow = [{ names = ["*"], minimum = "20241010" }]',
        'allow[0].minimum: found "20241010"; allowed: a version of three numbers, as "1.0.0"',
    ),
    "a day that is none": (
        'allow = [{ names = ["*"], reviewed = "2026-13-01" }]',
        'allow[0].reviewed: found "2026-13-01"; allowed: a day as "2026-01-31"',
    ),
    "unknown without a filter": (
        'allow = [{ names = ["*"], unknown = "let_in" }]',
        'allow[0].unknown: found "let_in"; allowed: a rule with "filter": everything else is known of every model',
    ),
    "no rules": (
        "",
        'allow: found nothing; allowed: rules that let models in, packages of your own in "packages", or state ='
        ' "absent"',
    ),
    "a pattern of packages that is none": (
        'packages = ["churn-*-2"]\nshares = [{ stage = "prod" }]',
        'packages[0]: found "churn-*-2"; allowed: a model package group\'s name, or the start of one and "*"',
    ),
    "packages of no group": (
        'packages = []\nshares = [{ stage = "prod" }]',
        "packages: found an empty array; allowed: at least one element",
    ),
    "packages for nobody": (
        'packages = ["churn"]',
        'packages: found packages, and no shares; allowed: "shares": a package is in the hub while it is open for every'
        " stage that the hub is shared with",
    ),
    "packages for a stage that none opens": (
        'packages = ["churn"]\nshares = [{ stage = "prod" }, { stage = "dev" }]',
        'packages: found packages, and a share with "dev", which no status of [packages] opens; allowed: shares with'
        ' one of "prod", "test"',
    ),
    "a type that nobody may leave there": (
        'allow = [{ filter = "true" }]\nstays = [{ type = "Notebook", names = ["a"] }]',
        'stays[0].type: found "Notebook"; allowed: one of "model", "notebook" (did you mean "notebook"?)',
    ),
    "names of nothing": (
        'allow = [{ filter = "true" }]\nstays = [{ type = "notebook", names = [] }]',
        "stays[0].names: found an empty array; allowed: at least one element",
    ),
    "rules that let nothing in": ("allow = []", "allow: found an empty array; allowed: at least one element"),
    "a stage that is none": (
        'allow = [{ filter = "true" }]\nshares = [{ stage = "live" }]',
        'shares[0].stage: found "live"; allowed: one of "dev", "test", "prod"',
    ),
    "a stage twice": (
        'allow = [{ filter = "true" }]\nshares = [{ stage = "dev" }, { stage = "dev", access = "read" }]',
        'shares[1].stage: found "dev" a second time; allowed: each once',
    ),
    "access that is none": (
        'allow = [{ filter = "true" }]\nshares = [{ stage = "dev", access = "write" }]',
        'shares[0].access: found "write"; allowed: one of "read", "use"',
    ),
    "more than everything": (
        'allow = [{ filter = "true" }]\nmost_removed_percent = 101',
        "most_removed_percent: found 101; allowed: a whole number from 0 to 100",
    ),
    "a share of a hub in words": (
        'allow = [{ filter = "true" }]\nmost_removed_percent = "most"',
        'most_removed_percent: found "most"; allowed: a whole number',
    ),
    "a share of a hub that is a switch": (
        'allow = [{ filter = "true" }]\nmost_removed_percent = true',
        "most_removed_percent: found true; allowed: a whole number",
    ),
    "a doubt that is none": (
        'allow = [{ filter = "true" }]\ndeprecated = "keep"',
        'deprecated: found "keep"; allowed: one of "drop", "flag"',
    ),
    "a keep-out that can't be read": (
        'allow = [{ filter = "true" }]\nkeep_out = [{ filter = "gated_bucket == 1" }]',
        'keep_out[0].filter: found "1" for gated_bucket; allowed: "true" or "false"',
    ),
}


def read(text: str, tmp_path: Path) -> tuple[HubRules, ...]:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED + text)
    return load(path).hubs


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_hub_is_refused_with(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        read(f"{HUB}{text}\n", tmp_path)
    line, _, problem = str(raised.value).partition(": ")
    begins, _, ends = expected.partition("*(")
    if "*(" not in expected:
        begins, ends = expected, expected
    assert problem.startswith(f"hubs[0].{begins}")
    assert problem.endswith(ends)
    assert int(line.rsplit(":", 1)[1]) > SHIPPED.count("\n")
    assert "\n" not in problem


def test_a_hub_twice(tmp_path: Path) -> None:
    whole = f'{HUB}allow = [{{ filter = "true" }}]\n'
    with pytest.raises(SettingsError, match=r'hubs\[1\].name: found "models" a second time; allowed: each once'):
        read(whole * 2, tmp_path)


def test_a_hub_as_the_shipped_file_shows_it(tmp_path: Path) -> None:
    (hub,) = read(f"\n{example_of('hubs')}", tmp_path)
    assert hub.allow == (
        Allow(filter="framework == meta and not task in [summarization, translation]", reviewed="2026-11-20"),
        Allow(filter="license == apache-2.0 and training_supported == true", unknown=Unknown.LEAVE_OUT),
        Allow(ids=("huggingface-llm-mistral-7b-instruct",), minimum="2.0.0"),
    )
    assert hub.keep_out == (KeepOut(names=("*-preview",)), KeepOut(filter="gated_bucket == true"))
    assert hub.shares == (HubShare(stage="dev"), HubShare(stage="prod", access=HubAccess.READ))
    assert (hub.deprecated, hub.state, hub.most_removed_percent) == (Doubtful.DROP, HubState.PRESENT, 20)


def test_a_hub_that_is_torn_down_needs_no_rules(tmp_path: Path) -> None:
    (hub,) = read(f'{HUB}state = "absent"\n', tmp_path)
    assert hub.state is HubState.ABSENT


def test_the_summary_names_the_hubs(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(f'{SHIPPED}{HUB}allow = [{{ filter = "true" }}]\n')
    assert "hubs models" in summary(load(path))
