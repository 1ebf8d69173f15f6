"""What is merged, and what is not although it looks alike."""

from dataclasses import replace

import pytest

from stagegate.iam.merge import atoms, length, merge, merge_shortest
from stagegate.iam.statements import Effect, Statement, conditions_of
from tests.support.statements import DEV, OWNER, PROD, TEST, grant, role_in, root_of


def with_conditions(operator: str, *values: str, key: str = "s3:prefix") -> Statement:
    return grant(conditions={operator: {key: values}})


def test_one_statement_gives_many_packages_to_many_accounts() -> None:
    grants = [grant(account, package) for account in (DEV, TEST, PROD) for package in ("churn", "fraud", "reach")]
    assert merge(grants) == (
        replace(
            grant(PROD, "churn", "fraud", "reach"),
            principals=frozenset([root_of(DEV), root_of(TEST), root_of(PROD)]),
        ),
    )


def test_roles_of_several_accounts_share_a_statement_because_a_role_has_one_account() -> None:
    merged = merge([grant(DEV, roles=["Deploy"]), grant(PROD, roles=["Deploy"]), grant(PROD, roles=["Serve"])])
    roles = [role_in(DEV), role_in(PROD), role_in(PROD, "Serve")]
    assert merged == (
        replace(
            grant(PROD),
            principals=frozenset([root_of(DEV), root_of(PROD)]),
            conditions=conditions_of({"ArnEquals": {"aws:PrincipalArn": roles}}),
        ),
    )


def test_a_role_that_no_principal_of_its_statement_is_about_does_not_come_in_by_merging() -> None:
    nobody = replace(grant(DEV), conditions=conditions_of({"ArnEquals": {"aws:PrincipalArn": role_in(PROD)}}))
    somebody = grant(PROD, roles=["Other"])
    assert set(merge([nobody, somebody])) == {nobody, somebody}


def test_what_another_statement_gives_as_a_whole_is_left_out() -> None:
    wide = grant(PROD, "churn", "fraud", actions=["s3:GetObject", "s3:GetObjectAcl"])
    narrow = [
        grant(PROD, "fraud"),
        grant(PROD, "churn", roles=["Deploy"]),
        grant(PROD, "churn", conditions={"StringNotLike": {"s3:prefix": "x"}}),
    ]
    assert merge([*narrow, wide]) == (wide,)


def test_a_wildcard_absorbs_nothing_and_is_never_made() -> None:
    under = grant(PROD, "churn/1")
    assert merge([grant(PROD, "churn"), under]) == (grant(PROD, "churn", "churn/1"),)
    apart = grant(PROD, "churn/1", actions=["s3:Get*"])
    assert set(merge([grant(PROD, "churn"), apart])) == {grant(PROD, "churn"), apart}


@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringLike", "ArnLike", "ForAnyValue:StringEquals", "StringEqualsIfExists"]
)
def test_values_that_are_alternatives_are_joined(operator: str) -> None:
    merged = merge([with_conditions(operator, "a"), with_conditions(operator, "b"), with_conditions(operator, "a")])
    assert merged == (with_conditions(operator, "a", "b"),)


@pytest.mark.parametrize(
    "operator",
    [
        "StringNotEquals",
        "StringNotLike",
        "ArnNotEquals",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "StringNotEqualsIfExists",
        "NumericLessThan",
    ],
)
def test_values_that_are_not_alternatives_stay_apart(operator: str) -> None:
    both = {with_conditions(operator, "1"), with_conditions(operator, "2")}
    assert set(merge(both)) == both


@pytest.mark.parametrize("operator", ["StringNotLike", "ForAllValues:StringLike"])
def test_fewer_values_are_not_within_more_where_values_are_not_alternatives(operator: str) -> None:
    pair = {with_conditions(operator, "a"), with_conditions(operator, "a", "b")}
    assert set(merge(pair)) == pair


def test_fewer_alternatives_are_within_more() -> None:
    wide = replace(with_conditions("StringLike", "a", "b"), resources=grant(PROD, "churn", "fraud").resources)
    assert merge([with_conditions("StringLike", "a"), wide]) == (wide,)


@pytest.mark.parametrize(
    "pair",
    [
        (grant(), grant(effect=Effect.DENY)),
        (grant(PROD, "churn"), grant(DEV, "fraud")),
        (grant(PROD, "churn", "fraud"), grant(PROD, "churn", actions=["s3:GetObject", "s3:GetObjectAcl"])),
        (grant(PROD, "churn"), grant(DEV, roles=["Deploy"])),
        (with_conditions("StringLike", "a"), with_conditions("StringLike", "a", key="aws:PrincipalOrgID")),
        (with_conditions("StringLike", "a"), with_conditions("StringEquals", "b")),
        (
            grant(conditions={"StringLike": {"s3:prefix": "a"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            grant(conditions={"StringLike": {"s3:prefix": "b"}, "StringEquals": {"aws:PrincipalOrgID": "o-2"}}),
        ),
        (replace(grant(), resources=None), grant()),
    ],
)
def test_what_differs_in_more_than_one_way_stays_apart(pair: tuple[Statement, Statement]) -> None:
    assert set(merge(pair)) == set(pair)


def test_the_best_of_the_orders_counts() -> None:
    # By package first it takes one statement for each of six packages, by account two.
    packages = [f"p{n}" for n in range(6)]
    grants = [grant(DEV, p) for p in packages[:4]] + [grant(PROD, p) for p in packages[2:]]
    assert len(merge(grants)) == 2
    # And the other way round: many accounts, two packages.
    accounts = [f"{n:012d}" for n in range(1, 7)]
    grants = [grant(a, "churn") for a in accounts[:4]] + [grant(a, "fraud") for a in accounts[2:]]
    assert len(merge(grants)) == 2


def test_a_merge_that_another_merge_makes_possible_is_made() -> None:
    # The first three join by package and then by account, the others by account and then by package: one round in any
    # order leaves some apart.
    both = frozenset([root_of(DEV), root_of(PROD)])
    grants = [grant(DEV, "a", "b"), grant(PROD, "a"), grant(PROD, "b")]
    grants += [replace(grant(DEV, "c"), principals=both), grant(DEV, "d"), grant(PROD, "d")]
    assert merge(grants) == (replace(grant(DEV, "a", "b", "c", "d"), principals=both),)


def test_fewest_and_shortest_can_differ() -> None:
    # Two long package names in nearly every pair: naming them once costs more statements and fewer bytes.
    accounts = (OWNER, DEV, TEST)
    subsets = ((DEV, TEST), (OWNER, TEST), (OWNER, DEV), accounts)
    packages = [letter * 200 for letter in "abcd"]
    grants = [grant(account, package) for package, subset in zip(packages, subsets, strict=True) for account in subset]
    fewest, shortest = merge(grants), merge_shortest(grants)
    assert (len(fewest), len(shortest)) == (3, 4)
    assert length(shortest) < length(fewest)


def named(*arns: str, key: str = "churn") -> Statement:
    """One object for principals of any kind, by their ARNs."""
    accounts = frozenset(root_of(arn.split(":")[4]) for arn in arns)
    conditions = conditions_of({"ArnEquals": {"aws:PrincipalArn": list(arns)}})
    return replace(grant(PROD, key), principals=accounts, conditions=conditions)


@pytest.mark.parametrize("other", ["iam::222233334444:user/Auditor", "sts::222233334444:assumed-role/Deploy/session"])
def test_near_the_limit_what_names_no_role_is_kept_beside_what_names_roles(other: str) -> None:
    somebody = named(f"arn:aws:{other}")
    everybody = [somebody, *(named(role_in(account)) for account in (DEV, TEST, PROD))]
    parts = {part for statement in merge_shortest(everybody) for part in atoms(statement)}
    assert parts == set(everybody)


def test_nothing_merges_to_nothing() -> None:
    assert merge([]) == ()


def test_atoms_are_the_smallest_parts_and_merge_to_the_whole() -> None:
    whole = grant(
        PROD,
        "churn",
        "fraud",
        roles=["Deploy", "Serve"],
        actions=["s3:GetObject", "s3:GetObjectAcl"],
        conditions={"StringLike": {"s3:prefix": ["a", "b", "c"]}, "StringNotLike": {"s3:delimiter": ["x", "y"]}},
    )
    parts = atoms(whole)
    assert len(parts) == 2 * 2 * 2 * 3
    assert merge(parts) == (whole,)
    repository = replace(grant(), resources=None)
    assert atoms(repository) == {repository}
