"""The surface of imported models: an import job that makes one, and its end."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import NotSettledError
from stagegate.core.untrusted import reason
from stagegate.surfaces.imports import observe
from stagegate.surfaces.imports.observe import BedrockClient, Imported
from stagegate.targets.model_import import PACKAGE_TAG, ModelImport

DELETING = observe.PERMISSIONS | {"bedrock:DeleteImportedModel", "bedrock:TagResource"}
PERMISSIONS = DELETING | {
    "bedrock:CreateModelImportJob",
    "bedrock:GetModelImportJob",
    "bedrock:ListModelImportJobs",
    "iam:PassRole",
}


class NoRoomError(Exception):
    """The account has a running job, or all the models that it may have: Bedrock's message doesn't say which for
    sure.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An import job: InProgress, Completed with a model, or Failed with a message."""

    status: str
    failure: str = ""
    model_arn: str | None = None


def create_job(bedrock: BedrockClient, requested: ModelImport, package: str, execution: str, prefix: str) -> str:
    """Start the import and return the job's ARN. Repeated by the same run, it answers with the same job.

    Raises NoRoomError; NotSettledError while Bedrock doesn't take the role, which for some minutes after its making is
    as if it weren't there (IAM's "changes that I make are not always immediately visible"); RefusedError.
    """
    tags = requested.tags(package)
    with translated(f"import {requested.name}"):
        try:
            return str(
                bedrock.create_model_import_job(
                    jobName=requested.job_name(prefix, package, execution),
                    importedModelName=requested.name,
                    roleArn=requested.role_arn,
                    modelDataSource={"s3DataSource": {"s3Uri": str(requested.source)}},
                    jobTags=tags,
                    importedModelTags=tags,
                    clientRequestToken=requested.token(package, execution),
                    **({"importedModelKmsKeyId": requested.key} if requested.key else {}),
                )["jobArn"]
            )
        except ClientError as error:
            message = error.response.get("Error", {}).get("Message", "")
            if code_of(error) == "ServiceQuotaExceededException":
                raise NoRoomError(message) from error
            if code_of(error) == "ValidationException" and "role" in message.lower():
                raise NotSettledError(f"import {requested.name}: {reason(message)}") from error
            raise


def job(bedrock: BedrockClient, arn: str) -> Job:
    """Return a job as it stands. Raises RefusedError."""
    with translated(f"look at {arn}"):
        found = bedrock.get_model_import_job(jobIdentifier=arn)
    return Job(status=found["status"], failure=found.get("failureMessage", ""), model_arn=found.get("importedModelArn"))


def put_tags(bedrock: BedrockClient, found: Imported, tags: list[dict[str, str]]) -> None:
    """Put tags of ours on a model. Doing it again changes nothing. Raises RefusedError for a model that carries
    another's.
    """
    with translated(f"tag the model {found.name}"):
        bedrock.tag_resource(resourceARN=found.arn, tags=tags)


def delete_model(bedrock: BedrockClient, name: str, package: str, known: str) -> None:
    """Delete the model of that name if it is the package's, by its tag, or by its ARN where that is `known` (else "").
    One that is gone is no error. One that has lost the tag gets it back first: we may delete no other.

    Raises RefusedError, and NotSettledError where a tag that was put back doesn't count yet.
    """
    found = observe.model(bedrock, name)
    if found is None or not found.is_of(package, known):
        return
    if is_marked_anew := not found.package:
        put_tags(bedrock, found, [{"key": PACKAGE_TAG, "value": package}])
    with translated(f"delete the model {name}"):
        try:
            bedrock.delete_imported_model(modelIdentifier=found.arn)
        except ClientError as error:
            if is_marked_anew and code_of(error) == "AccessDeniedException":
                raise NotSettledError(f"{name}: the tag that was put back doesn't count yet") from error
            if code_of(error) != "ResourceNotFoundException":
                raise
