"""What is imported for a stage isn't denied there by a guardrail: such a file is refused."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.load import load
from tests.support.builders import DEV, PROD, TEST
from tests.support.shipped import SHIPPED

IMPORT = (
    '\n[[imports]]\ngroups = ["mistral-*"]\nstage = "prod"\nmodel = "{group}-{version}"\nconsumer = "ModelOperator"\n'
)
CONSUMER = f"arn:aws:iam::{PROD}:role/ModelOperator"
BY_SCP = f'by = "scp"\naccounts = ["{TEST}", "{PROD}"]\n'
ELSEWHERE = f'by = "scp"\naccounts = ["{TEST}"]\n'
BY_BOUNDARY = f'by = "boundary"\nroles = ["{CONSUMER}"]\n'
OF_ANOTHER = f'by = "boundary"\nroles = ["arn:aws:iam::{DEV}:role/ModelOperator", "arn:aws:iam::{PROD}:role/Canvas"]\n'
ALL, OTHERS = 'bedrock = { deny = ["*"] }\n', 'bedrock = { allow = ["amazon.titan-*", "custom-model/*"] }\n'
SOME, IMPORTED = 'bedrock = { deny = ["anthropic.*"] }\n', 'bedrock = { allow = ["amazon.*", "imported-model/*"] }\n'


def of(folder: Path, guardrail: str, imported: str = IMPORT) -> None:
    path = folder / "governance.toml"
    path.write_text(f'{SHIPPED}{imported}\n[[guardrails]]\nname = "g"\n{guardrail}')
    load(path)


@pytest.mark.parametrize("models", [ALL, OTHERS])
@pytest.mark.parametrize(("on", "said"), [(BY_SCP, f"account {PROD}"), (BY_BOUNDARY, f"role ModelOperator of {PROD}")])
def test_an_import_that_nobody_could_use_is_refused(tmp_path: Path, models: str, on: str, said: str) -> None:
    with pytest.raises(
        SettingsError, match=rf'imports\[0\].stage: found "prod": guardrail "g" denies {said}'
    ) as caught:
        of(tmp_path, on + models)
    assert 'allowed: "imported-model/*" in bedrock.allow of "g"' in str(caught.value)


@pytest.mark.parametrize(
    "guardrail",
    [
        *(on + models for on in (BY_SCP, BY_BOUNDARY) for models in (SOME, IMPORTED, 'public_hub = "deny"\n')),
        *(on + models for on in (ELSEWHERE, OF_ANOTHER) for models in (ALL, OTHERS)),
    ],
)
def test_one_that_leaves_it_to_its_users_isnt(tmp_path: Path, guardrail: str) -> None:
    of(tmp_path, guardrail)


def test_without_a_consumer_the_stages_roles_are_the_users(tmp_path: Path) -> None:
    nobody = IMPORT.replace('consumer = "ModelOperator"\n', "")
    with pytest.raises(SettingsError, match="denies role ModelOperator"):
        of(tmp_path, BY_BOUNDARY + ALL, nobody)
    of(tmp_path, OF_ANOTHER + ALL, nobody)
