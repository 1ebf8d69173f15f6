"""What the approvers of a card are asked, and what it says of its model."""
