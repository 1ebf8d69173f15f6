"""The IAM policies that the roles of a stage need to use what is shared with them. It touches nothing."""
