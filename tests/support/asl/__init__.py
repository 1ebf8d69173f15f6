"""Checks of state machine definitions that neither CloudFormation nor cfn-lint nor asl-validator makes."""
