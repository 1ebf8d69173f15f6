"""AWS::CloudWatch::Dashboard."""

from __future__ import annotations

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register


def _create(slot: Slot, properties: Properties) -> Made:
    name = slot.name(properties, "DashboardName", 255)
    slot.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=properties["DashboardBody"])
    return Made(name, {})


def _update(slot: Slot, made: Made, old: Properties, new: Properties) -> Made:
    if slot.name(old, "DashboardName", 255) != slot.name(new, "DashboardName", 255):
        _delete(slot, made, old)
    return _create(slot, new)


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    slot.client("cloudwatch").delete_dashboards(DashboardNames=[made.ref])


register("AWS::CloudWatch::Dashboard", "DashboardName DashboardBody", _create, _delete, _update)
