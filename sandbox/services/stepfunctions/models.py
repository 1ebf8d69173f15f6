"""moto's Step Functions store with executions that run."""

from __future__ import annotations

import json
import re
import threading
import uuid
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.exceptions import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    InvalidName,
)
from moto.stepfunctions.models import StateMachine, StepFunctionBackend, stepfunctions_backends

from sandbox.authorization.accesses import Access, encryption_context, present
from sandbox.authorization.authorize import Denied, require
from sandbox.kernel.identity import session
from sandbox.services.kms.keys import key_arn
from sandbox.services.stepfunctions.definitions.definition import DefinitionError, read
from sandbox.services.stepfunctions.executions.execution import Execution

_NAME = re.compile(r"^[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}$")


class InvalidDefinition(AWSError):
    """The definition is refused; the message names every reason."""

    TYPE = "InvalidDefinition"
    STATUS = 400


class SandboxStepFunctionBackend(StepFunctionBackend):
    """Checks definitions and runs executions; all else (state machines, tags, paging) is moto's."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._starting = threading.Lock()

    def create_state_machine(self, name: str, definition: str, *args: Any, **kwargs: Any) -> StateMachine:
        """As moto's, for a definition that the sandbox can run."""
        _check(definition)
        return super().create_state_machine(name, definition, *args, **kwargs)

    def update_state_machine(self, arn: str, definition: str | None = None, *args: Any, **kwargs: Any) -> StateMachine:
        """As moto's; running executions keep the definition they began with."""
        if definition is not None:
            _check(definition)
        return super().update_state_machine(arn, definition, *args, **kwargs)

    def start_execution(self, state_machine_arn: str, name: str | None, execution_input: str | None) -> Execution:
        """A running execution. A name can be used once; the same name and input while running is the same execution.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        machine = self.describe_state_machine(state_machine_arn)
        execution_input = execution_input or "{}"
        try:
            json.loads(execution_input)
        except ValueError as error:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
        name = name or str(uuid.uuid4())
        if not _NAME.match(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        _may_encrypt(machine)
        with self._starting:
            earlier: Execution | None = next((each for each in machine.executions if each.name == name), None)
            if earlier is not None:
                if earlier.status == "RUNNING" and earlier.execution_input == execution_input:
                    return earlier
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{earlier.execution_arn}'")
            execution = Execution(
                execution_arn=f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}",
                name=name,
                state_machine_arn=machine.arn,
                definition=machine.definition,
                role_arn=machine.roleArn,
                account_id=self.account_id,
                region_name=self.region_name,
                logging_configuration=machine.loggingConfiguration or {},
                execution_input=execution_input,
            )
            machine.executions.append(execution)
        execution.start()
        return execution

    def halt_execution(self, execution_arn: str, error: str | None, cause: str | None) -> Execution:
        """StopExecution with its error and cause."""
        execution = self.describe_execution(execution_arn)
        execution.stop(error, cause)
        return execution

    def describe_execution(self, execution_arn: str) -> Execution:
        """The execution, or ExecutionDoesNotExist."""
        self._validate_execution_arn(execution_arn)
        for execution in self.all_executions():
            if execution.execution_arn == execution_arn:
                return execution
        raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution_arn}'")

    def all_executions(self) -> list[Execution]:
        """Every execution of every state machine, in the order of their start."""
        found: list[Execution] = [execution for machine in self.state_machines for execution in machine.executions]
        return sorted(found, key=lambda execution: execution.start_date)


class KmsAccessDenied(AWSError):
    """The state machine's role may not use the key that its history is encrypted with."""

    TYPE = "KmsAccessDeniedException"
    STATUS = 400


def _may_encrypt(machine: StateMachine) -> None:
    """Refuse to run a machine whose role may not use its key, as the history would be encrypted.

    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    key = (machine.encryptionConfiguration or {}).get("kmsKeyId")
    if not key:
        return
    account, region = machine.arn.split(":")[4], machine.arn.split(":")[3]
    arn = key_arn(str(key), account, region)
    role = session(machine.roleArn, "kms")
    context = encryption_context({"aws:states:stateMachineArn": machine.arn}) | present(kms__CallerAccount=account)
    accesses = [Access(f"kms:{action}", arn, context, owner=account) for action in ("GenerateDataKey", "Decrypt")]
    try:
        require(role, accesses, region)
    except Denied as error:
        raise KmsAccessDenied(str(error)) from error


def _check(definition: str) -> None:
    try:
        read(definition)
    except DefinitionError as error:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{error}'") from error


def running() -> list[Execution]:
    """The executions of all accounts that have not ended."""
    return [
        execution
        for regions in list(stepfunctions_backends.values())
        for backend in list(regions.values())
        for execution in backend.all_executions()
        if not execution.finished.is_set()
    ]


def install() -> None:
    """Make this the Step Functions of every account; before its first use."""
    stepfunctions_backends.backend = SandboxStepFunctionBackend
