"""The story of two teams that have one governance account, each with accounts, approvers and artifacts of its own."""
