"""Amazon CloudWatch: alarms and logs."""
