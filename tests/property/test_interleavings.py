"""Writers of one bucket policy, in every order of their AWS calls, with a crash, a stale read and a foreign edit.

`make explore` looks at more of them. What AWS offers nothing against is counted apart, and has to be seen.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from bench.interleavings.aws import Call, Refusal, answered
from bench.interleavings.controls import LACKS, Lack
from bench.interleavings.explore import UNAVOIDABLE, explore
from bench.interleavings.moments import Faults, Moment, Play
from bench.interleavings.scenarios import OPENED, QUICK, TWO, Scenario
from bench.interleavings.writers import TABLE, Ended, Writers
from tests.support.table import Table


@pytest.fixture(scope="module")
def code() -> Writers:
    return Writers()


@pytest.mark.parametrize("scenario", QUICK, ids=lambda scenario: scenario.name)
def test_nothing_wanted_is_lost_nothing_else_stays_and_nobody_is_stuck(code: Writers, scenario: Scenario) -> None:
    found = explore(scenario, Play(code))
    assert {v: way for v, way in found.example.items() if set(v) - UNAVOIDABLE} == {}
    assert found.wrong == 0
    assert sum(found.schedules.values()) >= len(scenario.tasks)


def test_a_foreign_edit_is_lost_only_where_no_writer_could_have_seen_it(code: Writers) -> None:
    """An edit between our read and our PUT, or before a read that was too far behind: the verdicts tell which."""
    found = explore(QUICK[0], Play(code))
    schedules = sum(found.schedules.values())
    assert all(0 < found.counted(how) < schedules / 2 for how in UNAVOIDABLE)
    without = explore(Scenario(name="no edit", tasks=TWO, before=OPENED, faults=Faults(stale_reads=1)), Play(code))
    assert set(without.schedules) == {()}


@pytest.mark.parametrize("lack", LACKS, ids=lambda lack: lack.name)
def test_what_is_taken_away_is_missed(lack: Lack) -> None:
    assert lack.explored().counted(lack.finds) > 0


def test_two_writers_without_faults_have_this_many_schedules(code: Writers) -> None:
    """One after the other; and where the second asks for the lease while the first has it, it waits without a trace."""
    found = explore(Scenario(name="two", tasks=TWO, before=OPENED), Play(code))
    assert (sum(found.schedules.values()), found.waits > 0) == (2, True)


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("dynamodb")


@pytest.mark.parametrize("seed", range(4))
def test_the_table_that_is_played_answers_as_motos_does(code: Writers, moto: Any, seed: int) -> None:
    """Whatever goes wrong in a schedule: the same calls get the same answers, and the same table is left."""
    Table.create(moto)
    play, choose = Play(code), random.Random(seed)  # noqa: S311  # a choice of examples, no secret
    scenario = Scenario(name="any", tasks=TWO, before=OPENED, faults=Faults(crashes=2, edits=1, ticks=2))
    moment = scenario.first()
    for (pk, sk), text in moment.aws.table:
        moto.put_item(TableName="stagegate-ledger", Item={"pk": {"S": pk}, "sk": {"S": sk}, **json.loads(text)})
    requested = 0
    while following := [(what, then) for what, then in play.following(moment) if then != moment]:
        what, then = choose.choice(following)
        call = _call(play, moment, what)
        if call and "Bucket" not in call.operation:
            assert _answer(moto, call) == _played(moment, call)
            requested += 1
        moment = then
    assert requested > 8
    left = {(i["pk"]["S"], i["sk"]["S"]): i for i in moto.scan(TableName="stagegate-ledger")["Items"]}
    assert left == {key: moment.aws.item(key) for key, _ in moment.aws.table}


def _call(play: Play, moment: Moment, what: str) -> Call | None:
    """The call that a step makes, if it makes one."""
    number, _, operation = what.partition(" ")
    if not number.isdigit() or operation == "dies":
        return None
    writer = moment.writers[int(number)]
    call = play.code.next(writer.change, writer.holder, writer.tick if writer.had else moment.tick, writer.had)
    assert not isinstance(call, Ended)
    return call


def _played(moment: Moment, call: Call) -> object:
    _, answer = answered(moment.aws, call)
    return answer.code if isinstance(answer, Refusal) else json.loads(answer).get("Items")


def _answer(moto: Any, call: Call) -> object:
    text = json.dumps(call.parameters).replace(f'"TableName": "{TABLE}"', '"TableName": "stagegate-ledger"')
    try:
        found = getattr(moto, boto3_name(call.operation))(**json.loads(text))
    except ClientError as error:
        return error.response["Error"]["Code"]
    return found.get("Items")


def boto3_name(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
