"""Our shares are known by their tags, with every page of them, and with their accounts."""

from typing import Any, ClassVar

import pytest

from stagegate.core.errors import RefusedError
from stagegate.surfaces.shares import observe as resource_shares
from stagegate.surfaces.shares.changes import CARD_EXPORT_PERMISSION, CARD_PERMISSION, ObservedShares, Share
from tests.support.builders import CARD_ARN, DEV, PROD, a_grant, share_arn
from tests.support.scripted import Scripted, refusal


def association(share: str, status: str, entity: str = CARD_ARN) -> dict[str, str]:
    return {"resourceShareArn": share_arn(share), "associatedEntity": entity, "status": status}


def a_page(*associations: dict[str, str], more: str | None = None) -> dict[str, Any]:
    return {"resourceShareAssociations": list(associations), **({"nextToken": more} if more else {})}


def listed(name: str, *, external: bool = False, **tags: str) -> dict[str, Any]:
    return {
        "resourceShareArn": share_arn(name),
        "allowExternalPrincipals": external,
        "tags": [{"key": f"stagegate:{key}", "value": value} for key, value in tags.items()],
    }


def given(*names: str) -> dict[str, Any]:
    """What a share gives: for cards these, and something for another type of resource."""
    card = [{"name": name, "resourceType": "sagemaker:ModelCard"} for name in names]
    return {"permissions": [*card, {"name": "AWSRAMDefaultPermissionSubnet", "resourceType": "ec2:Subnet"}]}


def test_associations_are_all_that_have_not_ended() -> None:
    ram = Scripted(
        "ram",
        GetResourceShareAssociations=[
            a_page(association("a", "ASSOCIATED"), association("b", "DISASSOCIATED"), more="x"),
            a_page(association("c", "DISASSOCIATING"), association("d", "FAILED"), association("e", "ASSOCIATING")),
        ],
    )
    assert resource_shares.associations(ram.client, CARD_ARN) == {
        share_arn("a"): "ASSOCIATED",
        share_arn("c"): "DISASSOCIATING",
        share_arn("e"): "ASSOCIATING",
    }
    assert ram.of("GetResourceShareAssociations")[0]["resourceArn"] == CARD_ARN


def test_shares_are_read_with_their_tags_and_accounts() -> None:
    ram = Scripted(
        "ram",
        GetResourceShares=[
            {
                "resourceShares": [listed("a", stage="dev", permission=CARD_PERMISSION, shard="2")],
                "nextToken": "more",
            },
            {"resourceShares": [listed("b", external=True)]},
        ],
        GetResourceShareAssociations=[
            a_page(association("a", "ASSOCIATED", DEV), more="x"),
            a_page(association("a", "DISASSOCIATED", PROD), association("b", "ASSOCIATING", PROD)),
        ],
        ListResourceSharePermissions=given(CARD_PERMISSION),
    )
    known = {share_arn("a"): "ASSOCIATED"}
    assert resource_shares.observe(ram.client, CARD_ARN, known) == ObservedShares(
        associations=known,
        shares=(
            Share(
                arn=share_arn("a"),
                stage="dev",
                permission=CARD_PERMISSION,
                shard=2,
                principals={DEV: "ASSOCIATED"},
                gives=(CARD_PERMISSION,),
            ),
            Share(
                arn=share_arn("b"),
                stage="",
                permission="",
                external=True,
                principals={PROD: "ASSOCIATING"},
                gives=(CARD_PERMISSION,),
            ),
        ),
    )
    requested = ram.of("GetResourceShares")[0]
    assert requested["tagFilters"] == [{"tagKey": "stagegate:resource-type", "tagValues": ["model-card"]}]
    assert (requested["resourceOwner"], requested["resourceShareStatus"]) == ("SELF", "ACTIVE")


def test_no_share_is_no_question_about_accounts() -> None:
    ram = Scripted("ram", GetResourceShares={"resourceShares": []})
    assert resource_shares.observe(ram.client, CARD_ARN, {}) == ObservedShares(shares=())
    assert ram.operations == ["GetResourceShares"]


@pytest.mark.parametrize(("tag", "shard"), [("7", 7), ("", 0), ("-1", 0), ("first", 0), ("²", 0)])
def test_a_tag_that_somebody_wrote_over_stops_no_run(tag: str, shard: int) -> None:
    ram = Scripted(
        "ram",
        GetResourceShares={"resourceShares": [listed("a", stage="dev", shard=tag)]},
        GetResourceShareAssociations=a_page(),
        ListResourceSharePermissions=given(CARD_PERMISSION),
    )
    observed = resource_shares.observe(ram.client, CARD_ARN, {})
    assert observed.shares is not None
    assert [share.shard for share in observed.shares] == [shard]


class TestAShareWithoutOurTag:
    grant = a_grant("dev", DEV)
    held: ClassVar = {share_arn("dev-0"): "ASSOCIATED"}

    def look(self, *answers: Any) -> tuple[ObservedShares, Scripted]:
        ram = Scripted(
            "ram",
            GetResourceShares=[{"resourceShares": []}, *answers],
            GetResourceShareAssociations=a_page(association("dev-0", "ASSOCIATED", DEV)),
            ListResourceSharePermissions=given(CARD_PERMISSION),
        )
        return resource_shares.observe(ram.client, CARD_ARN, self.held, grants=[self.grant]), ram

    def test_is_ours_by_the_record_and_lacks_its_tags(self) -> None:
        observed, ram = self.look({"resourceShares": [listed("dev-0", shard="1")]})
        assert observed.shares is not None
        (share,) = observed.shares
        assert (share.stage, share.permission, share.shard) == ("dev", CARD_PERMISSION, 1)
        assert dict(share.lacks) == {
            "stagegate:resource-type": "model-card",
            "stagegate:stage": "dev",
            "stagegate:permission": CARD_PERMISSION,
        }
        assert ram.of("GetResourceShares")[1]["resourceShareArns"] == [share_arn("dev-0")]

    @pytest.mark.parametrize("answer", [refusal("UnknownResourceException"), {"resourceShares": []}])
    def test_that_is_gone_is_none(self, answer: Any) -> None:
        assert self.look(answer)[0].shares == ()


def test_a_tag_that_says_another_stage_than_the_record_is_wrong() -> None:
    ram = Scripted(
        "ram",
        GetResourceShares={"resourceShares": [listed("dev-0", stage="prod", permission=CARD_PERMISSION, shard="0")]},
        GetResourceShareAssociations=a_page(association("dev-0", "ASSOCIATED", DEV)),
        ListResourceSharePermissions=given(CARD_EXPORT_PERMISSION),
    )
    held = {share_arn("dev-0"): "ASSOCIATED"}
    (share,) = resource_shares.observe(ram.client, CARD_ARN, held, grants=[a_grant("dev", DEV)]).shares or ()
    assert (share.stage, share.gives) == ("dev", (CARD_EXPORT_PERMISSION,))
    assert ("stagegate:stage", "dev") in share.lacks


def test_a_denied_look_is_not_an_empty_one() -> None:
    ram = Scripted("ram", GetResourceShareAssociations=refusal("OperationNotPermittedException"))
    with pytest.raises(RefusedError, match=f"read the shares of {CARD_ARN}"):
        resource_shares.associations(ram.client, CARD_ARN)
