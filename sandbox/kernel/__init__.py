"""What every embedded service stands on: time, identities, the call log, the wire."""
