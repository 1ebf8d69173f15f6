"""Where moto finds SageMaker's backend: it looks for the `urls` beside this module, by this module's name."""

from __future__ import annotations

from sandbox.services.sagemaker.store.backend import SageMakerBackend


class ServedBackend(SageMakerBackend):
    """The same, with addresses."""
