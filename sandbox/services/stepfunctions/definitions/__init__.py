"""What a state machine may say: its states, its expressions, the calls of its tasks."""
