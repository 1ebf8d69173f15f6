"""`why`: the chain that lets a role at a model, or the first link that doesn't hold. Pure, but for `why` itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stagegate.access.model import SubjectRecord
from stagegate.access.own_rules import rules_of
from stagegate.access.who import surface_of
from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.ledger.survey.table import survey_one
from stagegate.plans.grants import Grant
from stagegate.rules.hubs import HubAccess
from stagegate.rules.model import PrincipalScope, Rules, Stage
from stagegate_cli import codes
from stagegate_cli.chain import Link, approval, found_last
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import titled
from stagegate_cli.own_card import cards_word
from stagegate_cli.problems import wrong
from stagegate_cli.screen import Screen, when

ACTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "model-card": {
        "read": ("read", "see", "describemodelcard", "listmodelcardversions"),
        "write": ("write", "updatemodelcard"),
    },
    "model-package": {
        "deploy": ("deploy", "read", "describemodelpackage", "createmodel", "getobject", "decrypt", "batchgetimage"),
    },
    "model-package-group": {"register": ("register", "createmodelpackage")},
    "hub": {
        "see": ("see", "read", "describehub", "describehubcontent", "listhubcontents"),
        "deploy": ("deploy", "deployhubmodel"),
    },
}
"""What can be done with each kind of model, and the words and calls of AWS that ask for it."""
_BY_WRITE = ("write", "deploy")
"""What a grant has to say `write` for; a package's needn't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Whether a role may do something with a model, by rules and ledger. `links` end with the first that doesn't hold.

    `open` says that the ledger has it open for the account, which it may be though it isn't `allowed` any more: until
    the next run has closed it. `unknown` is what Stagegate doesn't decide or see.
    """

    role: str
    account: str
    action: str
    subject: str
    allowed: bool
    open: bool
    links: list[Link]
    unknown: list[str]

    @property
    def code(self) -> int:
        """The exit code: 1 where it isn't allowed, as of a search that finds nothing."""
        return codes.OK if self.allowed else codes.FAILED


def why(connection: Connection, rules: Rules, role: str, action: str, subject: str) -> Why:
    """Return the chain for a role, by ARN, `ACCOUNT/NAME` or a name that one account of the rules has."""
    account, name = principal(rules, role)
    with calling("read the ledger", no_stack(connection)):
        record = survey_one(connection.client("dynamodb"), connection.table, subject)
        card = survey_one(connection.client("dynamodb"), connection.table, record.card) if record.card else None
    can = capability(record.subject.kind, action)
    links = chain(record, rules, account, name, can, card)
    return Why(
        role=name,
        account=account,
        action=can,
        subject=subject,
        allowed=all(link.holds for link in links),
        open=any(account in grant.accounts and fits(record, grant, can) for grant in record.grants),
        links=links,
        unknown=_unknown(record.subject.kind, name),
    )


def principal(rules: Rules, said: str) -> tuple[str, str]:
    """Return the account and the name of a role. Raises Problem."""
    found = re.fullmatch(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.+/)?([^/]+)|(\d{12})/([^/]+)", said)
    if found:
        return found[1] or found[3], found[2] or found[4]
    accounts = sorted({account for stage in rules.stages if said in stage.roles for account in stage.accounts})
    if len(accounts) == 1:
        return accounts[0], said
    named = f"; {said} is in {', '.join(accounts[:5])}" if accounts else ""
    raise wrong("ROLE", said, f"the ARN of a role, ACCOUNT/NAME, or a name that one account of the rules has{named}")


def capability(kind: str, action: str) -> str:
    """Return what somebody wants to do with a kind of model. Raises Problem."""
    known = ACTIONS.get(kind, {})
    said = action.rpartition(":")[2].lower()
    found = next((can for can, words in known.items() if said in words), None)
    if found is None:
        allowed = ", ".join(known) or "none: nobody gets access to it"
        raise wrong("ACTION", action, f"of a {kind.replace('-', ' ')}: {allowed}, or AWS's name of such a call")
    return found


def chain(
    record: SubjectRecord, rules: Rules, account: str, role: str, can: str, card: SubjectRecord | None = None
) -> list[Link]:
    """Return the links for the stage that lets the role in, or for the one that comes closest.

    `card` is the record of the card that a package follows.
    """
    narrowed = rules_of(record, rules, card)
    stages = _stages(record, narrowed, account)
    chains = [list(_until_broken(_links(record, narrowed, stage, account, role, can, card))) for stage in stages]
    if not chains:
        return list(_until_broken(_links(record, narrowed, None, account, role, can, card)))
    return max(chains, key=lambda links: (all(link.holds for link in links), len(links)))


def _stages(record: SubjectRecord, rules: Rules, account: str) -> list[Stage]:
    """Return the stages that an account belongs to, by the rules, or by what is open: units name no accounts."""
    open_ = {grant.stage for grant in record.grants if account in grant.accounts}
    return [stage for stage in rules.stages if account in stage.accounts or stage.name in open_]


def _until_broken(links: Iterable[Link]) -> Iterator[Link]:
    for link in links:
        yield link
        if not link.holds:
            return


def _links(
    record: SubjectRecord,
    rules: Rules,
    stage: Stage | None,
    account: str,
    role: str,
    can: str,
    card: SubjectRecord | None,
) -> Iterator[Link]:
    now = record.now
    says = f"{now.status}, version {now.version}, since {when(now.at)}" if now else "no run has looked at it yet"
    yield Link(asks="Is the model governed?", holds=now is not None, says=says)
    if rules.is_withdrawn:
        yield Link(asks="Is Stagegate in force?", holds=False, says="it is withdrawn: nothing opens")
    whom = f"audience {rules.audience}" if rules.audience else "everybody" if rules.audience == "" else ""
    yield Link(asks="Whom is it for?", holds=bool(whom), says=whom or "no audience of the rules selects it")
    found = f"{account} is of {stage.name}" if stage else f"{account} is an account of none"
    yield Link(asks="Which stage is it?", holds=stage is not None, says=found)
    if stage is None or now is None:
        return
    yield _role(record, rules, stage, role)
    yield _status(record, rules, stage, can)
    grants = [grant for grant in record.grants if grant.stage == stage.name and account in grant.accounts]
    yield approval(record, rules, stage, grants)
    word = cards_word(record, card, rules, stage.name)
    if word:
        yield Link(asks="Does its card open it?", holds=word.opens, says=word.says)
    yield _open(record, grants, can)


def _role(record: SubjectRecord, rules: Rules, stage: Stage, role: str) -> Link:
    asks, roles = "Is the role let in?", stage.roles
    if record.subject.kind == "model-package-group":
        entries = [each for each in rules.registrations if each.stage == stage.name and each.fits(record.subject.name)]
        roles = tuple(dict.fromkeys(name for each in entries for name in each.roles or stage.roles))
    elif record.subject.kind != "model-package":
        return Link(asks=asks, holds=True, says="a share is with the whole account, which decides on its roles")
    elif rules.packages and rules.packages.principals is PrincipalScope.ACCOUNT:
        return Link(asks=asks, holds=True, says='packages.principals = "account": the account decides on its roles')
    says = f"the rules name {', '.join(roles) or 'no role'} for {stage.name}"
    return Link(asks=asks, holds=role in roles, says=says)


def _status(record: SubjectRecord, rules: Rules, stage: Stage, can: str) -> Link:
    """Return whether the rules open the stage for what the model is now."""
    subject, status, asks = record.subject, record.now.status if record.now else "", "Do the rules open it?"
    if subject.kind == "model-card" and status in set(CardStatus):
        opens = [each for each in rules.cards.status[CardStatus(status)].opens if each.stage == stage.name]
        holds = any(each.write or can != "write" for each in opens)
        what = " to read and write" if any(each.write for each in opens) else " to read" if opens else ""
        return Link(asks=asks, holds=holds, says=f"cards.status.{status} opens {_not(stage, holds=bool(opens))}{what}")
    if subject.kind == "model-package" and status in set(PackageStatus):
        group = subject.name.partition("/")[0]
        holds = stage.name in rules.opened_by(group, PackageStatus(status))
        return Link(
            asks=asks, holds=holds, says=f"packages.status.{status} opens {stage.name}{'' if holds else ' not'}"
        )
    if subject.kind == "model-package-group":
        holds = any(each.stage == stage.name and each.fits(subject.name) for each in rules.registrations)
        return Link(asks=asks, holds=holds, says=f"registrations let in {_not(stage, holds=holds)}")
    if subject.kind == "hub" and (hub := rules.hub(subject.name)):
        shares = [share for share in hub.shares if share.stage == stage.name]
        holds = any(can == "see" or share.access is HubAccess.USE for share in shares)
        what = shares[0].access.value if shares else "not"
        return Link(asks=asks, holds=holds, says=f"hubs.{hub.name}.shares: {stage.name} {what}")
    return Link(asks=asks, holds=False, says=f"the rules open nothing for {status or 'what it is now'}")


def _not(stage: Stage, *, holds: bool) -> str:
    return stage.name if holds else f"others, not {stage.name}"


def _open(record: SubjectRecord, grants: list[Grant], can: str) -> Link:
    asks = "Is it open?"
    fitting = [grant for grant in grants if fits(record, grant, can)]
    if not fitting:
        says = f"nothing is open for it. {found_last(record)}".strip()
        return Link(asks=asks, holds=False, says=says)
    places = (f"{surface_of(each)} {each.target or each.share_arn or ''} since {when(each.since)}" for each in fitting)
    return Link(asks=asks, holds=True, says="; ".join(places))


def fits(record: SubjectRecord, grant: Grant, can: str) -> bool:
    """Tell whether a grant lets its accounts do something."""
    is_package = record.subject.kind in ("model-package", "model-package-group")
    return is_package or can not in _BY_WRITE or grant.write


def _unknown(kind: str, role: str) -> list[str]:
    unknown = [
        f"What {role}'s own account lets it do: its policies, boundary and service control policies."
        " `stagegate consumer-policy` prints what it needs.",
        "What others have opened beside Stagegate.",
    ]
    if kind == "model-package":
        unknown.append("Whether the policies are as the last run left them: `stagegate plan` reads them again.")
    return unknown


def show(found: Why, screen: Screen) -> None:
    """Print it for people."""
    may = "may" if found.allowed else "may not, and still can," if found.open else "may not"
    name = titled(found.subject)
    who = f"{found.role} of {found.account}"
    screen.line(f"{who} {may} {found.action} {name[:1].lower()}{name[1:]}", "good" if found.allowed else "bad")
    screen.line(f"  {found.subject}", "dim")
    screen.line()
    for link in found.links:
        screen.prose(f"{link.asks} {link.says}", first="yes  " if link.holds else "NO   ", indent="     ")
    if found.open and not found.allowed:
        screen.line()
        screen.prose("It is open all the same, by the ledger. `stagegate run` closes it now.", indent="", style="bad")
    screen.head("Not known here")
    screen.items(found.unknown)
