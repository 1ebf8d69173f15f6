"""In a document accounts stand by their ids, and names of roles once where all accounts of a statement have them."""

from dataclasses import replace

import pytest

from stagegate.iam.encoding import encoded
from stagegate.iam.merge import atoms, merge
from stagegate.iam.read import statement_from
from stagegate.iam.statements import Statement, StatementError, conditions_of, sid_of, statement_for, to_json
from tests.support.statements import DEV, PROD, TEST, grant, role_in, root_of


def of(*roles: tuple[str, str], partition: str = "aws") -> Statement:
    """One statement for these roles, given by account and name."""
    arns = [f"arn:{partition}:iam::{account}:role/{name}" for account, name in roles]
    return replace(
        grant(),
        principals=frozenset(f"arn:{partition}:iam::{account}:root" for account, _ in roles),
        conditions=conditions_of({"ArnEquals": {"aws:PrincipalArn": arns}}),
    )


ALIKE = of((DEV, "Deploy"), (DEV, "team/Serve"), (PROD, "Deploy"), (PROD, "team/Serve"))
UNLIKE = of((DEV, "Deploy"), (PROD, "Deploy"), (PROD, "Serve"))


def test_names_that_all_accounts_have_stand_once_and_accounts_by_their_ids() -> None:
    assert encoded(ALIKE) == {
        "Sid": sid_of(ALIKE),
        "Effect": "Allow",
        "Principal": {"AWS": [DEV, PROD]},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::models/churn/*",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Deploy", "arn:aws:iam::*:role/team/Serve"]}
        },
    }


def test_the_partition_is_never_a_wildcard() -> None:
    written = encoded(of((DEV, "Deploy"), (PROD, "Deploy"), partition="aws-cn"))
    assert written["Principal"] == {"AWS": [DEV, PROD]}
    assert written["Condition"] == {"ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/Deploy"}}


@pytest.mark.parametrize(
    "statement",
    [
        UNLIKE,
        of((DEV, "Deploy"), (PROD, "Serve")),
        of((DEV, "Deploy"), (PROD, "team/Deploy")),
        of((PROD, "Deploy"), (PROD, "Serve")),
        of((PROD, "Deploy")),
        replace(ALIKE, principals=ALIKE.principals | {root_of(TEST)}),
        replace(
            ALIKE,
            conditions=ALIKE.conditions | conditions_of({"ArnLike": {"AWS:PrincipalArn": role_in(DEV)}}),
        ),
    ],
)
def test_roles_of_which_an_account_has_others_stand_there_one_by_one(statement: Statement) -> None:
    written = encoded(statement)
    assert written["Condition"] == to_json(statement)["Condition"]
    assert "*" not in str(written["Condition"])
    assert statement_from(written, "aws") == statement


def test_two_partitions_keep_the_arns_of_their_accounts() -> None:
    both = replace(grant(), principals=frozenset([root_of(DEV), root_of(PROD).replace("aws:", "aws-cn:")]))
    assert encoded(both) == to_json(both)
    roles = [role_in(DEV), role_in(PROD).replace("aws:", "aws-cn:")]
    alike = replace(both, conditions=conditions_of({"ArnEquals": {"aws:PrincipalArn": roles}}))
    assert encoded(alike) == to_json(alike)


@pytest.mark.parametrize("statement", [ALIKE, UNLIKE, grant(), grant(PROD, roles=["Deploy"])])
def test_what_is_written_reads_back_as_it_was(statement: Statement) -> None:
    assert statement_from(encoded(statement), "aws") == statement
    assert statement_from(to_json(statement), "aws") == statement
    rewritten = {**encoded(statement), "Principal": {"AWS": sorted(statement.principals)}}
    assert statement_from(rewritten, "aws") == statement


def test_the_sid_is_of_what_is_said_however_it_is_written() -> None:
    assert encoded(ALIKE, "Stagegateabcdef")["Sid"] == to_json(ALIKE, "Stagegateabcdef")["Sid"]


def test_other_conditions_stay_beside_the_names() -> None:
    given = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::x"}, "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::y"}}
    statement = replace(ALIKE, conditions=ALIKE.conditions | conditions_of(given))
    assert encoded(statement)["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::y"},
        "ArnLike": {
            "aws:PrincipalArn": ["arn:aws:iam::*:role/Deploy", "arn:aws:iam::*:role/team/Serve"],
            "aws:SourceArn": "arn:aws:s3:::x",
        },
    }
    assert statement_from(encoded(statement), "aws") == statement


@pytest.mark.parametrize(
    "edit",
    [
        {"Principal": {"AWS": [DEV, role_in(PROD)]}},
        {"Principal": {"AWS": [DEV, root_of(PROD).replace("aws:", "aws-cn:")]}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/Deploy"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy?"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ann"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Deploy", role_in(PROD, "Serve")]}}},
        {"Condition": {"ArnLike": {"AWS:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}},
        {"Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}},
        {
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"},
                "ArnEquals": {"aws:PrincipalArn": role_in(DEV)},
            }
        },
    ],
)
def test_a_pattern_that_we_would_not_write_is_somebody_elses_edit(edit: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        statement_from({**encoded(ALIKE), **edit}, "aws")


def test_an_account_taken_out_of_ours_loses_its_roles_and_one_added_gains_them() -> None:
    fewer = statement_from({**encoded(ALIKE), "Principal": {"AWS": DEV}}, "aws")
    assert atoms(fewer) == atoms(of((DEV, "Deploy"), (DEV, "team/Serve")))
    more = statement_from({**encoded(ALIKE), "Principal": {"AWS": [DEV, PROD, TEST]}}, "aws")
    assert atoms(more) - atoms(ALIKE) == atoms(of((TEST, "Deploy"), (TEST, "team/Serve")))


def test_one_that_lacks_a_role_is_not_let_in_under_its_name() -> None:
    """A role that isn't there is left out: whoever makes it later isn't let in by a pattern for the other accounts."""
    there = [grant(DEV, roles=["Deploy", "Serve"]), grant(PROD, roles=["Deploy"])]
    for statement in merge(there):
        assert role_in(PROD, "Serve") not in str(statement)
        assert statement_from(encoded(statement), "aws") == statement
        assert "*" not in str(encoded(statement).get("Condition"))


def test_a_repositorys_statement_has_no_resource() -> None:
    pull = statement_for(PROD, None, partition="aws", actions=["ecr:BatchGetImage"], resources=None)
    assert encoded(pull) == {
        "Sid": sid_of(pull),
        "Effect": "Allow",
        "Principal": {"AWS": PROD},
        "Action": "ecr:BatchGetImage",
    }
