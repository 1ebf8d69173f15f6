"""Generates the JSON Schema of governance.toml for editors: `python -m tools.settings_schema FILE`.

An editor with a TOML language server checks a file against it while it is typed. The schema says what one value may
be; what several of them mean together (known stage names, say) only `settings.load` checks.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules import model as rules
from stagegate.rules.formats import ANY, FORMATS, NOT_EMPTY, NUMBERS, SECTIONS, UNIQUE

# What an editor shows at a key. A test compares the keys with the fields of the rules.
HELP = {
    "Rules.organization": "The AWS organization that the accounts belong to, or what stands in for one.",
    "Rules.stages": "The steps of the lifecycle, in the order that a model takes them.",
    "Rules.cards": "The rules for model cards.",
    "Rules.approvers": "Who may let a card into a stage. A stage without approvers opens by status alone.",
    "Rules.packages": "The rules for model packages. Without them, no package is governed.",
    "Rules.buckets": "Whose buckets the artifacts of packages lie in; the first that fits counts.",
    "Rules.guardrails": "What the users of Canvas and Studio may not do, whatever else lets them.",
    "Rules.hubs": "Private hubs of foundation models, and who may use them.",
    "Rules.registrations": "Who may register versions in groups of the governance account from another account.",
    "Rules.imports": "Which approved packages become models of Amazon Bedrock, and where.",
    "Rules.sweep": "When a sweep asks before it changes anything.",
    "Rules.paused": "true: every execution plans and reports, none changes anything.",
    "Organization.id": "The organization's id. Leave it out where there is none.",
    "Organization.external_id": "Outside an organization: the external id that the member stacks were deployed with.",
    "Stage.name": "Your name for the stage.",
    "Stage.accounts": "The ids of its AWS accounts. Two stages may share an account.",
    "Stage.roles": "The names of the IAM roles that use models there.",
    "Stage.fence": "How readers are kept from writing: every role of the accounts (scp) or the named ones (boundary).",
    "StageAccess.stage": "The name of a stage.",
    "StageAccess.write": "true: the stage may also update the card in this status.",
    "StatusRule.opens": "The stages that see the card in this status. A stage that isn't named is closed.",
    "StatusRule.ask_approvers": "true: entering this status asks the approvers for a decision.",
    "CardRules.status": "What each status opens. All four must be here.",
    "CardRules.required_sections": "Sections of the content to fill in before a stage with approvers opens.",
    "CardRules.four_eyes": "true: whoever last edited the content can't be the one who approves it.",
    "CardRules.after_edit": "The content is edited after approval: close what needed it, or keep it open and ask anew.",
    "CardRules.export": "true: the stages may export the card as PDF.",
    "PackageStatusRule.opens": "The stages that may deploy a package in this status. The others are closed.",
    "PackageStatusRule.ask_approvers": "true: entering this status asks the approvers for a decision.",
    "LifecycleRule.stage": "The name of a stage.",
    "LifecycleRule.lifecycle_stage": "The stage of SageMaker's ModelLifeCycle that a package has to be in.",
    "LifecycleRule.lifecycle_status": "The status of SageMaker's ModelLifeCycle that a package has to be in.",
    "PackageRules.status": "What each approval status opens. All three must be here.",
    "PackageRules.principals": "Who may use an approved package: the stage's roles, exactly, or its whole accounts.",
    "PackageRules.after_change": "An artifact is written anew after approval: close what needed it, or ask anew.",
    "PackageRules.lifecycle": "For the stages named here, only packages in one of these places count.",
    "Guardrail.name": "Your name for the guardrail.",
    "Guardrail.by": "How it is put on: as the boundary of roles, or as a service control policy on accounts.",
    "Guardrail.roles": "By boundary: the ARNs of the roles that it is on.",
    "Guardrail.domains": "By boundary: the SageMaker domains whose roles, the profiles' too, it is on.",
    "Guardrail.accounts": "By scp: the ids of the accounts that it is on.",
    "Guardrail.public_hub": "deny: SageMaker's public hub, and the buckets that its models lie in.",
    "Guardrail.bedrock": "The Bedrock models that may not be used, or the only ones that may.",
    "Guardrail.jumpstart": "The JumpStart models that may not be deployed, or the only ones that may: by their tag.",
    "Guardrail.direct_deployment": "The domains' Canvas setting for direct deployment: look, or switch it off or on.",
    "ModelRule.deny": "These, and no others. * for all.",
    "ModelRule.allow": "All but these are denied.",
    "Domain.account": "The id of the account that the domain is in.",
    "Domain.id": "The domain's id; all domains of the account, if it is left out.",
    "Bucket.name": "The bucket's name, or the start of its name and a *.",
    "Bucket.account": "The id of the account that owns it.",
    "Bucket.key": "The ARN of the customer key that its objects are encrypted with.",
    "Bucket.scope": "What opens: a package's own objects (exact), or the folder that is called as its group (group).",
    "HubRules.name": "The hub's name.",
    "HubRules.description": "What SageMaker shows of it.",
    "HubRules.allow": "Which models of the public hub are in it; one rule is enough to let a model in.",
    "HubRules.keep_out": "Which models are never in it, whatever lets them in.",
    "HubRules.shares": "The stages that it is shared with.",
    "HubRules.deprecated": "What becomes of allowed models that the public hub calls deprecated.",
    "HubRules.restricted": "What becomes of allowed models that the public hub calls restricted.",
    "HubRules.gone": "What becomes of models in it that the public hub has no longer.",
    "HubRules.state": "absent: the hub is torn down, with all that is in it.",
    "HubRules.adopt": "true: take over a hub of this name that Stagegate hasn't made.",
    "HubRules.most_removed_percent": "A sync that would remove more of the hub's models than this stops and asks.",
    "Allow.filter": "By what is known of them: framework == meta and not task in [ic, od].",
    "Allow.ids": "By their ids.",
    "Allow.names": "By their ids, with * for anything.",
    "Allow.minimum": "The oldest version that the hub offers of them. It is a floor: later versions flow in.",
    "Allow.reviewed": "A day: models whose latest version was published after it stay out until the day is raised.",
    "Allow.unknown": "What becomes of models of which the filter can't be answered.",
    "KeepOut.filter": "By what is known of them.",
    "KeepOut.ids": "By their ids.",
    "KeepOut.names": "By their ids, with * for anything.",
    "KeepOut.unknown": "What becomes of models of which the filter can't be answered.",
    "HubShare.stage": "The name of a stage.",
    "HubShare.access": "See its models (read), or deploy them too (use).",
    "Registration.stage": "The name of the stage that registers.",
    "Registration.groups": "Names of model package groups, each whole or the start of one and a *.",
    "Registration.roles": "The names of the roles that register, where they aren't the stage's own.",
    "Registration.data": "Folders of [[buckets]] that the governance account may read, s3://bucket/folder/.",
    "Registration.repositories": "ECR repositories that it may pull from, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME.",
    "Registration.readers": "The names of its roles that read; whomever that account lets, if it is left out.",
    "Import.groups": "Names of model package groups, each whole or the start of one and a *.",
    "Import.stage": "The name of the stage whose accounts import them; it asks its own approvers.",
    "Import.model": "What the model is called: {group} and {version} stand for the package's.",
    "Import.key": "The ARN of a key of the hosting account, to encrypt the model with.",
    "Import.consumer": "The name of a role there that uses the model; it invokes each new one once.",
    "Import.when_rejected": "The package isn't approved any more: keep the model, or delete it.",
    "Import.when_replaced": "A newer version of the group is imported: keep older ones, or delete them.",
    "Import.role": "The execution role, once the package isn't approved any more: keep it, or delete it.",
    "SweepRules.ask_above_grants": "A sweep that would close more grants than this may have to ask first.",
    "SweepRules.ask_above_percent": "It does, if they are also more than this share of all open grants.",
    "SweepRules.after_deployment": "What the sweep after a deployment does: report what would change, or apply it.",
    "Approvers.stage": "The name of a stage.",
    "Approvers.principals": "ARNs of roles, users, assumed-role sessions or SageMaker user profiles; no wildcards.",
    "Approvers.risks": "The risk ratings that they decide on; all, if it is left out.",
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a parsed governance.toml."""
    definitions: dict[str, Any] = TypeAdapter(tuple[rules.Rules]).json_schema()["$defs"]
    for name, definition in definitions.items():
        definition.pop("title", None)
        if definition["type"] == "object":
            definition["additionalProperties"] = False
            for key, value in definition["properties"].items():
                value.pop("title", None)
                value["description"] = HELP[f"{name}.{key}"]
    root = definitions.pop("Rules")
    result = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stagegate's governance.toml",
        **root,
        "$defs": definitions,
    }
    _constrain(result)
    return result


def _constrain(whole: dict[str, Any]) -> None:
    """Add what `settings_meaning` asks of single values, which the types of the rules don't say."""
    _limit_numbers(whole)
    for pattern, written in FORMATS.items():
        for value in _below(whole, whole, pattern):
            value["pattern"] = f"^(?:{written.expression})$"
    for pattern in NOT_EMPTY:
        for value in _below(whole, whole, pattern):
            value["minItems"] = 1
    for holder, element in UNIQUE:
        for value in _below(whole, whole, holder):
            if element == (ANY,):
                value["uniqueItems"] = True
    for value in _below(whole, whole, ("cards", "required_sections", ANY)):
        value["enum"] = list(SECTIONS)
    for kind, statuses in (("cards", CardStatus), ("packages", PackageStatus)):
        _require(whole, kind, [status.value for status in statuses])
    whole["$defs"]["Organization"]["oneOf"] = [{"required": [field.name]} for field in fields(rules.Organization)]


def _limit_numbers(whole: dict[str, Any]) -> None:
    for pattern, (least, most) in NUMBERS.items():
        for value in _below(whole, whole, pattern):
            value.update(minimum=least, maximum=most)


def _require(whole: dict[str, Any], kind: str, statuses: list[str]) -> None:
    for value in _below(whole, whole, (kind, "status")):
        value["required"] = statuses


def _below(whole: dict[str, Any], node: dict[str, Any], pattern: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the schemas of the values that `pattern` fits, through references and past `null`, which TOML lacks."""
    if "anyOf" in node:
        (kept,) = (option for option in node.pop("anyOf") if option != {"type": "null"})
        node.update(kept)
        node.pop("default")
    if "$ref" in node:
        node = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if not pattern:
        yield node
        return
    first, *rest = pattern
    if first != ANY:
        below = node["properties"][first]
    else:
        below = node["items"] if node["type"] == "array" else node["additionalProperties"]
    yield from _below(whole, below, tuple(rest))


def main(path: Path) -> None:
    """Write the schema to `path`."""
    path.write_text(f"{json.dumps(schema(), indent=2)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
