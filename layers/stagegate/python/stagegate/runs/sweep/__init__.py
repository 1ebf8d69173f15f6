"""The steps of the state machine that looks at everything."""
