"""Where a change goes: one room for each kind of AWS thing that opens or closes access."""
