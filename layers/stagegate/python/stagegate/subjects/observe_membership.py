"""Asks whether the accounts of approvers still belong to the organization, where their word lets somebody in."""

from collections.abc import Callable
from dataclasses import dataclass, field

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.membership import UNKNOWN, Membership, accounts_behind, shut_out, unknown, without
from stagegate.aws import organization_accounts
from stagegate.core.errors import RetryableError
from stagegate.core.findings import Finding
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.rules.model import Rules
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.targets.use import use_in

PERMISSIONS = organization_accounts.PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverAccounts:
    """What is known of approvers' accounts in one plan.

    An event's run asks about whoever lets a stage in that isn't in yet, or by whose word it stays in from now on. A run
    of full scope asks about everybody whose word counts. The plans of one sweep ask once about what is open; what is
    about to open is asked about anew. Nobody asks about the governance account, or outside an organization.
    """

    planner: Planner
    request: PlanRequest
    view: View
    asked: dict[str, Membership] = field(default_factory=dict)
    outside: list[tuple[Entitlement, str, Membership]] = field(default_factory=list)

    def entitled(self, rules: Rules, entitle: Callable[[Rules], Entitled]) -> Entitled:
        """Return what `entitle` makes of these rules with approvers of accounts in the organization alone.

        What is open on the word of an account that is found to have left closes with it.
        """
        while True:
            trusted = without(rules, self._left())
            entitled = entitle(trusted)
            for entitlement in self._in_question(entitled):
                for account in sorted(accounts_behind(trusted, entitlement)):
                    self._ask(account, is_open=self._is_open(entitlement))
            left = self._left()
            gone = [
                (entitlement, account, self.asked[account])
                for entitlement in entitled.entitlements
                for account in sorted(accounts_behind(trusted, entitlement) & left)
            ]
            if not gone:
                return shut_out(entitled, self.outside)
            self.outside.extend(gone)

    def findings(self, rules: Rules, entitled: Entitled) -> tuple[Finding, ...]:
        """Return the warnings about accounts of which nothing is known.

        What is open already is warned of only if it was warned of when it opened: a sweep would tell of everything.
        """
        told = {finding.stage for finding in use_in(self.view.planner_state).findings if finding.code == UNKNOWN}
        return tuple(
            unknown(entitlement, account, self.asked[account])
            for entitlement in entitled.entitlements
            if entitlement.stage in told or not self._is_open(entitlement)
            for account in sorted(accounts_behind(rules, entitlement) & self.asked.keys())
            if self.asked[account].is_inside is None
        )

    def _left(self) -> frozenset[str]:
        return frozenset(account for account, found in self.asked.items() if found.is_inside is False)

    def _in_question(self, entitled: Entitled) -> list[Entitlement]:
        """Return the entitlements whose approvers are asked about, those that are about to open first."""
        if self.planner.rules.organization.id is None:
            return []
        opening = [each for each in entitled.entitlements if not self._is_open(each)]
        is_full = self.request.scope is ReadScope.FULL
        return [*opening, *(each for each in entitled.entitlements if is_full and self._is_open(each))]

    def _is_open(self, entitlement: Entitlement) -> bool:
        """Tell whether a stage is open on this approval: another one that keeps it open lets it in anew."""
        return any(
            grant.stage == entitlement.stage and grant.approval == entitlement.approval_id for grant in self.view.grants
        )

    def _ask(self, account: str, *, is_open: bool) -> None:
        planner, told = self.planner, self.planner.told_in_sweep.of(self.request.sweep)
        own = planner.environment.account
        if account in self.asked or account == own:
            return
        if is_open and account in told:
            self.asked[account] = told[account]
            return
        try:
            found = organization_accounts.membership_of(planner.organizations, account, own=own)
        except RetryableError as error:
            if not is_open:
                raise
            found = Membership(is_inside=None, why=str(error))  # what is open stays so, and nothing else waits for it
        self.asked[account] = told[account] = found
