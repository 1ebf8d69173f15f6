"""IAM: moto's, with the policy simulator, which answers with the sandbox's own evaluator."""
