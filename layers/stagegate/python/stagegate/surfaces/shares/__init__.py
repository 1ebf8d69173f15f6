"""AWS RAM resource shares."""
