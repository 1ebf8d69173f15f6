"""ECR's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

import hashlib
import json

from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends

from sandbox.kernel.wire.errors import aws_error


class EcrBackend(ECRBackend):
    """The repositories of one account and Region."""

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Image:
        """As moto, but an image's digest is that of its manifest's bytes, and its layers count as uploaded."""
        repository = self.repository(repository_name)
        actual = f"sha256:{hashlib.sha256(image_manifest.encode()).hexdigest()}"
        if digest not in (None, actual):
            problem = f"The image digest {digest} is not that of the manifest, {actual}."
            raise aws_error("ImageDigestDoesNotMatchException", problem)
        try:
            layers = json.loads(image_manifest).get("layers", [])
        except (ValueError, AttributeError) as error:
            raise aws_error("InvalidParameterException", "imageManifest is not a JSON object.") from error
        image = super().put_image(repository_name, image_manifest, image_tag, image_manifest_mediatype, actual)
        repository.layers |= {layer["digest"]: layer.get("size", 0) for layer in layers}
        return image

    def repository(self, name: str) -> Repository:
        """The repository of that name in this registry, or ECR's error."""
        return self._get_repository(name)


def find_digest(account: str, region: str, repository: str, tag: str) -> str | None:
    """The digest of the image that has `tag` now; None where there is no such repository or image."""
    found = ecr_backends[account][region].repositories.get(repository)
    images = found.images if found else []
    return next((image.image_digest for image in images if tag in image.image_tags), None)
