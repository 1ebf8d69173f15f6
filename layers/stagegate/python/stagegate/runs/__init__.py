"""The steps of the state machines: plan, verify, record, notify."""
