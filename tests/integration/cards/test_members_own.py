"""A member's own cards and packages are its own business: they cost no run, no mail and no place in the directory."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import REVIEWED
from tests.support.fixtures import SHIPPED


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SHIPPED, delays=Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.02)) as opened:
        yield opened


def known(organization: Organization) -> list[str]:
    """The subjects that anything is on record of."""
    dynamodb = organization.admin("dynamodb", "governance")
    pages = dynamodb.get_paginator("scan").paginate(TableName=organization.outputs["LedgerTable"])
    return sorted({item["pk"]["S"] for page in pages for item in page["Items"]})


def test_they_start_nothing_and_are_put_down_nowhere(organization: Organization) -> None:
    before = (known(organization), len(organization.executions()), len(organization.outbox))
    sagemaker = organization.admin("sagemaker", "dev")
    sagemaker.create_model_card(ModelCardName="own", Content=json.dumps(REVIEWED), ModelCardStatus="Draft")
    sagemaker.update_model_card(ModelCardName="own", ModelCardStatus="Approved")
    sagemaker.create_model_package_group(ModelPackageGroupName="own")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="own",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    assert organization.settle()
    assert (known(organization), len(organization.executions()), len(organization.outbox)) == before


@pytest.mark.parametrize("call", ["a status", "content"])
def test_what_a_member_writes_into_the_governance_accounts_cards_is_put_down(
    organization: Organization, call: str
) -> None:
    name = f"shared-{call.replace(' ', '-')}"
    organization.client("sagemaker", "governance").create_model_card(
        ModelCardName=name, Content=json.dumps(REVIEWED), ModelCardStatus="Draft"
    )
    assert organization.settle()
    arn = f"arn:aws:sagemaker:us-east-1:{organization.accounts['governance']}:model-card/{name}"
    organization.clock.next_second()
    change = (
        {"ModelCardStatus": "PendingReview"}
        if call == "a status"
        else {"Content": json.dumps({**REVIEWED, "evaluation_details": [{"name": "anew"}]})}
    )
    organization.client("sagemaker", "dev").update_model_card(ModelCardName=arn, **change)
    assert organization.settle()
    items = organization.admin("dynamodb", "governance").scan(TableName=organization.outputs["LedgerTable"])["Items"]
    by_dev = [
        item for item in items if item["pk"]["S"] == f"APPROVALS#{arn}" and organization.accounts["dev"] in str(item)
    ]
    assert any("ModelDeveloper" in str(item) for item in by_dev)
