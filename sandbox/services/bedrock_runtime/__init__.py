"""Bedrock's runtime: every model gives the same answer; what matters is who gets one."""
