"""The public hub, denied: its listing and contents, and the buckets that its models lie in, in every Region.

Notebooks and EULA files lie in the same bucket. The published policy means to leave them open by `s3:prefix`, which
only lists have: it denies every object all the same, and opens odd lists (docs/corrections.md). No condition knows an
object's key, and a NotResource would deny all other buckets. So all of the bucket is denied; a EULA is read through
`CreateHubContentPresignedUrls` of the private hub.
"""

from stagegate.subjects.guardrails.denials.model import Denial

HUB = "SageMakerPublicHub"


def denials(partition: str) -> tuple[Denial, ...]:
    """Return what keeps a role from the public hub, and leaves private ones as they are."""
    home = f"arn:{partition}:sagemaker:*:aws"
    buckets = [f"arn:{partition}:s3:::jumpstart-{kind}-prod-*" for kind in ("cache", "private-cache")]
    return (
        Denial(
            sid="StagegatePublicHub",
            actions=("sagemaker:*",),
            resources=(f"{home}:hub-content/{HUB}/*", f"{home}:hub/{HUB}"),
        ),
        Denial(sid="StagegatePublicModels", actions=("s3:Get*", "s3:List*"), resources=tuple(buckets)),
    )
