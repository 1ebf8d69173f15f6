"""What would be: what the approvers of a package are asked, and what another rule would change for it."""
