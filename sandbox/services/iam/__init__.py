"""IAM: moto's, with whose boundary a policy is, and the policy simulator, which answers by the sandbox's evaluator."""
