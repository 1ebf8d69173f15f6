"""Sweep: everything that is or ever was a subject, page by page; what drifts; and whether it may be put right."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from stagegate.approvals.gate import RECORDS_ALTERED
from stagegate.aws.json import to_json
from stagegate.core.arns import subject_of
from stagegate.core.errors import InputError, UnknownSubjectError
from stagegate.ledger import links, sweeps, units, withdrawal
from stagegate.links.messages import about_no_card
from stagegate.plans.sweep import NAMED, Drift, Failure, Totals, Trigger, failures_message, judge, sweep_message
from stagegate.plans.withdrawal import withdrawal_message
from stagegate.rules.narrowed.outsiders import unheard
from stagegate.rules.narrowed.withdrawn import withdrawn
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed
from stagegate.subjects.registry import SUBJECTS, is_misnamed, kind_named

PERMISSIONS = sweeps.PERMISSIONS | withdrawal.PERMISSIONS | links.READ_PERMISSIONS | {"dynamodb:BatchGetItem"}
"""Those of each kind's own `list` come on top."""

PAGES_AT_ONCE = 20
"""How many pages of nothing but known subjects are skipped in one invocation, which ends well within its timeout."""
END = "end"
RECORD = "record"


def sweep(sweeper: Sweeper, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one step of a sweep, which `step` names: `look` at the next page of subjects, or `start` the next ones."""
    return _look(sweeper, request) if request["step"] == "look" else _start(sweeper, request)


def _look(sweeper: Sweeper, request: Mapping[str, Any]) -> dict[str, Any]:
    """Record what was found on the last page, and return the next; after the last, what it all comes to.

    `request` has `sweep` (its id), `trigger`, `state_machine`, `page` (the last one's number), `cursor` (None at the
    beginning), `totals` and `results` of the last page: of each subject whether it `drifts` with its `grant_counts`,
    whether it has `asked` for that itself, what is `altered` in its approvals, the `accounts` that were looked into and
    what was `unseen` (and whether that account has `left`), or the `error` and `cause` that kept it from being planned.
    The answer has `page`, `cursor`, `totals`, `subjects` (each with what is left over of its claim), whether they are
    planned as `withdrawn`, and once `cursor` is at the end `verdict`, `message` and `failures`.
    """
    totals = _recorded(sweeper, request)
    is_withdrawn = withdrawal.is_there(sweeper.dynamodb, sweeper.environment.table)
    if is_withdrawn or Trigger(request["trigger"]) is Trigger.WITHDRAWAL:
        sweeper = replace(sweeper, rules=withdrawn(sweeper.rules))
    found, misnamed = _next_subjects(sweeper, request["cursor"] or {"list": RECORD, "token": None})
    totals = totals.with_misnamed(misnamed)
    by_what = {"withdrawn": sweeper.rules.is_withdrawn}
    answer = {"page": request["page"] + 1, "totals": asdict(totals), **by_what, **found}
    if found["subjects"] or found["cursor"]["list"] != END:
        return answer
    return {**answer, **_conclusion(sweeper, totals, request, is_withdrawn=is_withdrawn)}


def _recorded(sweeper: Sweeper, request: Mapping[str, Any]) -> Totals:
    results = request["results"]
    failed = tuple(
        Failure(subject=each["subject"], error=each["error"], cause=each["cause"])
        for each in results
        if "error" in each
    ) + tuple(
        Failure(subject=each["subject"], error=f"{unseen['what']} could not be looked at", cause=unseen["error"])
        for each in results
        for unseen in each.get("unseen", ())[:1]
    )
    planned = [each for each in results if "error" not in each]
    failed += tuple(
        Failure(subject=each["subject"], error=RECORDS_ALTERED, cause=each["altered"])
        for each in planned
        if each.get("altered")
    )
    drifting = tuple(
        Drift(
            subject=each["subject"],
            closes=each["grant_counts"]["closes"],
            opens=each["grant_counts"]["opens"],
            asked=each["asked"],
        )
        for each in planned
        if each["drifts"]
    )
    if drifting or failed:
        page = sweeps.Page(number=request["page"], drifting=drifting, failed=failed)
        sweeps.put_page(sweeper.dynamodb, sweeper.environment.table, request["sweep"], page)
    open_ = sum(each["grant_counts"]["open"] for each in planned)
    to_close = sum(each["grant_counts"].get("to_close", 0) for each in planned)
    totals = Totals.of(request["totals"]).with_accounts(
        (account for each in results for account in each.get("accounts", ())),
        (
            unseen["account"]
            for each in results
            for unseen in each.get("unseen", ())
            if not unseen.get("left")  # which is known, and no outage of ours
        ),
    )
    return totals.plus(open_=open_, to_close=to_close, drifting=drifting, failed=failed, subjects=len(results))


def _next_subjects(sweeper: Sweeper, cursor: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the next subjects to look at and where to go on, and what is on record beside and can be no subject. There
    may be none yet, and more to come.
    """
    subjects: list[dict[str, Any]] = []
    misnamed: list[str] = []
    for _ in range(PAGES_AT_ONCE):
        if subjects or cursor["list"] == END:
            break
        listed = _listed(sweeper, cursor)
        wrong = [arn for arn in listed.arns if is_misnamed(arn)]
        misnamed += wrong
        arns = [arn for arn in listed.arns if arn not in wrong]
        subjects = _to_look_at(sweeper, arns, is_record=cursor["list"] == RECORD)
        cursor = {"list": cursor["list"], "token": listed.token} if listed.token else _after(cursor["list"])
    return {"subjects": subjects, "cursor": cursor}, misnamed


def _listed(sweeper: Sweeper, cursor: Mapping[str, Any]) -> Listed:
    """Return a page of what is on record, which comes before all lists, or of the kind of subject that `list` names."""
    if cursor["list"] == RECORD:
        table, most = sweeper.environment.table, sweeps.MOST_KEYS
        arns, last = sweeps.recorded(sweeper.dynamodb, table, cursor["token"], most)
        return Listed(arns=arns, token=last)
    listing = SUBJECTS[cursor["list"]].listing()
    return listing.page(sweeper, cursor["token"]) if listing else Listed(arns=())


def _after(name: str) -> dict[str, Any]:
    lists = [RECORD, *SUBJECTS, END]
    return {"list": lists[lists.index(name) + 1], "token": None}


def _to_look_at(sweeper: Sweeper, arns: Iterable[str], *, is_record: bool) -> list[dict[str, Any]]:
    """Return those subjects of a page that no earlier page had: what is listed and on record was looked at as such."""
    here = [arn for arn in arns if _is_of(sweeper.environment.region, arn)]
    claims = sweeps.claims(sweeper.dynamodb, sweeper.environment.table, here) if here else {}
    now = int(time.time())
    return [
        {"subject": arn, "left_over": arn in claims and claims[arn].is_left_over(now)}
        for arn in here
        if is_record or arn not in claims or not claims[arn].is_listed
    ]


def _is_of(region: str, arn: str) -> bool:
    """Tell whether a subject can be open here. Runs that were started for another Region's have left a claim, too."""
    try:
        return subject_of(arn).region == region
    except (
        UnknownSubjectError
    ):  # without an ARN it is this stack's; of a kind that a later version knows, planning says so
        return True


def _conclusion(sweeper: Sweeper, totals: Totals, request: Mapping[str, Any], *, is_withdrawn: bool) -> dict[str, Any]:
    table, id_, trigger = sweeper.environment.table, request["sweep"], Trigger(request["trigger"])
    verdict = judge(sweeper.rules, totals, trigger, is_withdrawn=is_withdrawn)
    drifting, failed = (
        _to_name(sweeps.pages(sweeper.dynamodb, table, id_)) if totals.drifting + totals.failed else ([], [])
    )
    failures = failures_message(totals, failed)
    notes = dict.fromkeys(kind.sweep_note for drift in drifting if (kind := kind_named(drift.subject)))
    notes |= dict.fromkeys((*about_no_card(sweeper.rules), *_about_outsiders(sweeper, id_)))
    machine = request["state_machine"]
    if trigger is Trigger.WITHDRAWAL:
        withdrawal.put_plan(sweeper.dynamodb, table, id_)
        message = withdrawal_message(
            sweeper.rules, totals, drifting, notes=notes, failures=failures, sweep=id_, state_machine=machine
        )
    else:
        message = sweep_message(
            sweeper.rules, totals, verdict, drifting, notes=notes, failures=failures, sweep=id_, state_machine=machine
        )
    return {
        "verdict": verdict.value,
        "message": to_json(message),
        "failures": failures,
    }


def _about_outsiders(sweeper: Sweeper, sweep: str) -> tuple[str, ...]:
    """Return that no plan of this sweep could ask who is in the organization; nothing where one could, or where there
    is no organization.
    """
    if sweeper.rules.organization.id is None:
        return ()
    heard = units.read_outsiders(sweeper.dynamodb, sweeper.environment.table)
    found = unheard()
    return () if heard.is_of(sweep) else (f"{found.code}: {found.detail}",)


def _to_name(pages: Iterable[sweeps.Page]) -> tuple[list[Drift], list[Failure]]:
    """Return the subjects that are named: those that lose most, and the first that failed. Holds a page at a time."""
    drifting: list[Drift] = []
    failed: list[Failure] = []
    for page in pages:
        drifting = sorted([*drifting, *page.drifting], key=lambda drift: -drift.closes)[:NAMED]
        failed = [*failed, *page.failed][:NAMED]
    return drifting, failed


def _start(sweeper: Sweeper, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the drifting subjects of the next page that a sweep has recorded after page `after`; with `only_asked`
    those of them that ask for it themselves. With a `card`, the next packages that follow it after the one of that ARN.

    The answer has `subjects`, `after` (their page) and `more`. If the sweep has shown what a withdrawal would take out,
    Stagegate is withdrawn before anything is started. Raises InputError for the id of a sweep that has found nothing,
    as one that a person has mistyped.
    """
    dynamodb, table, after = sweeper.dynamodb, sweeper.environment.table, request["after"]
    if card := request.get("card"):
        packages, more = links.following(dynamodb, table, card, after or "")
        here = [arn for arn in packages if _is_of(sweeper.environment.region, arn)]
        return {"subjects": here, "after": packages[-1] if packages else after, "more": more}
    is_withdrawal = not after and withdrawal.is_planned(dynamodb, table, request["sweep"])
    if is_withdrawal:
        withdrawal.put(dynamodb, table, request["sweep"], datetime.now(UTC))
    found = list(sweeps.pages(dynamodb, table, request["sweep"], after=after, limit=2))
    if not found and not after and not is_withdrawal:
        raise InputError(f"sweep: found {request['sweep']!r}; allowed: the id of a sweep that has found something")
    page = found[0] if found else sweeps.Page(number=after, drifting=(), failed=())
    return {
        "subjects": [drift.subject for drift in page.drifting if drift.asked or not request["only_asked"]],
        "after": page.number,
        "more": len(found) > 1,
    }
