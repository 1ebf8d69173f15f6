"""Who approved what, from CloudTrail's records."""
