"""Whom a rule names, and when two callers may be one person."""

import pytest

from stagegate.approvals.principals import Actor, could_be_one_person, is_one_of

ROLE = "arn:aws:iam::111122223333:role/ModelApprover"
DEEP = "arn:aws:iam::111122223333:role/ml/ModelApprover"
SESSION = "arn:aws:sts::111122223333:assumed-role/ModelApprover/ann"
USER = "arn:aws:iam::111122223333:user/ann"
FEDERATED = "arn:aws:sts::111122223333:federated-user/whoever"
OTHER_ROLE = "arn:aws:sts::222233334444:assumed-role/ModelDeveloper"
SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Approver_0123456789abcdef"
PROFILE = "arn:aws:sagemaker:us-east-1:111122223333:user-profile/d-1/ann"
STUDIO = "arn:aws:sts::111122223333:assumed-role/StudioRole/SageMaker"


@pytest.mark.parametrize(
    ("arn", "role_arn", "principal", "expected"),
    [
        (SESSION, ROLE, ROLE, True),
        (SESSION, None, ROLE, True),
        (SESSION, ROLE, SESSION, True),
        (SESSION, DEEP, DEEP, True),
        # The issuer is the truth where it is known: a role of another path is another role.
        (SESSION, DEEP, ROLE, False),
        (SESSION, None, DEEP, False),
        (SESSION.replace("1111", "9999", 1), None, ROLE, False),
        (SESSION.replace("assumed-role/ModelApprover", "assumed-role/ModelApprover2"), None, ROLE, False),
        ("arn:aws:sts::111122223333:assumed-role/ModelApprover/bob", ROLE, SESSION, False),
        (PROFILE, None, PROFILE, True),
        (PROFILE + "e", None, PROFILE, False),
        ("arn:aws:iam::111122223333:user/ann", None, "arn:aws:iam::111122223333:user/ann", True),
        ("arn:aws:iam::111122223333:root", None, ROLE, False),
    ],
)
def test_a_principal_names_a_role_by_any_session_and_everybody_else_by_name(
    arn: str, role_arn: str | None, principal: str, *, expected: bool
) -> None:
    assert is_one_of(Actor(arn=arn, role_arn=role_arn), ["arn:aws:iam::111122223333:role/Other", principal]) is expected


def test_a_principal_with_a_wildcard_names_nobody() -> None:
    assert not is_one_of(Actor(arn=SESSION, role_arn=ROLE), ["*", ROLE[:-1] + "*"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Actor(arn=SESSION), Actor(arn=SESSION), True),
        # Session names are the callers' own choice: two of one role may be one person, and one under two roles as well.
        (Actor(arn=SESSION), Actor(arn=SESSION + "e"), True),
        (Actor(arn=SESSION), Actor(arn=OTHER_ROLE + "/ann"), True),
        (Actor(arn=SESSION), Actor(arn=OTHER_ROLE + "/bob"), False),
        (Actor(arn=SESSION), Actor(arn=SESSION.replace("1111", "9999", 1) + "e"), False),
        # IAM Identity Center names the sessions of its roles after their users.
        (Actor(arn=SSO + "/ann@example.com"), Actor(arn=SSO + "/bob@example.com"), False),
        (Actor(arn=SSO + "/ann@example.com"), Actor(arn=OTHER_ROLE + "/ann@example.com"), True),
        # The source identity outlives a change of roles. Where one side alone has it, the other's name may be its.
        (Actor(arn=SESSION + "e", source_identity="ann"), Actor(arn=OTHER_ROLE + "/ann"), True),
        (Actor(arn=SESSION + "e", source_identity="ann"), Actor(arn=OTHER_ROLE + "/bob"), False),
        (Actor(arn=SESSION + "e", source_identity="ann"), Actor(arn=SESSION), True),
        (Actor(arn=SESSION, source_identity="ann"), Actor(arn=OTHER_ROLE + "/ann", source_identity="bob"), False),
        (Actor(arn=SESSION, source_identity="ann"), Actor(arn=STUDIO[:-9] + "x", source_identity="ann"), True),
        # Where the trust lets whoever assumes a role choose it, a source identity proves as little as a name.
        (Actor(arn=SESSION, source_identity="ann"), Actor(arn=SESSION, source_identity="bob"), True),
        (Actor(arn=STUDIO, source_identity="ann"), Actor(arn=STUDIO, source_identity="bob"), False),
        # Two people who come by IAM Identity Center to one plain role, and one whom the record doesn't name.
        (Actor(arn=SESSION, on_behalf_of="s/ann"), Actor(arn=SESSION, on_behalf_of="s/bob"), False),
        (Actor(arn=SESSION, on_behalf_of="s/ann"), Actor(arn=OTHER_ROLE + "/x", on_behalf_of="s/ann"), True),
        (Actor(arn=SESSION, on_behalf_of="s/ann"), Actor(arn=SESSION), True),
        # One source identity under two roles, of whom AWS names one besides.
        (
            Actor(arn=SESSION, source_identity="ann", on_behalf_of="s/ann"),
            Actor(arn=OTHER_ROLE + "/x", source_identity="ann"),
            True,
        ),
        # A session that a user has made is the user, whatever its name.
        (Actor(arn=USER), Actor(arn=FEDERATED, role_arn=USER), True),
        (Actor(arn=FEDERATED, role_arn=USER), Actor(arn=FEDERATED + "2", role_arn=USER), True),
        (Actor(arn=FEDERATED, role_arn=USER), Actor(arn=USER + "2"), False),
        # CloudTrail calls every Studio user of a role the same, and SageMaker calls them by their profiles.
        (Actor(arn=PROFILE), Actor(arn=STUDIO), True),
        (Actor(arn=STUDIO), Actor(arn=PROFILE), True),
        (Actor(arn=PROFILE), Actor(arn=STUDIO, source_identity="ann"), True),
        (Actor(arn=PROFILE), Actor(arn=STUDIO, source_identity="bob"), False),
        (Actor(arn=PROFILE), Actor(arn=SESSION), False),
        (Actor(arn=PROFILE), Actor(arn=PROFILE[:-3] + "bob"), False),
    ],
)
def test_two_callers_may_be_one_person_where_nothing_tells_them_apart(
    one: Actor, other: Actor, *, expected: bool
) -> None:
    assert could_be_one_person(one, other) is expected
