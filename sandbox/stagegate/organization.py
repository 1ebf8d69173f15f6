"""One embedded organization, from nothing to deployed: what tests, the demo and `sandbox` start."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from moto.stepfunctions.models import stepfunctions_backends

from sandbox.kernel import calls
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.identity import session
from sandbox.kernel.place import PARTITION, REGION
from sandbox.kernel.spelling import Spelling
from sandbox.kernel.wire.failures import Moment, failures
from sandbox.kernel.wire.transport import client
from sandbox.services import boot, events, lambda_, organizations, stepfunctions
from sandbox.services.kms import provided
from sandbox.services.lambda_.code.files import files
from sandbox.services.sagemaker.hubs.names import the_public_hub
from sandbox.services.sagemaker.hubs.public_hub import PublicHub
from sandbox.services.sns import outbox
from sandbox.services.sns.outbox import Message
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.services.stepfunctions.executions.holds import Hold, holds
from sandbox.stagegate import deployment, members, people
from sandbox.stagegate.deployment import Company
from sandbox.stagegate.endpoint import Endpoint
from sandbox.stagegate.members import Members, Role
from sandbox.stagegate.people import Credentials

ROOT = Path(__file__).resolve().parents[2]


class Organization:
    """A running organization; use `start`, and `stop` or a `with` block. One at a time in a process."""

    def __init__(self, found: Members, settings: Path, root: Path, company: Company) -> None:
        self._members = found
        self._company = company
        self._settings = settings
        self._root = root
        self._server: Endpoint | None = None
        self.endpoint_url = ""
        self.outputs: dict[str, str] = {}
        """The governance stack's."""

    @classmethod
    def start(
        cls,
        settings: Path,
        *,
        delays: Delays | None = None,
        port: int = 0,
        root: Path = ROOT,
        jumps: bool | None = None,
        spelling: Spelling = Spelling.GIVEN,
        company: Company | None = None,
    ) -> Organization:
        """Boot the services, make the accounts and the people, and deploy the templates below `root`.

        `settings` is the governance.toml to deploy in place of the shipped one. The HTTP endpoint listens on
        127.0.0.1, on a free port unless `port` says which. `jumps` is whether its clock jumps when all is quiet; as the
        environment says unless given. `spelling` is how ARNs have the names of groups. `company`
        is what every role has to have. Raises TemplateError or
        StackError when the templates can't be deployed; nothing is left running then.
        """
        boot.fresh(delays, jumps=jumps, spelling=spelling)
        organization = cls(members.read(settings), settings, root, company or Company())
        try:
            organization._boot(port)
            organization._deploy()
        except BaseException:
            organization.stop()
            raise
        return organization

    def __enter__(self) -> Organization:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def accounts(self) -> dict[str, str]:
        """Account ids by name: governance, hosting, management, and the stages' own names."""
        return dict(self._members.accounts)

    @property
    def profiles(self) -> dict[str, Role]:
        """The role behind each profile name."""
        return dict(self._members.profiles)

    @property
    def settings(self) -> Path:
        """The governance.toml that is deployed."""
        return self._settings

    @property
    def root(self) -> Path:
        """The tree that is deployed: its templates and its code."""
        return self._root

    @property
    def calls(self) -> calls.CallLog:
        """Every authorized or refused call so far."""
        return calls.log

    @property
    def clock(self) -> Any:
        """The clock; advance it to see what happens later."""
        return clock

    @property
    def deliveries(self) -> Any:
        """The deliveries: hold, release, drain, trace."""
        return events.deliveries

    @property
    def faults(self) -> Any:
        """Crashes to plan for functions."""
        return lambda_.faults

    def fail(
        self,
        service: str,
        operation: str,
        error: str,
        *,
        times: int = 1,
        account: str | None = None,
        moment: Moment = "before",
    ) -> None:
        """Let the next calls of an operation fail, in one account (name or id) or in any; see `Failures.plan`."""
        known = self._members.accounts
        if account is not None and account not in {*known, *known.values()}:
            raise ValueError(f"account: found {account!r}; allowed: {', '.join(sorted({*known, *known.values()}))}")
        called_in = None if account is None else known.get(account, account)
        failures.plan(service, operation, error, times=times, account=called_in, moment=moment)

    @property
    def failures_left(self) -> int:
        """How many of the planned failures no call has met."""
        return failures.left

    @property
    def public_hub(self) -> PublicHub:
        """What AWS may do to JumpStart's public hub: publish, deprecate, remove."""
        return PublicHub(the_public_hub(REGION))

    def client(self, service: str, profile: str, role: str | None = None) -> Any:
        """A boto3 client of a profile, or of another role in the profile's account; each call is authorized."""
        found = self._members.profiles[profile]
        arn = found.arn if role is None else f"arn:{PARTITION}:iam::{found.account}:role/{role}"
        return client(service, found.account, session(arn, profile))

    def admin(self, service: str, account: str) -> Any:
        """A boto3 client of the sandbox's administrator in an account (name or id): not authorized, not logged."""
        return client(service, self._members.accounts.get(account, account))

    def credentials(self, profile: str) -> Credentials:
        """Credentials of a profile for clients outside this process."""
        return people.sign_in(self._members.profiles[profile], profile)

    def executions(self) -> list[Execution]:
        """Every execution in every account, in the order of their start."""
        found = [e for regions in stepfunctions_backends.values() for b in regions.values() for e in b.all_executions()]
        return sorted(found, key=lambda execution: execution.start_date)

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        """All events of an execution, oldest first."""
        account = execution_arn.split(":")[4]
        execution: Execution = stepfunctions_backends[account][REGION].describe_execution(execution_arn)
        return execution.history.events()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is going on, and nothing is about to.

        Held deliveries and executions don't count, nor does what is scheduled well beyond the delays (expiries, alarms
        that look again).
        """
        busy: tuple[Callable[[], int], ...] = (
            lambda: clock.activities.others_at_work,
            lambda: events.deliveries.open,
            lambda: lambda_.invocations.open,
            lambda: clock.pending(_horizon()),
            lambda: len(stepfunctions.running()) - holds.held,
        )
        return not any(count() for count in busy)

    @property
    def outbox(self) -> list[Message]:
        """Every message that a topic has accepted, oldest first."""
        return outbox.messages()

    def settle(self, timeout: float = 30.0) -> bool:
        """Wait until the organization is at rest: False if that takes longer than `timeout` seconds of its clock."""
        return clock.until(lambda: self.is_at_rest, timeout)

    def update_settings(self, settings: Path) -> None:
        """Deploy again with another governance.toml for the same accounts.

        What guardrails may be put on stays so, as a guardrail has to be taken off before the member stack forbids it.
        """
        found = members.read(settings)
        if found.accounts != self._members.accounts or found.organization_id != self._members.organization_id:
            raise ValueError("other accounts or another organization need a new Organization")
        known = {role.arn for role in self._members.roles}
        for role in found.roles:
            if role.arn not in known:
                people.create(role)
        found.keep_guarded(self._members)
        self._members, self._settings = found, settings
        self._deploy()

    def tell_of_left(self, *accounts: str) -> None:
        """Deploy again, and tell the governance stack which accounts have left the organization."""
        self._company = replace(self._company, left=accounts)
        self._deploy()

    def deploy(self, root: Path) -> None:
        """Deploy the templates and the code below another root: another release, over what is there.

        What is going on goes on: nobody waits for it.
        """
        self._root = root
        files.lock_file = root / "requirements" / "layer.txt"
        self.outputs = deployment.deploy(root, self._settings, self._members, self._company)

    def hold(self, machine: str, state: str, text: str) -> Hold:
        """Hold the next execution of a machine whose input has a text before it enters a state; see `Hold`."""
        return holds.hold(machine, state, text)

    def stop(self) -> None:
        """End every process and thread of it."""
        holds.clear()
        for execution in self.executions():
            execution.stop("Sandbox.Stopped", "the sandbox has stopped")
        if self._server is not None:
            self._server.stop()
            self._server = None
        boot.forget()

    def _boot(self, port: int) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # one line per request otherwise
        self._server = Endpoint(port, self.fail)
        self.endpoint_url = self._server.url
        lambda_.pool.endpoint_url = self.endpoint_url
        files.lock_file = self._root / "requirements" / "layer.txt"
        lambda_.pool.preload()
        found = self._members
        names = {account: name for name, account in found.accounts.items() if account != members.MANAGEMENT}
        if found.organization_id:
            organizations.build(found.organization_id, members.MANAGEMENT, names)
        for role in found.roles:
            people.create(role)

    def _deploy(self) -> None:
        """Make the keys that the settings name, deploy, and wait for what the deployment itself has started."""
        for artifacts in self._members.artifacts.values():
            for key in artifacts.keys:
                if "*" not in key:
                    provided.provide(key, "named in governance.toml")
        self.outputs = deployment.deploy(self._root, self._settings, self._members, self._company)
        self.settle()


def _horizon() -> float:
    """How far ahead something scheduled still belongs to what is going on now, in seconds."""
    record = delays.completion + delays.cloudtrail
    longest = max(record, delays.ram_association, delays.card_deletion, delays.event, delays.lambda_retry)
    return longest * 1.5 + 0.2
