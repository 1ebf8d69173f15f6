"""CloudWatch Logs, as moto brings it: what the embedded services write there."""
