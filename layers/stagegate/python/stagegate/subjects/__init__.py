"""What a run is about: one room for each kind."""
