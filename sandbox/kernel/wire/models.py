"""botocore's models of the services, which take long to read: once for everybody in this process."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.model import ServiceModel


@cache
def session() -> botocore.session.Session:
    """The one botocore session."""
    return botocore.session.get_session()


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service by botocore's name; botocore's UnknownServiceError if there is none."""
    return session().get_service_model(service)
