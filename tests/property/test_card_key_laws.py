"""Who sees an encrypted card can read it, at every moment on the way from one status to another."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.approvals.entitlement import Entitled
from stagegate.core.statuses import CardStatus
from stagegate.iam.key_grants import READ, WRITE, KeyUse
from stagegate.plans.change import Change
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.rules.model import Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.key import desired_grants, on_key
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget
from tests.property import strategies
from tests.support.builders import GOVERNANCE, a_basis, a_card, at, the_subject
from tests.support.world import World

LAW = settings(max_examples=80, deadline=None)
CARD = a_card(kms_key=f"arn:aws:kms:us-east-1:{GOVERNANCE}:key/0f0e0d0c-0b0a-0908-0706-050403020100")
Way = tuple[Rules, list[CardStatus]]


@dataclass(frozen=True)
class Moment:
    """The shares, what the key's grants give, and what is on record of both."""

    world: World
    uses: frozenset[KeyUse] = frozenset()
    view: View = field(default_factory=View)

    def plan(self, rules: Rules, entitled: Entitled) -> Plan:
        desired = desired_grants(rules, the_subject(), CARD, entitled.entitlements)
        key = on_key(a_basis(rules, self.view), desired, entitled.entitlements)
        return self.world.plan(rules, entitled, self.view, scope=ReadScope.CHANGES, key=key)

    def after(self, change: Change) -> "Moment":
        if not isinstance(change, OpenTarget | CloseTarget):
            return replace(self, world=self.world.after(change))
        desired_text = desired_text_of(change)
        left = {id_: digest for id_, digest in self.view.written.items() if id_ != change.target.id}
        written = left if desired_text is None else {**left, change.target.id: digest_of(desired_text)}
        uses = frozenset(change.uses) if isinstance(change, OpenTarget) else frozenset()
        return replace(self, uses=uses, view=replace(self.view, written=written))

    def who_may(self, operations: tuple[str, ...]) -> frozenset[str]:
        return frozenset(use.grantee.split(":")[4] for use in self.uses if use.operations == operations)


@st.composite
def ways(draw: st.DrawFn) -> Way:
    """Rules, and the statuses that a card goes through."""
    return draw(strategies.rules()), draw(st.lists(st.sampled_from(CardStatus), min_size=1, max_size=4))


def accounts(rules: Rules, entitled: Entitled, *, writing: bool) -> frozenset[str]:
    return frozenset(
        account for e in entitled.entitlements if e.write or not writing for account in rules.stage(e.stage).accounts
    )


@LAW
@given(ways())
def test_who_sees_the_card_can_read_it_at_every_moment(way: Way) -> None:
    rules, statuses = way
    moment = Moment(World())
    for status in statuses:
        entitled = entitle(rules, replace(CARD, status=status), (), now=at(60))
        before = moment.uses
        plan = moment.plan(rules, entitled)
        requested = {
            use
            for desired_grant in desired_grants(rules, the_subject(), CARD, entitled.entitlements)
            for use in desired_grant.uses
        }
        for change in plan.changes:
            moment = moment.after(change)
            assert moment.world.who_sees() <= moment.who_may(READ)
            assert moment.uses <= before | requested
        assert moment.world.who_sees() == moment.who_may(READ) == accounts(rules, entitled, writing=False)
        assert moment.who_may(WRITE) == accounts(rules, entitled, writing=True)
        moment = replace(moment, view=replace(moment.view, grants=plan.record.grants))
        assert moment.plan(rules, entitled).changes == ()
