"""The rules as they are for one model, or once Stagegate is withdrawn: they open less than the file says."""
