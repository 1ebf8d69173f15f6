"""What a plan is, whatever its subject: changes, grants, outcomes, messages. It touches nothing."""
