"""Laws of several approvers, against every choice of people that there is."""

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.approvals.gates.several import counted
from stagegate.approvals.principals import Actor, could_be_one_person
from stagegate.approvals.records import AuditRecord
from tests.support.builders import a_record

ACCOUNT = "111122223333"
NAMES = ("ann", "bea", "cleo", "dora")
USERS = [Actor(arn=f"arn:aws:iam::{ACCOUNT}:user/{name}") for name in NAMES[:2]]
FEDERATED = [
    Actor(arn=f"arn:aws:sts::{ACCOUNT}:federated-user/{name}", role_arn=user.arn)
    for name in NAMES[:2]
    for user in USERS
]
PROFILES = [
    Actor(arn=f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:user-profile/d-1/{name}", role_arn=None) for name in NAMES[:2]
]
SESSIONS = st.builds(
    lambda role, name, identity, user: Actor(
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
        source_identity=identity,
        on_behalf_of=user,
    ),
    st.sampled_from(["Approver", "Officer", "Lead", "AWSReservedSSO_Approvers_0123456789abcdef"]),
    st.sampled_from([*NAMES, "SageMaker"]),
    st.sampled_from([None, None, *NAMES[:2]]),
    st.sampled_from([None, None, None, "u-1", "u-2"]),
)
CALLERS = st.lists(st.one_of(SESSIONS, SESSIONS, st.sampled_from([*USERS, *FEDERATED, *PROFILES])), max_size=12)


def approvals_of(callers: list[Actor]) -> list[AuditRecord]:
    return [a_record(actor=caller, seconds=n) for n, caller in enumerate(callers)]


def are_there(callers: list[Actor], needed: int) -> bool:
    return any(
        all(not could_be_one_person(one, other) for one, other in combinations(chosen, 2))
        for chosen in combinations(callers, needed)
    )


@settings(max_examples=400, deadline=None)
@given(CALLERS, st.integers(2, 4))
def test_a_stage_opens_as_soon_as_so_many_different_people_are_among_the_callers(
    callers: list[Actor], needed: int
) -> None:
    approvals = approvals_of(callers)
    complete = [bool(counted(approvals[:end], needed).complete) for end in range(len(callers) + 1)]
    assert complete == [are_there(callers[:end], needed) for end in range(len(callers) + 1)]
    assert all(after or not before for before, after in pairwise(complete)), "an approval more takes nothing away"
