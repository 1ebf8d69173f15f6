"""AWS's evaluation logic: policy documents, what they name, and the decision. Pure: it looks nothing up."""
