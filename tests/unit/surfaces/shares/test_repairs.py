"""What somebody has changed of a share of ours by hand is put back, and is in nobody's way."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.surfaces.shares.changes import CARD_EXPORT_PERMISSION, CARD_PERMISSION, CloseShare
from stagegate.surfaces.shares.repairs import LimitShare, MarkShare, limits, marks
from stagegate.surfaces.shares.write import close_share
from stagegate.surfaces.shares.write_repairs import limit_share
from tests.support.builders import CARD_ARN, DEV, a_share, share_arn
from tests.support.scripted import Scripted, refusal

TAGS = (("stagegate:resource-type", "model-card"),)
SHARE = a_share("dev", DEV)
CLOSE = CloseShare(stage="dev", share_arn=SHARE.arn, subject_arn=CARD_ARN, lacks=TAGS)
LIMIT = LimitShare(stage="dev", share_arn=SHARE.arn, permission=CARD_PERMISSION, found=(CARD_EXPORT_PERMISSION,))


def given(name: str) -> dict[str, Any]:
    return {"permissions": [{"name": name, "resourceType": "sagemaker:ModelCard"}]}


def test_a_share_that_gives_something_else_is_limited_again() -> None:
    assert limits([SHARE, replace(SHARE, gives=(CARD_PERMISSION,))]) == ()
    assert limits([replace(SHARE, gives=(CARD_EXPORT_PERMISSION,))]) == (LIMIT,)
    assert limits([replace(SHARE, gives=())]) == (replace(LIMIT, found=()),)


def test_a_share_without_our_tags_gets_them_unless_it_gets_them_anyway() -> None:
    lacking = replace(SHARE, lacks=TAGS)
    assert marks([SHARE, lacking], []) == (MarkShare(stage="dev", share_arn=SHARE.arn, tags=TAGS),)
    assert marks([lacking], [CLOSE]) == ()


def test_a_share_that_lacks_tags_gets_them_before_it_closes() -> None:
    ram = Scripted(
        "ram",
        TagResource={},
        DisassociateResourceShare={},
        GetResourceShareAssociations={"resourceShareAssociations": []},
    )
    close_share(ram.client, CLOSE, token="run#0")
    assert ram.operations == ["TagResource", "DisassociateResourceShare", "GetResourceShareAssociations"]
    assert ram.of("TagResource") == [
        {
            "resourceShareArn": share_arn("dev-0"),
            "tags": [{"key": "stagegate:resource-type", "value": "model-card"}],
        }
    ]


@pytest.mark.parametrize(("lacks", "error"), [(TAGS, NotSettledError), ((), RefusedError)])
def test_a_denial_passes_where_a_tag_was_just_put_back(lacks: Any, error: type[Exception]) -> None:
    ram = Scripted("ram", TagResource={}, DisassociateResourceShare=refusal("AccessDeniedException"))
    with pytest.raises(error):
        close_share(ram.client, replace(CLOSE, lacks=lacks), token="run#0")


def test_a_permission_is_replaced_and_read_back() -> None:
    ram = Scripted("ram", AssociateResourceSharePermission={}, ListResourceSharePermissions=given(CARD_PERMISSION))
    limit_share(ram.client, LIMIT, CARD_ARN, token="run#0")
    (request,) = ram.of("AssociateResourceSharePermission")
    assert request["replace"] is True
    assert request["permissionArn"] == f"arn:aws:ram::aws:permission/{CARD_PERMISSION}"


def test_a_permission_that_stays_is_waited_for() -> None:
    ram = Scripted(
        "ram", AssociateResourceSharePermission={}, ListResourceSharePermissions=given(CARD_EXPORT_PERMISSION)
    )
    with pytest.raises(NotSettledError, match=CARD_EXPORT_PERMISSION):
        limit_share(ram.client, LIMIT, CARD_ARN, token="run#0")
