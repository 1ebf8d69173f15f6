"""Approvals of packages on SageMaker's own word."""
