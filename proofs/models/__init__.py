"""The protocols of claim and lease as models, which Spin checks in every order of events."""
