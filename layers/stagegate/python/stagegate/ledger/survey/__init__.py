"""What the ledger says of all subjects, or of one, for people. No run reads here."""
