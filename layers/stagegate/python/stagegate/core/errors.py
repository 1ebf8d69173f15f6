"""Errors by what can be done about them. The state machine routes on the class names, so a name is an interface."""


class StagegateError(Exception):
    """Everything that Stagegate raises on purpose."""


class RetryableError(StagegateError):
    """The same request may succeed a little later. The state machine tries again, with jitter."""


class ThrottledError(RetryableError):
    """AWS asked for fewer calls, or had a fault of its own."""


class NotSettledError(RetryableError):
    """AWS accepted a change and has not finished it within the time a function waits."""


class LeaseHeldError(RetryableError):
    """Another run is writing the same target."""


class PermanentError(StagegateError):
    """Trying again can't help: somebody has to change something. Reaches the failure path at once."""


class InputError(PermanentError):
    """An event or a manual input that can't be read: names the field, what was found and what is allowed."""


class UnknownSubjectError(PermanentError):
    """An ARN that names no kind of thing that Stagegate governs."""


class UnknownStatusError(PermanentError):
    """SageMaker reports a status that the rules don't know. Nothing is opened and nothing is closed."""


class SettingsError(PermanentError):
    """governance.toml is wrong: names the line, the key, what was found and what is allowed."""


class RefusedError(PermanentError):
    """AWS refused a call: names the operation, AWS's code and AWS's message."""


class MemberRoleError(PermanentError):
    """The member role in another account is missing, or doesn't trust this function."""


class AccountClosedError(PermanentError):
    """A member account is closed: nobody can enter it, and nobody can use what is in it."""


class AccountLeftError(PermanentError):
    """A member account has left the organization, and its member role lets nobody in: it may still grant."""


class ClaimLostError(PermanentError):
    """This run no longer holds the claim on its subject, so it may not write what it found."""


class PlannedByAnotherReleaseError(PermanentError):
    """What is handed to a function comes from another release, or can't be understood to the letter. Nothing was
    written. A deployment is under way: `govern` plans anew.
    """


class PlannedByOtherRulesError(PermanentError):
    """What is handed to a function was planned by another governance.toml than it has. Nothing was written. A
    deployment is under way: `govern` plans anew.
    """


class PlannedByOlderCardError(PermanentError):
    """A package begins to follow a card that was recorded since the package was planned. Nothing was recorded: `govern`
    plans anew.
    """


class DriftRemainsError(PermanentError):
    """After everything was applied, access still isn't what was planned."""


class StillOpenError(PermanentError):
    """Something that should be closed could not be: names each place, for whom it is open, and why. All the rest was
    closed, and nothing was opened.
    """


class HubFullError(PermanentError):
    """A hub takes no further reference: names the quota's words and the ways out. What had room is in it."""


class DocumentTooLargeError(PermanentError):
    """A policy document would pass AWS's limit: names its size, the limit and the ways out. Nothing was written."""
