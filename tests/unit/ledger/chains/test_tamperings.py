"""Two hundred ways to change what is recorded, each found and called what it is; and nothing found where none was."""

import copy
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from stagegate.evidence import chain
from stagegate.evidence.model import Kind, List
from stagegate.evidence.verify import Known, verify
from stagegate.ledger import entries, items
from stagegate.ledger.chains.trails import trails_of
from tests.support.builders import NOON, PROD
from tests.support.table import Table
from tests.unit.ledger.chains.forging import CARDS, GROUP, HOURS, OLD, PACKAGE, SUBJECTS, Forger, Ledger, played

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TAMPERINGS = 200


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    with mock_aws():
        client: DynamoDBClient = boto3.client("dynamodb", region_name="us-east-1")
        yield played(Table.create(client))


def an_entry_is_changed(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    by.alter(by.rng.choice(by.chain_of(subject)))
    return subject, Kind.CHANGED


def an_approval_is_changed(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE)
    by.alter(by.rng.choice(by.chain_of(subject, List.APPROVALS)))
    return subject, Kind.CHANGED


def an_entry_is_changed_with_its_digest(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    entry = by.rng.choice(by.chain_of(subject)[:-1])
    by.alter(entry)
    entry["digest"] = chain.digest_of(entry)
    return subject, Kind.CHANGED


def two_entries_change_places(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    one, other = by.rng.sample(by.chain_of(subject), 2)
    one["sk"], other["sk"] = other["sk"], one["sk"]
    one["pk"], other["pk"] = other["pk"], one["pk"]
    return subject, Kind.CHANGED


def an_entry_is_removed(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    by.remove([by.rng.choice(by.chain_of(subject)[:-1])])
    return subject, Kind.REMOVED


def an_approval_is_removed(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE)
    by.remove([by.rng.choice(by.chain_of(subject, List.APPROVALS)[:-1])])
    return subject, Kind.REMOVED


def a_copy_is_inserted(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    entry = copy.deepcopy(by.rng.choice(by.chain_of(subject)))
    entry["sk"] += "1"
    entry["digest"] = chain.digest_of(entry)
    by.items.append(entry)
    return subject, Kind.INSERTED


def an_entry_is_inserted_behind_the_end(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    newest = by.chain_of(subject)[-1]
    entry = {**copy.deepcopy(newest), "sk": f"{newest['sk']}1", "number": newest["number"] + 1}
    entry["previous"] = newest["digest"]
    entry["digest"] = chain.digest_of(entry)
    by.items.append(entry)
    return subject, Kind.INSERTED


def an_entry_without_a_digest_is_inserted(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    entry = chain.says(by.rng.choice([each for each in by.chain_of(subject) if "grants" in each]))
    earlier = NOON - timedelta(days=1) if subject != OLD and by.rng.random() < 0.5 else NOON + timedelta(hours=3)
    entry["at"] = items.text_of(earlier)
    by.items.append({**entry, "sk": f"{entry['at']}#forged#0"})
    return subject, Kind.INSERTED


def an_entry_of_another_subject_is_inserted(by: Forger) -> tuple[str, Kind]:
    subject, other = by.rng.sample(SUBJECTS, 2)
    entry = copy.deepcopy(by.rng.choice(by.chain_of(other)))
    by.items.append({**entry, "pk": items.history_key(subject), "sk": f"{entry['sk']}2"})
    return subject, Kind.INSERTED


def the_tail_is_cut(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    found = by.chain_of(subject)
    by.remove(found[by.rng.randrange(len(found)) :])
    return subject, Kind.CUT


def the_end_is_removed(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    by.remove([by.head_of(subject)])
    return subject, Kind.CUT


def the_tail_of_the_approvals_is_cut(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE)
    by.remove(by.chain_of(subject, List.APPROVALS)[-by.rng.randint(1, 3) :])
    return subject, Kind.CUT


def the_tail_is_cut_and_the_end_moved_back(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    found, kept = by.chain_of(subject), by.ledger.kept_until(subject)
    stays = by.rng.randrange(1, kept)
    by.remove(found[stays:])
    by.head_of(subject).update(number=stays, digest=found[stays - 1]["digest"])
    by.show_as_open(subject, [each for each in found[:stays] if "grants" in each][-1])
    return subject, Kind.RESTORED


def the_newest_is_replaced(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    newest = by.chain_of(subject)[-1]
    by.alter(newest)
    newest["digest"] = chain.digest_of(newest)
    return subject, Kind.REPLACED


def the_newest_is_replaced_with_the_end(by: Forger) -> tuple[str, Kind]:
    """Within the hour, nothing of it was kept: what is open now says otherwise."""
    subject = by.one(*CARDS, GROUP, OLD)
    newest = by.chain_of(subject)[-1]
    newest["grants"] = [{"stage": "prod", "accounts": [PROD]}, *newest["grants"]]
    newest["digest"] = chain.digest_of(newest)
    by.head_of(subject)["digest"] = newest["digest"]
    return subject, Kind.NOW


def what_is_open_is_replaced(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE, GROUP)
    for view in by.views_of(subject):
        view["grants"] = [*view["grants"], {"stage": "prod", "accounts": ["999988887777"]}]
    return subject, Kind.NOW


def what_the_next_run_goes_by_is_replaced(by: Forger) -> tuple[str, Kind]:
    """What is open stays as it was: who set the status, how many records there were, what was seen to be missing."""
    subject = by.one()
    forged = {"records": 99, "by": "another", "planner_state": {"asked": "x"}, "sequence": 7, "notes": {"a": "b"}}
    name = by.rng.choice(sorted(forged))
    for view in by.views_of(subject):
        view[name] = forged[name]
    return subject, Kind.NOW


def what_counts_is_replaced(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE)
    (current,) = [each for each in by.in_(items.approvals_key(subject)) if each["sk"] == items.CURRENT]
    current["entries"] = current["entries"][: -by.rng.randint(1, 2)]
    return subject, Kind.NOW


def all_is_computed_anew(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    found = by.chain_of(subject)
    changed = found[by.rng.randrange(by.ledger.kept_until(subject))]
    changed["changes"] = ["nothing"]
    by.anew(subject, found)
    return subject, Kind.REWRITTEN


def all_is_computed_anew_without_an_entry(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE, GROUP)
    found = by.chain_of(subject)
    gone = found.pop(by.rng.randrange(1, by.ledger.kept_until(subject)))
    by.remove([gone])
    by.anew(subject, found)
    by.show_as_open(subject, [each for each in found if "grants" in each][-1])
    return subject, Kind.REWRITTEN


def all_approvals_are_computed_anew(by: Forger) -> tuple[str, Kind]:
    subject = by.one(*CARDS, PACKAGE)
    found = by.chain_of(subject, List.APPROVALS)
    by.alter(found[by.rng.randrange(by.ledger.kept_until(subject, List.APPROVALS))])
    by.anew(subject, found, List.APPROVALS)
    return subject, Kind.REWRITTEN


def a_subject_is_missing(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    by.remove([each for each in by.items if each["pk"].endswith(f"#{subject}")])
    return subject, Kind.MISSING


def the_entries_of_a_subject_are_missing(by: Forger) -> tuple[str, Kind]:
    """Also where nothing of it was kept yet: what is open now has to have an entry."""
    subject = by.one()
    places = (items.history_key(subject), items.ended_key(subject), items.chain_key(subject))
    by.remove([each for each in by.items if each["pk"] in places])
    return subject, Kind.MISSING


def a_subject_is_restored(by: Forger) -> tuple[str, Kind]:
    subject = by.one()
    then = copy.deepcopy(by.ledger.hours[by.rng.randrange(HOURS - 2)])
    by.remove([each for each in by.items if each["pk"].endswith(f"#{subject}")])
    by.items += [each for each in then if each["pk"].endswith(f"#{subject}")]
    return subject, Kind.RESTORED


def the_table_is_restored(by: Forger) -> tuple[str, Kind]:
    by.items = copy.deepcopy(by.ledger.hours[by.rng.randrange(HOURS - 2)])
    return by.one(*CARDS, PACKAGE, GROUP), Kind.RESTORED


WAYS: tuple[Callable[[Forger], tuple[str, Kind]], ...] = (
    an_entry_is_changed,
    an_approval_is_changed,
    an_entry_is_changed_with_its_digest,
    two_entries_change_places,
    an_entry_is_removed,
    an_approval_is_removed,
    a_copy_is_inserted,
    an_entry_is_inserted_behind_the_end,
    an_entry_without_a_digest_is_inserted,
    an_entry_of_another_subject_is_inserted,
    the_tail_is_cut,
    the_end_is_removed,
    the_tail_of_the_approvals_is_cut,
    the_tail_is_cut_and_the_end_moved_back,
    the_newest_is_replaced,
    the_newest_is_replaced_with_the_end,
    what_is_open_is_replaced,
    what_the_next_run_goes_by_is_replaced,
    what_counts_is_replaced,
    all_is_computed_anew,
    all_is_computed_anew_without_an_entry,
    all_approvals_are_computed_anew,
    a_subject_is_missing,
    the_entries_of_a_subject_are_missing,
    a_subject_is_restored,
    the_table_is_restored,
)


def test_nothing_is_found_where_nothing_was_done(ledger: Ledger) -> None:
    for hour in range(HOURS - 1):
        until = Known()
        for each in ledger.kept[: hour + 1]:
            until.add(each)
        assert verify(trails_of(ledger.hours[hour]), until) == []
    assert verify(trails_of(reversed(ledger.hours[-1])), ledger.known()) == []


@pytest.mark.parametrize("number", range(TAMPERINGS))
def test_a_tampering_is_found_and_named(ledger: Ledger, number: int) -> None:
    way = WAYS[number % len(WAYS)]
    by = Forger(number, ledger)
    subject, kind = way(by)
    flaws = verify(trails_of(by.items), ledger.known())
    assert kind in {flaw.kind for flaw in flaws if flaw.subject == subject}, (way.__name__, flaws)
    if way is not the_table_is_restored:
        assert {flaw.subject for flaw in flaws} == {subject}


def test_every_kind_of_what_can_be_done_is_among_them(ledger: Ledger) -> None:
    kinds = {way(Forger(0, ledger))[1] for way in WAYS}
    assert kinds == set(Kind) - {Kind.KEPT}


def test_what_is_computed_anew_within_the_hour_with_all_that_rests_on_it_shows_nothing(ledger: Ledger) -> None:
    """The limit that docs/security.md names: nothing of it was kept elsewhere."""
    by = Forger(0, ledger)
    found = by.chain_of(GROUP)
    assert by.ledger.kept_until(GROUP) < len(found)
    found[-1]["changes"] = ["nothing"]
    by.anew(GROUP, found)
    assert verify(trails_of(by.items), ledger.known()) == []


HOSTILE: tuple[Mapping[str, object], ...] = (
    {"number": "one", "digest": 5, "at": None},
    {"digest": {"a"}, "number": -1, "previous": []},
    {"number": 10**30, "digest": "x", "approvals": "none"},
    {"number": True, "digest": "x", "approvals": {"number": "x"}},
)


@pytest.mark.parametrize("odd", HOSTILE)
@pytest.mark.parametrize(("part", "sk"), [("HISTORY", "x"), ("CHAIN", "HEAD"), ("APPROVALS", "x"), ("VIEW", "VIEW")])
def test_whatever_lies_there_is_a_flaw_and_no_error(
    ledger: Ledger, part: str, sk: str, odd: Mapping[str, object]
) -> None:
    by = Forger(0, ledger)
    place = {"pk": f"{part}#{CARDS[0]}", "sk": sk}
    by.remove([each for each in by.items if {name: each[name] for name in place} == place])
    by.items.append({**place, **odd})
    assert {flaw.subject for flaw in verify(trails_of(by.items), ledger.known())} == {CARDS[0]}


def test_an_entry_that_says_nothing_of_the_whole_view_is_compared_by_what_it_says(ledger: Ledger) -> None:
    """As one of an earlier release. Who takes that out of the newest one has to move the chain's end."""
    by = Forger(0, ledger)
    found = by.chain_of(GROUP)
    for view in by.views_of(GROUP):
        view["records"] = 99
    found[-1].pop("view")
    assert Kind.CHANGED in {flaw.kind for flaw in verify(trails_of(by.items), ledger.known())}
    by.anew(GROUP, found)
    assert verify(trails_of(by.items), ledger.known()) == []


def test_a_number_without_measure_is_a_flaw_and_no_work(ledger: Ledger) -> None:
    """Whoever writes an entry writes its number, too."""
    by = Forger(0, ledger)
    end = {"number": 10**30, "digest": "x"}
    by.items.append({"pk": items.history_key(CARDS[0]), "sk": "x", **end})
    by.head_of(CARDS[0]).update(end)
    flaws = verify(trails_of(by.items), Known())
    assert [(flaw.kind, flaw.entry) for flaw in flaws[:2]] == [(Kind.CHANGED, 10**30), (Kind.REMOVED, 10**30 - 1)]


def test_a_chain_that_starts_later_says_nothing_of_what_was_before(ledger: Ledger) -> None:
    by = Forger(0, ledger)
    (first, *_) = [each for each in by.in_(items.history_key(OLD)) if "digest" not in each]
    first["outcome"] = "another"
    assert verify(trails_of(by.items), ledger.known()) == []


def test_entries_of_approvals_are_hashed_as_they_always_were() -> None:
    said = {"pk": "APPROVALS#a", "sk": "RECORD#b", "id": "b", "number": 1, "at": "c"}
    assert entries.digest_of(said) == "ec337cfd86f10dd704c4951868e4a3544272952613fc9b769ff57f2ac65c61f1"
