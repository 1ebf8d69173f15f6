"""What the approvers of a card are asked."""
