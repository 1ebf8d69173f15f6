"""Opening and closing a share: what RAM is asked, and what is made of its answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import NotSettledError, RefusedError, ThrottledError
from stagegate.surfaces.shares.changes import CARD_PERMISSION, CloseShare, OpenShare, RemoveShare
from stagegate.surfaces.shares.write import SETTLE_SECONDS, close_share, open_share, remove_share
from tests.support.builders import CARD_ARN, DEV, TEST, share_arn
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal

FIRST, SECOND, MADE = share_arn("dev-0"), share_arn("dev-1"), share_arn("made")
INTO_FIRST = OpenShare(
    subject_arn=CARD_ARN, stage="dev", accounts=(DEV,), permission=CARD_PERMISSION, external=False, share_arns=(FIRST,)
)
NO_SHARE = replace(INTO_FIRST, share_arns=())
OUT_OF_FIRST = CloseShare(stage="dev", share_arn=FIRST, subject_arn=CARD_ARN)
FULL = refusal("ResourceShareLimitExceededException")
GONE = refusal("UnknownResourceException")
BUSY = refusal("InvalidStateTransitionException")


def associations(share: str, status: str = "ASSOCIATED", *accounts: str) -> Answer:
    """What RAM says of who is in a share: the card, or the accounts."""

    def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
        entities = accounts if request["associationType"] == "PRINCIPAL" else [CARD_ARN]
        return {
            "resourceShareAssociations": [
                {"resourceShareArn": share, "associatedEntity": entity, "status": status} for entity in entities
            ]
        }

    return answer


def made(share: str = MADE, status: str = "ACTIVE") -> Answer:
    return {"resourceShare": {"resourceShareArn": share, "status": status}}


def opened(ram: Scripted, change: OpenShare, token: str = "run#0", members: ScriptedMembers | None = None) -> str:
    way_in = (members or ScriptedMembers()).way_in()
    return open_share(ram.client, change, prefix="stagegate", token=token, members=way_in)


class TestOpening:
    def test_puts_the_card_into_the_stages_share(self) -> None:
        ram = Scripted("ram", AssociateResourceShare={}, GetResourceShareAssociations=associations(FIRST))
        assert opened(ram, INTO_FIRST) == FIRST
        (request,) = ram.of("AssociateResourceShare")
        assert (request["resourceShareArn"], request["resourceArns"]) == (FIRST, [CARD_ARN])
        assert "principals" not in request

    def test_makes_a_share_with_its_accounts_and_its_permission(self) -> None:
        ram = Scripted(
            "ram",
            CreateResourceShare=made(),
            AssociateResourceShare={},
            GetResourceShareAssociations=associations(MADE, "ASSOCIATED", DEV),
        )
        assert opened(ram, NO_SHARE) == MADE
        (request,) = ram.of("CreateResourceShare")
        assert request.pop("clientToken")
        assert request == {
            "name": "stagegate-dev-model-cards-0",
            "principals": [DEV],
            "permissionArns": [f"arn:aws:ram::aws:permission/{CARD_PERMISSION}"],
            "allowExternalPrincipals": False,
            "tags": [
                {"key": "stagegate:resource-type", "value": "model-card"},
                {"key": "stagegate:stage", "value": "dev"},
                {"key": "stagegate:permission", "value": CARD_PERMISSION},
                {"key": "stagegate:shard", "value": "0"},
            ],
        }

    @pytest.mark.parametrize("refused", [FULL, GONE])
    def test_tries_the_next_share_where_one_is_full_or_gone(self, refused: Exception) -> None:
        ram = Scripted("ram", AssociateResourceShare=[refused, {}], GetResourceShareAssociations=associations(SECOND))
        assert opened(ram, replace(INTO_FIRST, share_arns=(FIRST, SECOND))) == SECOND
        assert "CreateResourceShare" not in ram.operations

    def test_makes_a_further_share_where_all_are_full(self) -> None:
        ram = Scripted(
            "ram",
            AssociateResourceShare=[FULL, FULL, {}],
            CreateResourceShare=made(),
            GetResourceShareAssociations=associations(MADE, "ASSOCIATED", DEV),
        )
        assert opened(ram, replace(INTO_FIRST, share_arns=(FIRST, SECOND))) == MADE
        (request,) = ram.of("CreateResourceShare")
        assert request["name"] == "stagegate-dev-model-cards-2"
        assert {"key": "stagegate:shard", "value": "2"} in request["tags"]

    def test_gives_up_where_a_new_share_is_full(self) -> None:
        ram = Scripted("ram", AssociateResourceShare=FULL, CreateResourceShare=made())
        with pytest.raises(RefusedError, match="quota is used up"):
            opened(ram, NO_SHARE)
        assert ram.operations.count("CreateResourceShare") == 1

    @pytest.mark.parametrize(
        ("creations", "puts"),
        [
            pytest.param([made(FIRST, "DELETED"), made()], [{}], id="RAM answers with a share that it says is gone"),
            pytest.param([made(FIRST), made()], [GONE, {}], id="RAM repeats an answer of before the share was deleted"),
        ],
    )
    def test_makes_another_share_where_ram_remembers_one_that_is_gone(
        self, creations: list[Answer], puts: list[Answer]
    ) -> None:
        ram = Scripted(
            "ram",
            CreateResourceShare=creations,
            AssociateResourceShare=puts,
            GetResourceShareAssociations=associations(MADE, "ASSOCIATED", DEV),
        )
        assert opened(ram, NO_SHARE) == MADE
        one, other = ram.of("CreateResourceShare")
        assert one.pop("clientToken") != other.pop("clientToken")
        assert one == other

    def test_gives_up_where_ram_has_only_shares_that_are_gone(self) -> None:
        with pytest.raises(RefusedError, match="shares that are gone"):
            opened(Scripted("ram", CreateResourceShare=made(status="DELETING")), NO_SHARE)

    def test_two_runs_at_once_make_one_share(self) -> None:
        """They send the same token, but each puts the card in with a token of its own."""
        sent = []
        for token in ("one#0", "other#0"):
            ram = Scripted(
                "ram",
                CreateResourceShare=made(),
                AssociateResourceShare={},
                GetResourceShareAssociations=associations(MADE, "ASSOCIATED", DEV),
            )
            opened(ram, NO_SHARE, token)
            sent.append((ram.of("CreateResourceShare"), ram.of("AssociateResourceShare")))
        assert sent[0][0] == sent[1][0]
        assert sent[0][1] != sent[1][1]

    @pytest.mark.parametrize(
        ("error", "expected"),
        [(BUSY, NotSettledError), (refusal("ThrottlingException"), ThrottledError), (refusal("X"), RefusedError)],
    )
    def test_says_whether_trying_again_can_help(self, error: Exception, expected: type[Exception]) -> None:
        with pytest.raises(expected):
            opened(Scripted("ram", AssociateResourceShare=error), INTO_FIRST)


class TestRemoving:
    """A share of ours goes when nothing is in it."""

    CHANGE = RemoveShare(stage="dev", share_arn=MADE)

    def removed(self, *holding: Answer, deleted: Answer | None = None) -> Scripted:
        ram = Scripted(
            "ram", GetResourceShareAssociations=list(holding), DeleteResourceShare=deleted or {"returnValue": True}
        )
        remove_share(ram.client, self.CHANGE, token="run#0")
        return ram

    def test_one_that_is_empty_or_gone_is_deleted(self) -> None:
        for deleted in (None, refusal("UnknownResourceException")):
            ram = self.removed(associations(MADE, "DISASSOCIATED"), deleted=deleted)
            (request,) = ram.of("DeleteResourceShare")
            assert request["resourceShareArn"] == MADE

    @pytest.mark.parametrize("status", ["ASSOCIATED", "ASSOCIATING"])
    def test_one_with_something_in_it_stays(self, status: str) -> None:
        with pytest.raises(NotSettledError, match="something is in it"):
            self.removed(associations(MADE, status))


class TestMissingAccounts:
    change = replace(INTO_FIRST, accounts=(DEV, TEST), missing_principals=(TEST,))

    def test_are_added_and_waited_for(self, slept: list[float]) -> None:
        arrived = associations(FIRST, "ASSOCIATED", DEV, TEST)
        ram = Scripted(
            "ram",
            AssociateResourceShare={},
            GetResourceShareAssociations=[arrived, associations(FIRST, "ASSOCIATED", DEV), arrived],
        )
        assert opened(ram, self.change) == FIRST
        assert [request.get("principals") for request in ram.of("AssociateResourceShare")] == [None, [TEST]]
        assert len(slept) == 1

    def test_are_not_added_to_a_new_share_which_has_them(self) -> None:
        ram = Scripted(
            "ram",
            AssociateResourceShare=[FULL, {}],
            CreateResourceShare=made(),
            GetResourceShareAssociations=associations(MADE, "ASSOCIATED", DEV, TEST),
        )
        assert opened(ram, self.change) == MADE
        assert all("principals" not in request for request in ram.of("AssociateResourceShare"))

    def test_are_tried_again_while_ram_is_taking_them_out(self) -> None:
        with pytest.raises(NotSettledError, match="still taking out"):
            opened(Scripted("ram", AssociateResourceShare=[{}, BUSY]), self.change)


class TestSettling:
    def test_waits_until_ram_says_that_the_card_is_there(self, slept: list[float]) -> None:
        ram = Scripted(
            "ram",
            AssociateResourceShare={},
            GetResourceShareAssociations=[
                {"resourceShareAssociations": []},
                associations(FIRST, "ASSOCIATING"),
                associations(FIRST),
            ],
        )
        opened(ram, INTO_FIRST)
        assert len(slept) == 2

    @pytest.mark.parametrize("status", ["ASSOCIATING", "FAILED"])
    def test_gives_up_after_a_while(self, slept: list[float], status: str) -> None:
        ram = Scripted("ram", AssociateResourceShare={}, GetResourceShareAssociations=associations(FIRST, status))
        with pytest.raises(NotSettledError, match=f"put {CARD_ARN} into {FIRST}: RAM hasn't finished"):
            opened(ram, INTO_FIRST)
        assert SETTLE_SECONDS <= sum(slept) < SETTLE_SECONDS + 3


class TestOutsideAnOrganization:
    change = replace(INTO_FIRST, external=True)

    def test_the_pending_invitation_of_the_share_is_accepted_in_the_account(self) -> None:
        def invitation(name: str, status: str) -> dict[str, str]:
            return {"resourceShareInvitationArn": f"arn:invitation/{name}", "status": status}

        member = Scripted(
            "ram",
            GetResourceShareInvitations={
                "resourceShareInvitations": [invitation("old", "EXPIRED"), invitation("new", "PENDING")]
            },
            AcceptResourceShareInvitation={},
        )
        members = ScriptedMembers(member)
        ram = Scripted(
            "ram",
            AssociateResourceShare={},
            GetResourceShareAssociations=associations(FIRST, "ASSOCIATED", DEV),
        )
        opened(ram, self.change, members=members)
        (requested,) = member.of("GetResourceShareInvitations")
        assert requested["resourceShareArns"] == [FIRST]
        (accepted,) = member.of("AcceptResourceShareInvitation")
        assert accepted["resourceShareInvitationArn"] == "arn:invitation/new"
        ((account, policy),) = members.entered
        assert account == DEV
        assert policy["Statement"][0]["Action"] == [
            "ram:AcceptResourceShareInvitation",
            "ram:GetResourceShareInvitations",
        ]

    def test_nobody_is_entered_inside_one(self) -> None:
        members = ScriptedMembers()
        ram = Scripted("ram", AssociateResourceShare={}, GetResourceShareAssociations=associations(FIRST))
        opened(ram, INTO_FIRST, members=members)
        assert members.entered == []


class TestClosing:
    def test_takes_the_card_out_and_waits_for_it(self, slept: list[float]) -> None:
        ram = Scripted(
            "ram",
            DisassociateResourceShare={},
            GetResourceShareAssociations=[
                associations(FIRST),
                associations(FIRST, "DISASSOCIATING"),
                associations(FIRST, "DISASSOCIATED"),
            ],
        )
        close_share(ram.client, OUT_OF_FIRST, token="run#0")
        (request,) = ram.of("DisassociateResourceShare")
        assert (request["resourceArns"], "principals" in request, len(slept)) == ([CARD_ARN], False, 2)

    def test_takes_strangers_out_and_nobody_else(self) -> None:
        ram = Scripted(
            "ram", DisassociateResourceShare={}, GetResourceShareAssociations=associations(FIRST, "ASSOCIATED", DEV)
        )
        close_share(ram.client, replace(OUT_OF_FIRST, subject_arn=None, principals=(TEST,)), token="run#0")
        (request,) = ram.of("DisassociateResourceShare")
        assert (request["principals"], "resourceArns" in request) == ([TEST], False)

    def test_is_done_where_the_share_is_gone(self) -> None:
        ram = Scripted(
            "ram",
            DisassociateResourceShare=GONE,
            GetResourceShareAssociations={"resourceShareAssociations": []},
        )
        close_share(ram.client, OUT_OF_FIRST, token="run#0")
        assert ram.operations == ["DisassociateResourceShare", "GetResourceShareAssociations"]

    def test_is_tried_again_while_ram_is_still_opening(self) -> None:
        with pytest.raises(NotSettledError, match="still opening"):
            close_share(Scripted("ram", DisassociateResourceShare=BUSY).client, OUT_OF_FIRST, token="run#0")

    def test_is_not_said_to_be_done_before_it_is(self) -> None:
        ram = Scripted(
            "ram",
            DisassociateResourceShare={},
            GetResourceShareAssociations=associations(FIRST, "DISASSOCIATING"),
        )
        with pytest.raises(NotSettledError, match=r"take .* out"):
            close_share(ram.client, OUT_OF_FIRST, token="run#0")

    def test_every_run_closes_anew(self) -> None:
        """RAM would answer a token that it knows with an old answer, and close nothing."""
        tokens: set[str] = set()
        for token in ("one#0", "one#1", "other#0"):
            ram = Scripted(
                "ram",
                DisassociateResourceShare={},
                GetResourceShareAssociations={"resourceShareAssociations": []},
            )
            close_share(ram.client, OUT_OF_FIRST, token=token)
            tokens.update(request["clientToken"] for request in ram.of("DisassociateResourceShare"))
        assert len(tokens) == 3
