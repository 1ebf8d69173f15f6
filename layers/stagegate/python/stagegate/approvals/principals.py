"""Who did something, and whether that is one of the people a rule names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/(?P<session>.+)"
)

_USER = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:user/.+")
_PROFILE = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:user-profile/(.+/)?(?P<name>[^/]+)")
_STUDIO_SESSION = "SageMaker"
_SOMEBODY = "somebody-of-this-role"
_IDENTITY_CENTER = "AWSReservedSSO_"
"""How the names of IAM Identity Center's roles begin ("AWS reserved roles"): nobody else can make or assume them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller of an API call as CloudTrail or SageMaker reports it.

    `arn` is the caller itself (a session, an IAM user, a Studio user profile); `role_arn` the role behind a session,
    with its path, where the record says so; `source_identity` what the identity provider fixed for the whole session;
    `on_behalf_of` the user of IAM Identity Center for whom the session acts, as AWS itself has it.
    """

    arn: str
    role_arn: str | None = None
    source_identity: str | None = None
    on_behalf_of: str | None = None

    @property
    def person(self) -> str:
        """What tells two people apart: the user whom AWS names, the source identity, or else the ARN."""
        return self.on_behalf_of or self.source_identity or self.arn

    @property
    def profile_name(self) -> str | None:
        """The name of the Studio user profile that SageMaker names, None for anybody else."""
        profile = _PROFILE.fullmatch(self.arn)
        return profile and profile["name"]

    @property
    def is_in_studio(self) -> bool:
        """Whether it is a Studio user, by the profile or by the session that all of a role's users have."""
        session = _SESSION.fullmatch(self.arn)
        is_shared = session is not None and session["session"] == _STUDIO_SESSION
        return is_shared or _PROFILE.fullmatch(self.arn) is not None


def is_one_of(actor: Actor, principals: Iterable[str]) -> bool:
    """Tell whether a rule's principals name this actor: itself, or the role behind its session."""
    names = {actor.arn, actor.role_arn} if actor.role_arn else {actor.arn, _role_of_session(actor.arn)}
    return any(principal in names for principal in principals)


def somebody_of(principal: str) -> Actor:
    """Return one of those whom a principal of the rules names: of a role some session, and not one that is known."""
    head, _, path = principal.partition(":role/")
    if not path:
        return Actor(arn=principal)
    account, partition = head.rpartition(":")[2], head.split(":")[1]
    role = path.rpartition("/")[2]
    return Actor(arn=f"arn:{partition}:sts::{account}:assumed-role/{role}/{_SOMEBODY}", role_arn=principal)


def is_issued_by(arn: str, issuer: str) -> bool:
    """Tell whether a role or a user can be what a session was made from: a session of a role has its name.

    What isn't a session, or is none that is known here, contradicts nothing.
    """
    session = _SESSION.fullmatch(arn)
    return session is None or issuer.rpartition("/")[2] == session["role"]


def could_be_one_person(one: Actor, other: Actor) -> bool:
    """Tell whether two callers may be the same person, for a rule that asks for two.

    Whoever assumes a role chooses the session's name, and where the trust lets them, the source identity, too: a later
    role of the chain can't change it, and the first caller could ("AWS STS condition keys": `sts:SourceIdentity`). So
    two names of one role prove nothing. IAM Identity Center alone names the sessions of its own roles, after the user,
    and CloudTrail says on whose behalf a session acts that came by it. Studio sets the source identity of its sessions.
    The same name under two roles is taken for the same person, and so are a user and whatever session a user has made.
    """
    if could_be_one_caller(one, other):
        return True
    if one.on_behalf_of and other.on_behalf_of:
        return False
    if _made_from(one) & _made_from(other):
        return True
    first, second = _SESSION.fullmatch(one.arn), _SESSION.fullmatch(other.arn)
    if first is None or second is None:
        return False
    if (first["account"], first["role"]) == (second["account"], second["role"]):
        return not (first["role"].startswith(_IDENTITY_CENTER) or _is_told_apart_by_studio(one, other))
    if one.source_identity and other.source_identity:
        return one.source_identity == other.source_identity
    return (one.source_identity or first["session"]) == (other.source_identity or second["session"])


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers of whom any two could be one person, and the place that one of them has among these.

    Whoever isn't of the crowd could be one person with all of it, or with those of one place at most.
    """

    of: tuple[str | None, ...]
    place: str = ""


def crowds_of(actor: Actor) -> tuple[Crowd, ...]:
    """Return the crowds that a caller is one of: all sessions of a role or of a user, and all of a name. Whom something
    tells apart from everybody else of a role is alone.
    """
    session = _SESSION.fullmatch(actor.arn)
    if session is None:
        users = sorted(_made_from(actor))
        return (Crowd(("name", actor.person), "".join(users)), *(Crowd(("user", user), actor.person) for user in users))
    if session["role"].startswith(_IDENTITY_CENTER) or _is_told_apart_by_studio(actor, actor):
        return (Crowd((actor.arn, actor.source_identity, actor.on_behalf_of)),)
    role, name = f"{session['account']}/{session['role']}", actor.source_identity or session["session"]
    return (Crowd(("role", role, actor.on_behalf_of), name), Crowd(("name", name, actor.on_behalf_of), role))


def _made_from(actor: Actor) -> set[str]:
    """Return the user that somebody is, or that a session was made from (`GetFederationToken`, `GetSessionToken`)."""
    return {arn for arn in (actor.arn, actor.role_arn or "") if _USER.fullmatch(arn)}


def _is_told_apart_by_studio(one: Actor, other: Actor) -> bool:
    """Tell whether both are Studio's own sessions of a domain that gives each the name of its user profile."""
    return all(
        actor.source_identity and (session := _SESSION.fullmatch(actor.arn)) and session["session"] == _STUDIO_SESSION
        for actor in (one, other)
    )


def could_be_one_caller(one: Actor, other: Actor) -> bool:
    """Tell whether two names may stand for the same caller: CloudTrail and SageMaker name one differently.

    SageMaker names a Studio user by the user profile, CloudTrail by a session of the execution role that is called
    `SageMaker` for every user; its source identity is the profile's name, where the domain sets it
    (`ExecutionRoleIdentityConfig`, API reference of SageMaker). Without it, the session could be any Studio user.
    """
    if one.person == other.person:
        return True
    for named, called in ((one, other), (other, one)):
        profile = _PROFILE.fullmatch(named.arn)
        session = _SESSION.fullmatch(called.arn)
        if profile and session and session["session"] == _STUDIO_SESSION:
            return called.source_identity in (None, profile["name"])
    return False


def _role_of_session(arn: str) -> str | None:
    """Return the role ARN of a session, for records without the issuer. A session's ARN has lost the role's path."""
    session = _SESSION.fullmatch(arn)
    return session and f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"
