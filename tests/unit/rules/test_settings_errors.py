"""A wrong governance.toml is refused, and the text says where, what was found and what is allowed."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagegate.core.errors import PermanentError, SettingsError
from stagegate.rules.load import load
from stagegate.rules.model import Rules

SHIPPED = (Path(__file__).parents[3] / "layers" / "settings" / "governance.toml").read_text()

KEYS_OF_THE_FILE = (
    'one of "organization", "stages", "cards", "approvers", "audiences", "tags", "packages", "buckets", "repositories",'
    ' "guardrails", "registrations", "hubs", "imports", "sweep", "messages", "paused"'
)
STAGES = 'one of "dev", "test", "prod"'
STATUSES = 'one of "Draft", "PendingReview", "Approved", "Archived"'
SECTIONS = (
    'one of "model_overview", "model_package_details", "intended_uses", "business_details", "training_details", '
    '"evaluation_details", "additional_information"'
)
ROLE_NAME = (
    'a role\'s name, with its path if it has one ("service-role/Name"): 1 to 64 letters, digits and any of _+=,.@-'
)
ROLE = (
    'a role\'s name, with its path if it has one ("service-role/Name"), or its ARN: 1 to 64 letters, digits and any of'
    " _+=,.@-"
)
PRINCIPAL = "the ARN of an IAM role, an IAM user, one assumed-role session or a SageMaker user profile"
NO_WILDCARDS = "without wildcards: a pattern would let in principals that nobody listed"
ONE_ORGANIZATION = 'one of them: "id" inside an AWS organization, "external_id" where there is none'
BUCKET = 'a bucket\'s name, or the start of one, at least 3 characters, and "*"'
REGISTERS = '[[registrations]]\nstage = "dev"'
GROUP = 'a model package group\'s name, or the start of one and "*"'
FOLDER = 'a folder with a slash at its end, "s3://bucket/" or "s3://bucket/folder/"'
WITHOUT_ROLES = "\n".join(
    f'{line}: packages.status.{status}.opens[0]: found "test", which names no roles; allowed: a stage with "roles", or'
    ' principals = "account" for everybody whom its accounts let at it'
    for line, status in ((78, "PendingManualApproval"), (82, "Approved"))
)
EXTERNAL_ID = "2 to 1224 letters, digits and any of _+=,.@:/-"

BROKEN = {
    "not TOML": (
        ("paused = false", "paused = maybe"),
        "7: found text that isn't TOML at column 10: Invalid value; allowed: TOML 1.0",
    ),
    "cut off": (
        (SHIPPED, "[cards"),
        "1: found text that isn't TOML: Expected ']' at the end of a table declaration; allowed: TOML 1.0",
    ),
    "a key twice": (
        ("paused = false", "paused = false\npaused = true"),
        "8: found text that isn't TOML at column 14: Cannot overwrite a value; allowed: TOML 1.0",
    ),
    "not a boolean": (
        ("paused = false", 'paused = "no"'),
        '7: paused: found "no"; allowed: true or false',
    ),
    "an unknown key": (
        ("paused = false", "pausd = false"),
        f'7: pausd: found an unknown key; allowed: {KEYS_OF_THE_FILE} (did you mean "paused"?)',
    ),
    "an unknown key in a stage": (
        ('roles = ["ModelTester"]', 'rolls = ["ModelTester"]'),
        '25: stages[1].rolls: found an unknown key; allowed: one of "name", "accounts", "units", "roles", "fence",'
        ' "metrics", "reason_required" '
        f'(did you mean "roles"?)\n{WITHOUT_ROLES}',
    ),
    "an unknown key in an inline table": (
        ('{ stage = "prod" }', '{ stage = "prod", wirte = true }'),
        '52: cards.status.Approved.opens[2].wirte: found an unknown key; allowed: one of "stage", "write" '
        '(did you mean "write"?)',
    ),
    "an unknown stage": (
        ('{ stage = "prod" }', '{ stage = "prd" }'),
        f'52: cards.status.Approved.opens[2].stage: found "prd"; allowed: {STAGES} (did you mean "prod"?)',
    ),
    "approvers of an unknown stage": (
        ('[[approvers]]\nstage = "prod"', '[[approvers]]\nstage = "live"'),
        f'59: approvers[0].stage: found "live"; allowed: {STAGES}',
    ),
    "an approval of nobody": (
        ('[[approvers]]\nstage = "prod"', '[[approvers]]\nneeded = 0\nstage = "prod"'),
        "59: approvers[0].needed: found 0; allowed: a whole number from 1 to 5",
    ),
    "more approvers than there are": (
        (
            'principals = ["arn:aws:iam::111122223333:role/ModelApprover"]',
            'needed = 2\nprincipals = ["arn:aws:iam::111122223333:user/alice"]',
        ),
        "61: approvers[0].needed: found 2, and 1 of the list for risk High; allowed: at most as many as are on the"
        " list: each of these is one person",
    ),
    "a stage opened twice": (
        ('{ stage = "test", write = true }]\nask', '{ stage = "dev" }]\nask'),
        '48: cards.status.PendingReview.opens[1].stage: found "dev" a second time; allowed: each once',
    ),
    "a stage name twice": (
        ('name = "test"', 'name = "dev"'),
        '23: stages[1].name: found "dev" a second time; allowed: each once\n'
        '48: cards.status.PendingReview.opens[1].stage: found "test"; allowed: one of "dev", "prod"\n'
        '52: cards.status.Approved.opens[1].stage: found "test"; allowed: one of "dev", "prod"\n'
        '78: packages.status.PendingManualApproval.opens[0]: found "test"; allowed: one of "dev", "prod"\n'
        '82: packages.status.Approved.opens[0]: found "test"; allowed: one of "dev", "prod"',
    ),
    "a stage name with a capital": (
        ('"prod"', '"Prod"'),
        '28: stages[2].name: found "Prod"; allowed: a letter a-z, then up to 31 of a-z, 0-9 and "-"\n'
        '52: cards.status.Approved.opens[2].stage: found "prod"; allowed: one of "dev", "test", "Prod" '
        '(did you mean "Prod"?)\n'
        '59: approvers[0].stage: found "prod"; allowed: one of "dev", "test", "Prod" (did you mean "Prod"?)\n'
        '82: packages.status.Approved.opens[1]: found "prod"; allowed: one of "dev", "test", "Prod" '
        '(did you mean "Prod"?)',
    ),
    "an unknown and a missing status": (
        ("[cards.status.Archived]", "[cards.status.Retired]"),
        "44: cards.status.Archived: found nothing; "
        "allowed: a table for each status, with opens = [] if it opens nothing\n"
        f"54: cards.status.Retired: found an unknown key; allowed: {STATUSES}",
    ),
    "a short account": (
        ("222233334444", "22223333444"),
        '19: stages[0].accounts[0]: found "22223333444"; allowed: an account id, 12 digits',
    ),
    "an account as a number": (
        ('["222233334444"]', "[222233334444]"),
        "19: stages[0].accounts[0]: found 222233334444; allowed: a string",
    ),
    "an account twice": (
        ('["222233334444"]', '[\n  "222233334444",\n  "222233334444",\n]'),
        '21: stages[0].accounts[1]: found "222233334444" a second time; allowed: each once',
    ),
    "no account": (
        ('["222233334444"]', "[]"),
        "19: stages[0].accounts: found an empty array; allowed: at least one element",
    ),
    "accounts left out": (
        ('accounts = ["222233334444"]\n', ""),
        '17: stages[0].accounts: found nothing; allowed: "accounts", "units", or an audience that has them for the'
        " stage",
    ),
    "a role below a path that isn't one": (
        ('"ModelTester"', '"service-role//ModelTester"'),
        f'25: stages[1].roles[0]: found "service-role//ModelTester"; allowed: {ROLE}',
    ),
    "an ARN that is no role's": (
        ('"ModelTester"', '"arn:aws:iam::333344445555:user/ModelTester"'),
        f'25: stages[1].roles[0]: found "arn:aws:iam::333344445555:user/ModelTester"; allowed: {ROLE}',
    ),
    "the ARN of another account's role": (
        ('["ModelTester"]', '["ModelTester", "arn:aws:iam::222233334444:role/ModelTester2"]'),
        '25: stages[1].roles[1]: found "arn:aws:iam::222233334444:role/ModelTester2"; allowed: a role of the stage\'s'
        " accounts, 333344445555",
    ),
    "a role's name below two paths": (
        ('["ModelTester"]', '["ModelTester", "service-role/ModelTester"]'),
        '25: stages[1].roles[1]: found "service-role/ModelTester", a second ModelTester; allowed: a name once: IAM has'
        " it"
        " once",
    ),
    "an account without a role of the stage": (
        (
            'accounts = ["333344445555"]\nroles = ["ModelTester"]',
            'accounts = ["333344445555", "555566667777"]\nroles = ["arn:aws:iam::333344445555:role/ModelTester"]',
        ),
        "25: stages[1].roles: found no role of 555566667777; allowed: at least one for each account of the stage",
    ),
    "an unknown fence": (
        ('roles = ["ModelTester"]', 'fence = "boundry"'),
        '25: stages[1].fence: found "boundry"; allowed: one of "scp", "boundary" (did you mean "boundary"?)\n'
        f"{WITHOUT_ROLES}",
    ),
    "a boundary on nobody": (
        ('roles = ["ModelTester"]', 'fence = "boundary"'),
        '25: stages[1].fence: found "boundary" without "roles"; '
        f'allowed: "boundary" with the "roles" that it covers, or "scp"\n{WITHOUT_ROLES}',
    ),
    "an SCP without an organization": (
        (
            'id = "o-stagegate01"',
            'external_id = "4711"\n[[stages]]\nname = "sit"\naccounts = ["333344445555"]\nroles = ["Tester"]\n'
            'fence = "boundary"',
        ),
        '32: stages[3].fence: found "scp" for a stage that may only read, outside an AWS organization; '
        'allowed: "boundary" with the "roles" that it covers: without an organization there are no SCPs',
    ),
    "a malformed organization": (
        ("o-stagegate01", "o-Stagegate"),
        '12: organization.id: found "o-Stagegate"; allowed: "o-", then 10 to 32 of a-z and 0-9',
    ),
    "a malformed external id": (
        ('id = "o-stagegate01"', 'external_id = "?"\n[x]'),
        f'12: organization.external_id: found "?"; allowed: {EXTERNAL_ID}\n'
        f"13: x: found an unknown key; allowed: {KEYS_OF_THE_FILE}\n"
        '28: stages[2].fence: found "scp" for a stage that may only read, outside an AWS organization; '
        'allowed: "boundary" with the "roles" that it covers: without an organization there are no SCPs',
    ),
    "both kinds of organization": (
        ('id = "o-stagegate01"', 'id = "o-stagegate01"\nexternal_id = "4711"'),
        f'9: organization: found both "id" and "external_id"; allowed: {ONE_ORGANIZATION}',
    ),
    "an unknown section": (
        ('"training_details"', '"traning_details"'),
        f'34: cards.required_sections[2]: found "traning_details"; allowed: {SECTIONS} '
        '(did you mean "training_details"?)',
    ),
    "an unknown consequence of an edit": (
        ('after_edit = "close"', 'after_edit = "reopen"'),
        '38: cards.after_edit: found "reopen"; allowed: one of "close", "ask"',
    ),
    "a date": (
        ("export = false", "export = 2026-03-01"),
        "40: cards.export: found 2026-03-01; allowed: true or false",
    ),
    "a number beyond every use": (
        ("export = false", f"export = 0x{'f' * 4000}"),
        "40: cards.export: found a number beyond 64 bits; allowed: true or false",
    ),
    "a rule that isn't a table": (
        ("[cards.status.Archived]\nopens = []", "[cards.status]\nArchived = true"),
        '55: cards.status.Archived: found true; allowed: a table, its keys one of "opens", "ask_approvers"',
    ),
    "an unknown risk": (
        ('"High", "Medium"', '"High", "Middling"'),
        '60: approvers[0].risks[1]: found "Middling"; allowed: one of "High", "Medium", "Low", "Unknown"',
    ),
    "no risk": (
        ('["High", "Medium", "Low", "Unknown"]', "[]"),
        "60: approvers[0].risks: found an empty array; allowed: at least one element",
    ),
    "no principal": (
        ('["arn:aws:iam::111122223333:role/ModelApprover"]', "[]"),
        "61: approvers[0].principals: found an empty array; allowed: at least one element",
    ),
    "any role": (
        ("role/ModelApprover", "role/*"),
        f'61: approvers[0].principals[0]: found "arn:aws:iam::111122223333:role/*"; '
        f"allowed: {PRINCIPAL}, {NO_WILDCARDS}",
    ),
    "a whole account": (
        ("role/ModelApprover", "root"),
        f'61: approvers[0].principals[0]: found "arn:aws:iam::111122223333:root"; allowed: {PRINCIPAL}',
    ),
    "a session without its name": (
        ("iam::111122223333:role/ModelApprover", "sts::111122223333:assumed-role/ModelApprover"),
        '61: approvers[0].principals[0]: found "arn:aws:sts::111122223333:assumed-role/ModelApprover"; '
        f"allowed: {PRINCIPAL}",
    ),
    "packages that open an unknown stage": (
        ('opens = ["test", "prod"]', 'opens = ["test", "live"]'),
        f'82: packages.status.Approved.opens[1]: found "live"; allowed: {STAGES}',
    ),
    "packages that open a stage twice": (
        ('opens = ["test", "prod"]', 'opens = ["test", "test"]'),
        '82: packages.status.Approved.opens[1]: found "test" a second time; allowed: each once',
    ),
    "packages without a status": (
        ("[packages.status.Rejected]\nopens = []", ""),
        "77: packages.status.Rejected: found nothing; "
        "allowed: a table for each status, with opens = [] if it opens nothing",
    ),
    "packages for the roles of a stage without roles": (
        ('\nroles = ["ModelOperator"]', ""),
        '81: packages.status.Approved.opens[1]: found "prod", which names no roles; '
        'allowed: a stage with "roles", or principals = "account" for everybody whom its accounts let at it',
    ),
    "packages whose card is optional": (
        ('card = "required"', 'card = "optional"'),
        '67: packages.card: found "optional"; allowed: one of "required", "if_linked", "ignored"',
    ),
    "packages for some": (
        ('principals = "roles"', 'principals = "role"'),
        '69: packages.principals: found "role"; allowed: one of "roles", "account" (did you mean "roles"?)',
    ),
    "another answer to a change": (
        ('after_change = "close"', 'after_change = "aks"'),
        '71: packages.after_change: found "aks"; allowed: one of "close", "ask" (did you mean "ask"?)',
    ),
    "a second person by a word": (
        ('unpinned = "block"', 'four_eyes = "true"'),
        '73: packages.four_eyes: found "true"; allowed: true or false',
    ),
    "another way with what can't be fingerprinted": (
        ('unpinned = "block"', 'unpinned = "wran"'),
        '73: packages.unpinned: found "wran"; allowed: one of "block", "warn" (did you mean "warn"?)',
    ),
    "images of a short account, and of one twice": (
        ('unpinned = "block"', 'image_accounts = ["1234", "111122223333", "111122223333"]'),
        '73: packages.image_accounts[0]: found "1234"; allowed: an account id, 12 digits\n'
        '73: packages.image_accounts[2]: found "111122223333" a second time; allowed: each once',
    ),
    "a lifecycle of an unknown stage": (
        (
            "[packages.status.Rejected]",
            '[[packages.lifecycle]]\nstage = "live"\nlifecycle_stage = "Live!"\n'
            'lifecycle_status = "Approved"\n[packages.status.Rejected]',
        ),
        f'85: packages.lifecycle[0].stage: found "live"; allowed: {STAGES}\n'
        '86: packages.lifecycle[0].lifecycle_stage: found "Live!"; '
        'allowed: 1 to 63 letters, digits and, between them, "-"',
    ),
    "every bucket": (
        ('"model-artifacts-*"', '"*"'),
        f'112: buckets[0].name: found "*"; allowed: {BUCKET}',
    ),
    "a share of more than everything": (
        ("ask_above_grants = 10\nask_above_percent = 20", "ask_above_grants = true\nask_above_percent = 101"),
        "100: sweep.ask_above_grants: found true; allowed: a whole number\n"
        "101: sweep.ask_above_percent: found 101; allowed: a whole number from 0 to 100",
    ),
    "a bucket twice, of a short account": (
        (
            'account = "222233334444"\n',
            'account = "2"\n[[buckets]]\nname = "model-artifacts-*"\naccount = "222233334444"\n',
        ),
        '113: buckets[0].account: found "2"; allowed: an account id, 12 digits\n'
        '115: buckets[1].name: found "model-artifacts-*" a second time; allowed: each once',
    ),
    "AWS's own key": (
        ('name = "model-artifacts-*"', 'name = "model-artifacts-*"\nkey = "alias/aws/s3"\nscope = "all"'),
        '113: buckets[0].key: found "alias/aws/s3"; allowed: the ARN of a customer key, not of an alias: '
        "AWS's own keys can't be opened to another account\n"
        '114: buckets[0].scope: found "all"; allowed: one of "exact", "group"',
    ),
    "a list of everything": (
        ('name = "model-artifacts-*"', 'name = "model-artifacts-*"\nlisting = "all"'),
        '113: buckets[0].listing: found "all"; allowed: one of "exact", "group"',
    ),
    "registrations of an unknown stage": (
        (REGISTERS, '[[registrations]]\nstage = "train"'),
        f'92: registrations[0].stage: found "train"; allowed: {STAGES}',
    ),
    "registrations of a stage without roles": (
        ('\nroles = ["ModelDeveloper"]', ""),
        '91: registrations[0].stage: found "dev", which names no roles; '
        'allowed: a stage with "roles", or the "roles" that register',
    ),
    "registrations of nobody, read by nobody": (
        (REGISTERS, f"{REGISTERS}\nroles = []\nreaders = []"),
        "93: registrations[0].roles: found an empty array; allowed: at least one element\n"
        "94: registrations[0].readers: found an empty array; allowed: at least one element",
    ),
    "registrations in no group": (
        ('groups = ["*"]', "groups = []"),
        "93: registrations[0].groups: found an empty array; allowed: at least one element",
    ),
    "registrations in groups like": (
        ('groups = ["*"]', 'groups = ["*-churn", "a?", "a*", "a*"]'),
        f'93: registrations[0].groups[0]: found "*-churn"; allowed: {GROUP}\n'
        f'93: registrations[0].groups[1]: found "a?"; allowed: {GROUP}\n'
        '93: registrations[0].groups[3]: found "a*" a second time; allowed: each once',
    ),
    "registrations of data that is no folder, or nobody's": (
        (
            'groups = ["*"]',
            'groups = ["*"]\ndata = ["s3://model-artifacts-a/b", "s3://others/", "model-artifacts-a"]',
        ),
        f'94: registrations[0].data[0]: found "s3://model-artifacts-a/b"; allowed: {FOLDER}\n'
        '94: registrations[0].data[1]: found "s3://others/"; '
        "allowed: a folder of a bucket that [[buckets]] names, with its account and its key\n"
        f'94: registrations[0].data[2]: found "model-artifacts-a"; allowed: {FOLDER}',
    ),
    "registrations of one image, read by a pattern": (
        (
            'groups = ["*"]',
            'groups = ["*"]\nrepositories = ["222233334444.dkr.ecr.us-east-1.amazonaws.com/churn:1"]\nreaders = ["R*"]',
        ),
        '94: registrations[0].repositories[0]: found "222233334444.dkr.ecr.us-east-1.amazonaws.com/churn:1"; '
        "allowed: an image's address without tag and digest, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME\n"
        f'95: registrations[0].readers[0]: found "R*"; allowed: {ROLE_NAME}',
    ),
}


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(("change", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_with(
    change: tuple[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = change
    assert before in SHIPPED
    monkeypatch.chdir(tmp_path)
    path = Path("governance.toml")
    path.write_text(
        after.join(SHIPPED.rsplit(before, 1)) if "buckets" in expected else SHIPPED.replace(before, after, 1)
    )
    assert [line.removeprefix("governance.toml:") for line in refusal(path).splitlines()] == expected.splitlines()


def test_an_empty_file_misses_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("governance.toml")
    path.write_text("")
    keys_of_a_stage = 'one of "name", "accounts", "units", "roles", "fence", "metrics", "reason_required"'
    keys_of_cards = 'one of "status", "required_sections", "four_eyes", "after_edit", "export"'
    assert refusal(path).splitlines() == [
        f"governance.toml:1: cards: found nothing; allowed: a table, its keys {keys_of_cards}",
        'governance.toml:1: organization: found nothing; allowed: a table, its keys one of "id", "external_id",'
        ' "accounts"',
        "governance.toml:1: stages: found nothing; "
        f"allowed: an array, each element a table, its keys {keys_of_a_stage}",
    ]


def test_problems_of_shape_and_of_meaning_come_together_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(
        SHIPPED.replace("paused = false", "paused = 1").replace("333344445555", "3").replace("four_eyes", "for_eyes")
    )
    lines = [line.removeprefix(f"{path}:").split(":")[0] for line in refusal(path).splitlines()]
    assert lines == ["7", "24", "36"]


def test_a_long_value_is_shortened(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.replace("ModelTester", "M" * 500))
    assert f'found "{"M" * 79}…; allowed' in refusal(path)


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_bytes(b"# caf\n# caf\xe9\n")
    assert refusal(path) == f"{path}:2: found a byte that isn't UTF-8; allowed: UTF-8 text"


def test_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.toml") == f"{tmp_path / 'none.toml'}: can't be read: No such file or directory"


def test_nested_without_end(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(f"paused = {'[' * 5000}{']' * 5000}")
    assert refusal(path) == f"{path}: found arrays or tables nested too deeply; allowed: what the rules need"


def test_a_settings_error_is_permanent() -> None:
    assert issubclass(SettingsError, PermanentError)


TOKENS = [
    "\n",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "0x",
    "1e400",
    "nan",
    "true",
    "[[stages]]",
    '"""',
    "é",
    "\\",
]
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(SHIPPED)), st.integers(0, 30), st.one_of(st.sampled_from(TOKENS), st.text(max_size=3))
    ),
    min_size=1,
    max_size=4,
)
VALUES = st.sampled_from(
    ["[]", "{}", "1", "-0.0", "nan", "2026-01-01", "07:32:00", '""', "true", "[{}]", "[[1]]", "{a.b=1}"]
)


def loads_or_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(SettingsError):  # and no other error
        assert isinstance(load(path), Rules)


@given(edits=EDITS)
def test_a_mutation_of_the_text_loads_or_is_refused(
    edits: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = SHIPPED
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
    loads_or_is_refused(text, tmp_path_factory.getbasetemp())


@given(line=st.integers(0, len(SHIPPED.splitlines()) - 1), value=VALUES)
def test_another_value_at_any_key_loads_or_is_refused(
    line: int, value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = SHIPPED.splitlines()
    key, equals, _ = lines[line].partition(" = ")
    lines[line] = f"{key} = {value}" if equals else ""
    loads_or_is_refused("\n".join(lines), tmp_path_factory.getbasetemp())
