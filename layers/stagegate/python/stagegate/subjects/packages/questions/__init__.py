"""What the approvers of a package are asked."""
