"""Amazon SNS: the outbox, where published messages can be read."""
