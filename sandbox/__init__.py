"""An embedded AWS organization: the real templates, state machines and handlers here, every call authorized."""
