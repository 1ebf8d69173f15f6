"""How late AWS is: where a service settles after it has answered, the sandbox settles after these times.

Short by default, so that a demo is quick; long, or zero, where a test wants to look at the gap.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(slots=True)
class Delays:
    """All in seconds of the sandbox's clock, except the factor."""

    event: float = 0.0
    """From a service's change to the event on the default bus."""
    cloudtrail: float = 0.3
    """From an API call to its CloudTrail event, after the service's own event as a rule."""
    completion: float = 0.0
    """From an API call's change to its completion, which is what CloudTrail dates it by."""
    ram_association: float = 0.2
    """ASSOCIATING to ASSOCIATED, DISASSOCIATING to DISASSOCIATED."""
    card_deletion: float = 0.2
    """From DeleteModelCard until the card can't be described any more."""
    hub: float = 0.2
    """A hub from Creating to InService, its contents from Importing to Available, either from Deleting to gone."""
    studio: float = 0.2
    """A domain or a user profile from Updating to InService."""
    iam: float = 0.0
    """From a role's making until other services take it (AWS: seconds to minutes)."""
    model_import: float = 0.3
    """How long Bedrock imports a model (AWS: minutes to hours)."""
    delivery_retry: float = 0.1
    """The first pause of EventBridge's redelivery; it doubles."""
    lambda_retry: float = 0.2
    """The pause before an asynchronous invocation is tried again (AWS: 1 and 2 minutes)."""
    alarm_period: float = 0.05
    """From a data point to the evaluation of the alarms on it (AWS: the alarm's period)."""
    wait_factor: float = 1.0
    """What Step Functions' Wait states and retry intervals are multiplied with."""

    def update(self, values: Delays) -> None:
        """Take over the values of another object: the shared instance stays the one that everyone imported."""
        for field in fields(self):
            setattr(self, field.name, getattr(values, field.name))

    def copy(self) -> Delays:
        """An independent object with the same values."""
        return replace(self)


delays = Delays()
"""The delays of this process."""
