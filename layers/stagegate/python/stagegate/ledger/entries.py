"""The entries of a subject's approvals as items, and the chain that they make.

Each has a number, its own digest and that of the entry before it. Who replaces one breaks the chain, and who makes all
of it anew doesn't get the digests that the history of the subject's runs has.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stagegate.approvals.fingerprints import Fingerprint, Fingerprints
from stagegate.approvals.kept import Head, Kept
from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Asked, Question
from stagegate.approvals.records import AuditRecord, PossibleVersion, RecordSource
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.statuses import RiskRating
from stagegate.evidence import chain
from stagegate.ledger import items

Values = Mapping[str, Any]
"""An item's attributes, as `items.values` gives them."""

NOT_IN_DIGEST = frozenset({"pk", "sk", "digest"})
"""What the digest of an entry isn't about: where it lies is said by what it says."""

Entry = AuditRecord | Question | TagRecord


def sort_key(entry: Entry) -> str:
    """Return where an entry lies in its subject's partition: one that comes twice would lie where it is."""
    kind = {AuditRecord: items.RECORD, Question: items.QUESTION, TagRecord: items.TAG}[type(entry)]
    return f"{kind}{items.text_of(entry.at)}#{entry.id}"


def entry_item(arn: str, entry: Entry, after: Head) -> dict[str, Any]:
    """Return an entry as the item that it is stored as, behind the one that `after` is the head of."""
    match entry:
        case AuditRecord():
            values = _of_record(entry)
        case TagRecord():
            values = _of_tag(entry)
        case _:
            values = _of_question(entry)
    linked = {**values, "number": after.number + 1, "previous": after.digest or None}
    item = items.item(items.approvals_key(arn), sort_key(entry), linked)
    return {**item, "digest": {"S": digest_of(items.values(item))}}


def digest_of(values: Values) -> str:
    """Return the digest of an entry over all that is stored of it, also what only a later version knows."""
    return chain.digest_of(values, NOT_IN_DIGEST)


def kept_of(entries: Sequence[Values], head: Head) -> Kept:
    """Return the records and questions among entries, and who set tags."""
    in_order = sorted(entries, key=lambda found: found["number"])
    return Kept(
        records=tuple(_record(found) for found in in_order if "actor" in found),
        questions=tuple(_question(found) for found in in_order if "asked" in found),
        tags=tuple(_tag(found) for found in in_order if "tag" in found),
        head=head,
    )


def flaw_in(entries: Sequence[Values], current: Values | None, noted: Head) -> str:
    """Return what doesn't fit of a subject's entries, the item of what counts now, and the head that the last run has
    noted; "" where all of it fits. Where there is nothing at all, nothing counts, and that fits.
    """
    if not entries and current is None:
        return ""
    by_number = {int(found["number"]): found for found in entries}
    if sorted(by_number) != list(range(1, len(entries) + 1)):
        return "entries are missing, or one is there twice"
    for number, found in sorted(by_number.items()):
        if digest_of(found) != found.get("digest"):
            return f"entry {number} isn't what it says that it is"
        if found.get("previous") != (by_number[number - 1]["digest"] if number > 1 else None):
            return f"entry {number} came after another entry than that before it"
    if current is None or _head(current) != Head(number=len(entries), digest=by_number[len(entries)]["digest"]):
        return "what counts now was written without an entry"
    if "entries" in current and sorted(map(digest_of, current["entries"])) != sorted(map(digest_of, entries)):
        return "what counts now isn't what the entries say"
    if noted.number and by_number.get(noted.number, {}).get("digest") != noted.digest:
        return f"entry {noted.number} is another than the one that a run has relied on"
    return ""


def _head(current: Values) -> Head:
    return Head(number=int(current["number"]), digest=current["head"])


def _of_record(record: AuditRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "at": items.text_of(record.at),
        "moment": items.text_of(record.moment) if record.moment else None,
        "actor": record.actor.arn,
        "role_arn": record.actor.role_arn,
        "source_identity": record.actor.source_identity,
        "on_behalf_of": record.actor.on_behalf_of,
        "status": str(record.status) if record.status else None,
        "version": record.version,
        "content_hash": record.content_hash,
        "versions": [[v.number, v.content_hash or ""] for v in record.versions] or None,
        "metadata_only": record.metadata_only or None,
        "creates": record.creates or None,
        "fingerprints": _of_fingerprints(record.fingerprints) if record.fingerprints else None,
        "not_fingerprinted": record.not_fingerprinted or None,
        "risk": record.risk.value if record.risk else None,
        "source": None if record.source is RecordSource.CLOUDTRAIL else record.source.value,
        "card": record.card,
        "links": record.links or None,
        "reason": record.reason or None,
    }


def _record(found: Values) -> AuditRecord:
    version = found.get("version")
    return AuditRecord(
        id=found["id"],
        at=datetime.fromisoformat(found["at"]),
        moment=datetime.fromisoformat(found["moment"]) if "moment" in found else None,
        actor=Actor(
            arn=found["actor"],
            role_arn=found.get("role_arn"),
            source_identity=found.get("source_identity"),
            on_behalf_of=found.get("on_behalf_of"),
        ),
        status=found.get("status"),
        version=int(version) if version is not None else None,
        content_hash=found.get("content_hash"),
        versions=tuple(
            PossibleVersion(number=int(number), content_hash=hash_ or None)
            for number, hash_ in found.get("versions", ())
        ),
        metadata_only=found.get("metadata_only", False),
        creates=found.get("creates", False),
        fingerprints=_fingerprints(found["fingerprints"]) if "fingerprints" in found else None,
        not_fingerprinted=found.get("not_fingerprinted", ""),
        risk=RiskRating(found["risk"]) if "risk" in found else None,
        source=RecordSource(found.get("source", RecordSource.CLOUDTRAIL)),
        card=found.get("card"),
        links=found.get("links", False),
        reason=found.get("reason", ""),
    )


def _of_tag(record: TagRecord) -> dict[str, Any]:
    """The names differ from those of other records: an earlier release takes whatever has an actor for one of these."""
    return {
        "id": record.id,
        "at": items.text_of(record.at),
        "tag": record.key,
        "tag_value": record.value,
        "tagger": record.actor.arn if record.actor else None,
        "tagger_role": record.actor.role_arn if record.actor else None,
    }


def _tag(found: Values) -> TagRecord:
    return TagRecord(
        id=found["id"],
        at=datetime.fromisoformat(found["at"]),
        actor=Actor(arn=found["tagger"], role_arn=found.get("tagger_role")) if "tagger" in found else None,
        key=found["tag"],
        value=found.get("tag_value"),
    )


def _of_question(question: Question) -> dict[str, Any]:
    asked = question.asked
    return {
        "id": question.id,
        "at": items.text_of(question.at),
        "asked": {
            "version": asked.version,
            "content_hash": asked.content_hash,
            "risk": asked.risk.value,
            **({"fingerprints": _of_fingerprints(asked.fingerprints)} if asked.fingerprints else {}),
            **({} if asked.card is None else {"card": asked.card}),
        },
    }


def _question(found: Values) -> Question:
    asked = found["asked"]
    return Question(
        id=found["id"],
        at=datetime.fromisoformat(found["at"]),
        asked=Asked(
            version=int(asked["version"]),
            content_hash=asked["content_hash"],
            risk=RiskRating(asked["risk"]),
            fingerprints=_fingerprints(asked["fingerprints"]) if "fingerprints" in asked else None,
            card=asked.get("card"),
        ),
    )


def _of_fingerprints(fingerprints: Fingerprints) -> dict[str, Any]:
    named = {fingerprint.name: fingerprint.digest for fingerprint in fingerprints.named}
    return {
        "digest": fingerprints.digest,
        "count": fingerprints.count,
        "named": named,
        **({"data": fingerprints.data} if fingerprints.data else {}),
    }


def _fingerprints(found: Values) -> Fingerprints:
    named = tuple(Fingerprint(name=name, digest=digest) for name, digest in sorted(found["named"].items()))
    return Fingerprints(digest=found["digest"], count=int(found["count"]), named=named, data=found.get("data", ""))
