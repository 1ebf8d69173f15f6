"""Guardrails in governance.toml: what is read, and what is refused with the line, what is found and allowed."""

from dataclasses import replace
from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.guardrails import Access, DirectDeployment, Domain, Guardrail, GuardrailKind, ModelRule
from stagegate.rules.load import load
from tests.support.builders import DEV, PROD, TEST
from tests.support.shipped import SHIPPED, example_of

ROLE = f"arn:aws:iam::{DEV}:role/service-role/Canvas"
GUARDRAIL = f"""
[[guardrails]]
name = "canvas"
by = "boundary"
roles = ["{ROLE}"]
domains = [{{ account = "{DEV}" }}]
public_hub = "deny"
bedrock = {{ allow = ["amazon.titan-*", "custom-model/*"] }}
jumpstart = {{ deny = ["huggingface-text2text-flan-t5-*"] }}
direct_deployment = "off"
"""
SCP = f"""
[[guardrails]]
name = "prod"
by = "scp"
accounts = ["{PROD}"]
bedrock = {{ deny = ["*"] }}
"""
PROVIDER = "a foundation model's id with its provider and without a Region, as in "
FITS_NONE = " (any other fits no model), or "
ONE_BOUNDARY = "in one guardrail: a role has one boundary"


def read(text: str, folder: Path) -> tuple[Guardrail, ...]:
    path = folder / "governance.toml"
    path.write_text(f"{SHIPPED}{text}")
    return load(path).guardrails


def test_guardrails_are_read(tmp_path: Path) -> None:
    assert read(GUARDRAIL + SCP, tmp_path) == (
        Guardrail(
            name="canvas",
            by=GuardrailKind.BOUNDARY,
            roles=(ROLE,),
            domains=(Domain(account=DEV),),
            public_hub=Access.DENY,
            bedrock=ModelRule(allow=("amazon.titan-*", "custom-model/*")),
            jumpstart=ModelRule(deny=("huggingface-text2text-flan-t5-*",)),
            direct_deployment=DirectDeployment.OFF,
        ),
        Guardrail(name="prod", by=GuardrailKind.SCP, accounts=(PROD,), bedrock=ModelRule(deny=("*",))),
    )


def test_the_shipped_rules_have_none() -> None:
    assert load(Path(__file__).parents[3] / "layers" / "settings" / "governance.toml").guardrails == ()


def test_the_example_in_the_shipped_rules_is_one(tmp_path: Path) -> None:
    (guardrail,) = read(f"\n{example_of('guardrails')}", tmp_path)
    assert guardrail == replace(
        read(GUARDRAIL, tmp_path)[0],
        roles=(f"arn:aws:iam::{TEST}:role/CanvasUser",),
        domains=(Domain(account=TEST),),
        bedrock=ModelRule(allow=("amazon.titan-*",)),
        jumpstart=ModelRule(deny=("*",)),
    )


ALONE = """public_hub = "deny"
bedrock = { allow = ["amazon.titan-*", "custom-model/*"] }
jumpstart = { deny = ["huggingface-text2text-flan-t5-*"] }
"""
SECOND = GUARDRAIL.replace('"canvas"', '"studio"')
WRONG = {
    "an id without its provider": (
        ('allow = ["amazon.titan-*"', 'deny = ["claude-v2"'),
        "bedrock.deny[0]",
        f'"claude-v2"; allowed: {PROVIDER}"anthropic.claude-*"{FITS_NONE}"*"',
    ),
    "the id of an inference profile": (
        ("amazon.titan-*", "us.anthropic.claude-v2"),
        "bedrock.allow[0]",
        f'"us.anthropic.claude-v2"; allowed: {PROVIDER}"amazon.titan-*"{FITS_NONE}"custom-model/*",'
        ' "custom-model-deployment/*", "imported-model/*", "provisioned-model/*"',
    ),
    "a provider alone": (("amazon.titan-*", "amazon."), "bedrock.allow[0]", f'"amazon."; allowed: {PROVIDER}'),
    "an allow-list of everything": (("amazon.titan-*", "*"), "bedrock.allow[0]", '"*"; allowed: '),
    "a star within an id": (("amazon.titan-*", "amazon.*-v1"), "bedrock.allow[0]", '"amazon.*-v1"; allowed: '),
    "a custom model without its base": (
        ("custom-model/*", "custom-model/abcdefghijkl"),
        "bedrock.allow[1]",
        '"custom-model/abcdefghijkl"; allowed: ',
    ),
    "JumpStart's every model allowed": (
        ('deny = ["huggingface-text2text-flan-t5-*"]', 'allow = ["*"]'),
        "jumpstart.allow[0]",
        '"*"; allowed: a JumpStart model\'s id, or the start of one and "*"',
    ),
    "deny and allow": (
        ("allow = [", 'deny = ["*"], allow = ['),
        "bedrock",
        'both "deny" and "allow"; allowed: one of them, with at least one model: "deny" these, or "allow" no others',
    ),
    "neither deny nor allow": (
        ('deny = ["huggingface-text2text-flan-t5-*"]', ""),
        "jumpstart",
        'neither "deny" nor "allow"; allowed: one of them',
    ),
    "a role with a wildcard": (
        ("role/service-role/Canvas", "role/service-role/Canvas*"),
        "roles[0]",
        f'"{ROLE}*"; allowed: the ARN of an IAM role, without wildcards',
    ),
    "a role's name": ((f'"{ROLE}"', '"Canvas"'), "roles[0]", '"Canvas"; allowed: the ARN of an IAM role'),
    "a role that a stage fences by boundary": (
        ('roles = ["ModelDeveloper"]', 'roles = ["Canvas"]\nfence = "boundary"'),
        "roles[0]",
        f'"{ROLE}", which a stage fences by boundary; allowed: a role of a stage that is fenced by scp',
    ),
    "nobody": (
        (f'roles = ["{ROLE}"]\ndomains = [{{ account = "{DEV}" }}]\n', ""),
        "",
        'by = "boundary" without "roles" or "domains"; allowed: "roles" or "domains": on whom it is',
    ),
    "accounts by boundary": (
        ('by = "boundary"', f'by = "boundary"\naccounts = ["{DEV}"]'),
        "accounts",
        '"accounts" with by = "boundary"; allowed: "roles" or "domains", or by = "scp"',
    ),
    "nothing taken away": (
        (f'{ALONE}direct_deployment = "off"\n', ""),
        "",
        'a guardrail that takes nothing away; allowed: at least one of "public_hub", "bedrock", "jumpstart", '
        '"direct_deployment"',
    ),
    "roles for Canvas's setting alone": (
        (ALONE, ""),
        "roles",
        '"roles" that nothing is denied; allowed: "public_hub", "bedrock", "jumpstart": what the roles may not use',
    ),
    "Canvas's setting without a domain": (
        (f'domains = [{{ account = "{DEV}" }}]\n', ""),
        "direct_deployment",
        '"off" without "domains"; allowed: by = "boundary" with the "domains" whose setting it is',
    ),
    "a name twice": ((SHIPPED, SHIPPED + SCP.replace('"prod"', '"canvas"')), "name", '"canvas" a second time'),
    "a role in two guardrails": (
        (SHIPPED, SHIPPED + SECOND.replace("domains = [", "#")),
        "roles[0]",
        f'"{ROLE}", which another guardrail names; allowed: {ONE_BOUNDARY}',
    ),
    "a domain in two guardrails": (
        (
            SHIPPED,
            SHIPPED + SECOND.replace(f'account = "{DEV}"', f'account = "{DEV}", id = "d-1"').replace("roles", "#"),
        ),
        "domains[0]",
        f'all domains of "{DEV}", one a second time; allowed: {ONE_BOUNDARY}',
    ),
    "one outside an organization": (
        ('id = "o-stagegate01"', 'external_id = "an-external-id"\n' + SCP.split("[[", 1)[0]),
        "by",
        '"scp" outside an AWS organization; allowed: "boundary": without an organization there are no SCPs',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_guardrail_is_refused_by_its_line_and_key(name: str, tmp_path: Path) -> None:
    (old, new), key, said = WRONG[name]
    guardrail = SCP if name == "one outside an organization" else GUARDRAIL
    assert old in SHIPPED + guardrail
    path = tmp_path / "governance.toml"
    if old in guardrail:  # and not in the example of the shipped rules
        path.write_text(SHIPPED + guardrail.replace(old, new, 1))
    else:
        path.write_text(SHIPPED.replace(old, new, 1) + guardrail)
    with pytest.raises(SettingsError) as caught:
        load(path)
    number = 1 if "two guardrails" in name or "twice" in name else 0
    where = f"guardrails[{number}]{'.' if key else ''}{key}: found {said}"
    (line,) = [line for line in str(caught.value).splitlines() if where in line]
    assert line.startswith(f"{path}:")


def test_a_role_in_the_same_guardrail_twice_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(GUARDRAIL.replace(f'["{ROLE}"]', f'["{ROLE}", "{ROLE}"]'), tmp_path)
    assert str(caught.value).count("\n") == 0
