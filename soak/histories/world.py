"""The organization in which histories happen, the people in it, and one clock for all."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.authorization.accesses import Call
from sandbox.authorization.authorize import Denied, require
from sandbox.authorization.registry import registry
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays
from sandbox.kernel.identity import session
from sandbox.kernel.place import REGION
from sandbox.kernel.wire.transport import client
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.members import GOVERNANCE
from sandbox.stagegate.organization import Organization
from soak.histories.events import Events
from soak.histories.keys import CardKey
from soak.oracle import rules as oracle_rules
from soak.oracle.facts import Blindness, Closure
from soak.oracle.rules import Rules
from soak.simulation import organization
from soak.simulation.functions import Functions

RULES = Path(__file__).parents[1] / "rules"
BASE = RULES / "base.toml"
DEV, TEST, PROD = "222233334444", "333344445555", "444455556666"
KEY = "arn:aws:kms:us-east-1:222233334444:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
PEOPLE = {
    "owner": f"arn:aws:iam::{GOVERNANCE}:role/ModelOwner",
    "approver": f"arn:aws:iam::{GOVERNANCE}:role/ModelApprover",
    "reviewer": f"arn:aws:iam::{GOVERNANCE}:role/ModelReviewer",
    "developer": f"arn:aws:iam::{DEV}:role/ModelDeveloper",
    "administrator": f"arn:aws:iam::{GOVERNANCE}:role/Administrator",
}
MOST_S = 3_600.0
"""Within this time of the simulated clock everything comes to rest, or something hangs."""


@dataclass(slots=True)
class World:
    """Where everything happens."""

    organization: Organization
    functions: Functions
    events: Events = field(default_factory=Events)
    rules: Rules = field(default_factory=lambda: oracle_rules.read(BASE))
    settings: Path = BASE
    foreign: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Other teams' statements in each document that we write too."""
    tampered: float = 0.0
    """When somebody last took our statements out."""
    key: CardKey = field(init=False)
    """The customer key of cards."""
    blindness: dict[str, Blindness] = field(default_factory=dict)
    """How each account that has ever been blind can be looked into."""
    closures: dict[str, Closure] = field(default_factory=dict)
    """Each account that was ever closed."""
    published: dict[str, str] = field(default_factory=dict)
    """The models of the public hub, each with its support status."""
    changed: dict[str, float] = field(default_factory=dict)
    """When somebody last changed the hub, or the guardrail, or what they should be."""
    looked: dict[str, float] = field(default_factory=dict)
    """When a run that looks at all of it was last over."""
    happenings: int = 0
    """How often anybody has changed anything."""
    deployed: float = 0.0
    """When the rules last became others."""
    read: dict[str, int] = field(default_factory=dict)
    """How many messages have been looked through for questions about each subject."""
    heard: int = 0
    """How many executions have been looked through for failures that nobody heard of."""

    @classmethod
    def begin(cls) -> World:
        """An organization with everything in it that histories share."""
        given = Delays(
            cloudtrail=5.0,
            ram_association=0.5,
            card_deletion=0.5,
            delivery_retry=0.5,
            lambda_retry=2.0,
            model_import=30.0,
        )
        made, functions = organization.start(BASE, given=given)
        world = cls(made, functions)
        world.key = CardKey.make(world)
        return world

    def person(self, who: str, service: str = "sagemaker") -> Any:
        """A client of somebody."""
        role = PEOPLE[who]
        return client(service, role.split(":")[4], session(role, who))

    def admin(self, service: str, account: str = GOVERNANCE) -> Any:
        """A client of the sandbox's own hand."""
        return client(service, account)

    def rest(self) -> None:
        """Let everything that is under way come to an end."""
        if not self.organization.settle(MOST_S):
            raise AssertionError(f"not at rest after {MOST_S:.0f} s: {self.running}")

    @property
    def running(self) -> list[str]:
        """The executions that are under way."""
        return [each.execution_arn for each in self.organization.executions() if each.status == "RUNNING"]

    def start(self, machine: str, given: dict[str, Any]) -> Execution:
        """Somebody starts an execution; it has only begun then."""
        arn = self.organization.outputs[machine]
        made = self.person("owner", "stepfunctions").start_execution(stateMachineArn=arn, input=json.dumps(given))
        found = self.organization.executions()
        return next(each for each in found if each.execution_arn == made["executionArn"])

    def sweep(self) -> Execution:
        """A sweep that a person starts, once all is over that it has started."""
        run = self.start("SweepStateMachine", {})
        self.rest()
        return run

    @property
    def encryption(self) -> dict[str, str]:
        """How the artifacts are encrypted."""
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY}

    def is_blind(self, account: str) -> bool:
        """Whether Stagegate can't look into a member account."""
        return account in self.blindness and self.blindness[account].is_blind

    def deploy(self, settings: Path) -> None:
        """Other rules are in force from now on."""
        self.functions.begin_anew(settings)
        self.settings, self.rules = settings, oracle_rules.read(settings)
        self.deployed = self.now()
        self.changed = dict.fromkeys(("hub", "guardrail"), self.deployed)
        self.happened()

    def happened(self) -> None:
        """Somebody has changed something: a step in which nobody does counts for nothing."""
        self.happenings += 1

    def pause(self) -> None:
        """The same rules are in force, and say that no run changes anything."""
        with tempfile.NamedTemporaryFile("w", suffix=".toml", delete=False) as paused:
            paused.write(f"paused = true\n{self.settings.read_text()}")
        self.deploy(Path(paused.name))

    def now(self) -> float:
        """Epoch seconds."""
        return float(clock.now())


def is_let(role: str, service: str, operation: str, request: dict[str, Any]) -> bool:
    """Whether a role's call would be let through, by the sandbox's evaluator."""
    call = Call(service, operation, request, role.split(":")[4], REGION)
    try:
        require(session(role, "consumer"), registry.accesses(call), REGION)
    except Denied:
        return False
    return True
