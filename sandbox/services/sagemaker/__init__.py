"""SageMaker: model cards, model packages and their groups, hubs, models, endpoints, Studio domains.

The public hub is filled from `hubs/public_hub.json` when it is first looked at. What AWS does to it (a new
version, a new support status, a model that disappears) is `Organization.public_hub`'s to do; `public_hub.build` and
`catalogue.synthetic` make one of any size. Hubs settle after `delays.hub`, domains after `delays.studio`; `quotas`
says when a hub is full, and `sandbox.kernel.wire.throttling.throttles` which calls are too many.
"""
