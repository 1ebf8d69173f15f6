"""Which faults are tried by themselves: each kind at each call, each error at each operation, one of each sort."""

from soak.trials.calls import Made, faults_of
from soak.trials.choice import choose

FIRST, SECOND = (Made("stagegate-plan", "ram", "GetResourceShares", number) for number in range(2))
KINDS = {"throttled", "denied", "lost before", "lost after", "timeout", "killed before", "killed after"}


def test_each_error_of_an_operation_is_tried_once_and_its_like_at_each_call() -> None:
    chosen = choose({"approval": [FIRST, SECOND], "deletion": [FIRST]})
    every = faults_of(FIRST)
    first, second = chosen.cells["approval"][FIRST], chosen.cells["approval"][SECOND]
    assert first == every
    assert {fault.kind for fault in second} >= KINDS
    assert {fault.alike for fault in second} == {fault.alike for fault in every}
    assert len(second) < len(every)
    assert chosen.cells["deletion"][FIRST] == second
    assert chosen.of + chosen.same == 3 * len(every)


def test_a_state_machine_is_not_killed() -> None:
    made = Made("stagegate-govern", "dynamodb", "UpdateItem", 0, in_function=False)
    assert {fault.kind for fault in faults_of(made)} & KINDS == {"throttled", "denied", "lost before", "lost after"}


def test_an_error_that_the_product_names_is_like_no_other() -> None:
    """UpdateItem's failed condition is an answer; a limit of size is refused as any other."""
    for in_function in (True, False):
        made = Made("stagegate-record", "dynamodb", "UpdateItem", 0, in_function=in_function)
        alike = {fault.kind: fault.alike for fault in faults_of(made)}
        condition = alike["ConditionalCheckFailedException"]
        assert [kind for kind, seen in alike.items() if seen == condition] == ["ConditionalCheckFailedException"]
