"""What a stage needs in its own account, a module for each kind of thing that the rules open."""
