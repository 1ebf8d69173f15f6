"""The steps of the state machines: plan, verify, record and notify; sweeps, imports, and recording approvals."""
