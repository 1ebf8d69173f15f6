"""Imports of model packages into Amazon Bedrock."""
