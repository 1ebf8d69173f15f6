"""What contradicts itself among audiences is refused: with its line, what was found and what is allowed."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.__main__ import for_all, summary
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import everywhere
from tests.support.builders import DEV, PROD, TEST
from tests.support.shipped import SHIPPED

OTHER = "666677778888"
LINES = SHIPPED.count("\n")
TEAM = '[[audiences]]\nname = "team"\ncards = ["team-*"]\ngroups = ["team-*"]\n'
REST = '[[audiences]]\nname = "rest"\ncards = ["*"]\ngroups = ["*"]\nhubs = ["*"]\n'
TAGGED = '[[audiences]]\nname = "fraud"\ncards = ["x-*"]\ntag = { key = "team", values = ["fraud"] }\n'
WHO = '[[tags]]\nkey = "team"\nprincipals = ["arn:aws:iam::111122223333:role/Registrar"]\n'
TAG_KEY = 'the key of a tag, 1 to 128 letters, digits, spaces and any of _.:/=+-@, and not "aws:" at its beginning'
OWN_PROD = f'[[audiences.stages]]\nstage = "prod"\naccounts = ["{OTHER}"]\n'
HUB = '[[hubs]]\nname = "models"\ndescription = "Reviewed"\nallow = [{ ids = ["a"] }]\nshares = [{ stage = "dev" }]\n'
IMPORT = f'[[imports]]\nstage = "prod"\ngroups = ["team-a"]\nkey = "arn:aws:kms:us-east-1:{OTHER}:key/1a2b"\n'
APPROVERS = f'[[approvers]]\nstage = "prod"\naudience = "team"\nprincipals = ["arn:aws:iam::{DEV}:role/A"]\n'
NO_DEV = SHIPPED.replace(f'accounts = ["{DEV}"]\n', "")
DENIED = f'[[guardrails]]\nname = "g"\nby = "scp"\naccounts = ["{OTHER}"]\nbedrock = {{ deny = ["*"] }}\n'


def loaded(folder: Path, added: str, before: str = SHIPPED) -> Rules:
    path = folder / "governance.toml"
    path.write_text(f"{before}{added}")
    return load(path)


def refusal(folder: Path, added: str, before: str = SHIPPED) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, added, before)
    return [line.removeprefix(f"{folder}/governance.toml:") for line in str(caught.value).splitlines()]


REFUSED = {
    "a pattern in the middle": (
        TEAM.replace('cards = ["team-*"]', 'cards = ["te*am"]'),
        f'{LINES + 3}: audiences[0].cards[0]: found "te*am"; allowed: a card\'s name, or the start of one and "*"',
    ),
    "nothing selected": (
        REST + '[[audiences]]\nname = "team"\n',
        f"{LINES + 6}: audiences[1]: found an audience that selects no model; allowed: at least one of"
        ' "cards", "groups", "hubs", "owners", "tag"',
    ),
    "a tag that nobody may set": (
        TAGGED + REST,
        f'{LINES + 4}: audiences[0].tag.key: found "team"; allowed: none: no entry of [[tags]] says who may set it',
    ),
    "a tag that others set": (
        TAGGED + '[[tags]]\nkey = "Team"\nprincipals = ["arn:aws:iam::111122223333:role/Registrar"]\n' + REST,
        f'{LINES + 4}: audiences[0].tag.key: found "team"; allowed: one of "Team" (did you mean "Team"?)\n'
        f'{LINES + 6}: tags[0].key: found "Team", by which no audience selects; allowed: the key of an audience\'s tag',
    ),
    "a tag of groups": (
        TAGGED.replace('cards = ["x-*"]', 'groups = ["x-*"]') + WHO + REST,
        f"{LINES + 3}: audiences[0].groups: found groups and a tag; allowed: cards alone beside a tag: a package"
        " follows its card, and groups go by their names",
    ),
    "a tag without values": (
        TAGGED.replace('["fraud"]', "[]") + WHO + REST,
        f"{LINES + 4}: audiences[0].tag.values: found an empty array; allowed: at least one element",
    ),
    "a tag of AWS's": (
        TAGGED.replace('"team"', '"aws:team"') + WHO.replace('"team"', '"aws:team"') + REST,
        f'{LINES + 4}: audiences[0].tag.key: found "aws:team"; allowed: {TAG_KEY}\n'
        f'{LINES + 6}: tags[0].key: found "aws:team"; allowed: {TAG_KEY}',
    ),
    "a name twice": (
        TEAM + TEAM.replace("team-", "other-"),
        f'{LINES + 6}: audiences[1].name: found "team" a second time; allowed: each once',
    ),
    "an unknown stage": (
        TEAM + OWN_PROD.replace("prod", "live"),
        f'{LINES + 6}: audiences[0].stages[0].stage: found "live"; allowed: one of "dev", "test", "prod"',
    ),
    "nothing said of a stage": (
        TEAM + '[[audiences.stages]]\nstage = "prod"\n',
        f"{LINES + 5}: audiences[0].stages[0]: found a stage of which nothing is said; allowed: "
        '"accounts", "units" or "roles"; what an audience says nothing of is what [[stages]] says',
    ),
    "what an earlier one has": (
        REST + TEAM.replace('groups = ["team-*"]\n', ""),
        f'{LINES + 8}: audiences[1].cards[0]: found "team-*", which the audience "rest" has before; allowed: '
        "a pattern of models that no earlier audience has: the first one that fits counts",
    ),
    "owners all of whose models an earlier one has": (
        REST + f'[[audiences]]\nname = "team"\nowners = ["{OTHER}"]\n',
        f'{LINES + 8}: audiences[1].owners: found all that they own, which the audience "rest" has before; allowed: '
        "owners whose models no earlier audience has all of: the first one that fits counts",
    ),
    "approvers of an unknown audience": (
        TEAM + APPROVERS.replace('audience = "team"', 'audience = "taem"'),
        f'{LINES + 7}: approvers[1].audience: found "taem"; allowed: one of "team" (did you mean "team"?)',
    ),
    "approvers of an audience in a file without any": (
        APPROVERS,
        f'{LINES + 3}: approvers[1].audience: found "team"; allowed: none: the file has no audiences',
    ),
    "approvers for one audience alone": (
        TEAM + REST + APPROVERS.replace('"prod"', '"test"'),
        f'{LINES + 12}: approvers[1].audience: found approvers of "test" for some, and "rest" has accounts there, too;'
        ' allowed: approvers for "rest" as well, or an entry for all, without audience',
    ),
    "a bucket of an unknown audience": (
        TEAM + '[[buckets]]\nname = "theirs"\naccount = "222233334444"\naudience = "taem"\n',
        f'{LINES + 8}: buckets[1].audience: found "taem"; allowed: one of "team" (did you mean "team"?)',
    ),
    "a hub that nobody is let at": (
        TEAM + HUB,
        f'{LINES + 9}: hubs[0].shares[0].stage: found "models", which no audience selects; allowed: a name that an '
        'audience has among its "hubs": nobody is let at any other',
    ),
    "an import with another audience's key": (
        TEAM + IMPORT,
        f'{LINES + 8}: imports[0].key: found "arn:aws:kms:us-east-1:{OTHER}:key/1a2b", which isn\'t of the stage; '
        f'allowed: a key of one of "{PROD}"',
    ),
    "an import that a guardrail denies to one audience": (
        TEAM + OWN_PROD + IMPORT + DENIED,
        f'{LINES + 9}: imports[0].stage: found "prod": guardrail "g" denies account {OTHER} what is imported; allowed: '
        '"imported-model/*" in bedrock.allow of "g", or a stage that it isn\'t on',
    ),
    "a role of none of the audience's accounts": (
        TEAM + OWN_PROD + f'roles = ["arn:aws:iam::{PROD}:role/X"]\n',
        f"{LINES + 8}: audiences[0].stages[0].roles: found no role of {OTHER}; allowed: at least one for each",
    ),
    "a unit that isn't one": (
        TEAM + OWN_PROD.replace(f'accounts = ["{OTHER}"]', 'units = ["engineering"]'),
        f'{LINES + 7}: audiences[0].stages[0].units[0]: found "engineering"; allowed: the id of an organizational unit,'
        ' "ou-...", or of the root',
    ),
}


@pytest.mark.parametrize(("added", "said"), REFUSED.values(), ids=REFUSED)
def test_a_contradiction_is_refused(tmp_path: Path, added: str, said: str) -> None:
    found = refusal(tmp_path, added)
    if "no role of" in said:
        assert f'found "arn:aws:iam::{PROD}:role/X"; allowed: a role of the stage\'s accounts, {OTHER}' in found[0]
    else:
        assert found == said.splitlines()


def test_a_stage_has_accounts_for_somebody(tmp_path: Path) -> None:
    nothing = '17: stages[0].accounts: found nothing; allowed: "accounts", "units", or an audience that has them for'
    assert refusal(tmp_path, TEAM, NO_DEV)[0].startswith(nothing)
    has_dev = TEAM + OWN_PROD.replace("prod", "dev")
    assert loaded(tmp_path, has_dev, NO_DEV).stage("dev").accounts == ()


def test_approvers_of_a_stage_that_an_audience_doesnt_have_are_refused(tmp_path: Path) -> None:
    elsewhere = REST + OWN_PROD.replace("prod", "dev") + TEAM.replace("team", "late")
    nowhere = TEAM + APPROVERS.replace('"prod"', '"dev"') + elsewhere.replace('["*"]', '["z*"]')
    assert any('found "team", which has no account in "dev"' in line for line in refusal(tmp_path, nowhere, NO_DEV))


def test_a_summary_says_whose_approvers_a_stage_has(tmp_path: Path) -> None:
    found = loaded(tmp_path, TEAM + APPROVERS.replace('"prod"', '"test"'))
    assert "approvers for prod test (team)" in summary(found)


def test_a_bucket_that_every_audience_opens_is_warned_of(tmp_path: Path) -> None:
    theirs = '[[buckets]]\nname = "theirs"\naccount = "222233334444"\naudience = "team"\n'
    images = '[[repositories]]\nname = "team/*"\naccount = "222233334444"\naudience = "team"\n'
    bucket = (
        "warning: buckets model-artifacts-* has no audience: approvers of every audience open what packages name of it"
    )
    none = "warning: there are no [[repositories]]: approvers of every audience open what packages name of any image"
    assert for_all(loaded(tmp_path, TEAM + theirs)) == [bucket, none]
    assert for_all(loaded(tmp_path, TEAM + theirs + images)) == [bucket]
    assert for_all(loaded(tmp_path, "")) == []


def test_images_are_for_an_audience_that_there_is(tmp_path: Path) -> None:
    images = '[[repositories]]\nname = "team/*"\naccount = "222233334444"\naudience = "taem"\n'
    (problem,) = refusal(tmp_path, TEAM + images)
    assert 'repositories[0].audience: found "taem"; allowed: one of "team" (did you mean "team"?)' in problem


def test_units_need_an_organization(tmp_path: Path) -> None:
    outside = SHIPPED.replace('id = "o-stagegate01"', 'external_id = "stagegate-4711"')
    added = TEAM + OWN_PROD.replace(f'accounts = ["{OTHER}"]', 'units = ["ou-ab12-12345678"]')
    assert any("units outside an AWS organization" in line for line in refusal(tmp_path, added, outside))


def test_what_doesnt_contradict_itself_is_taken(tmp_path: Path) -> None:
    found = loaded(tmp_path, TEAM + OWN_PROD + REST + HUB + IMPORT + APPROVERS)
    assert [audience.name for audience in found.audiences] == ["team", "rest"]
    assert {account for stage in everywhere(found) for account in stage.accounts} == {DEV, TEST, PROD, OTHER}
    same_name_of_others = TEAM.replace("[[audiences]]", f'[[audiences]]\nowners = ["{OTHER}"]') + TEAM.replace(
        '"team"', '"ours"'
    )
    assert len(loaded(tmp_path, same_name_of_others).audiences) == 2, "an owner's models aren't all of that name"
