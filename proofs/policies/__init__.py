"""Policy documents against what they should grant, over all requests. It shares no code with what writes policies, nor
with the sandbox's evaluator, as it judges both.

What is modelled: Effect, Principal and NotPrincipal, Action and NotAction, Resource and NotResource, and conditions
with the operators on strings, ARNs and Booleans, `Null`, `...IfExists`, `ForAnyValue` and `ForAllValues`; wildcards and
the escapes `${*}`, `${?}`, `${$}`; how closely a statement names its caller. Numbers, dates and networks are opaque:
two conditions are the same if they are written the same, so what rests on them is proven, and never refuted.

What isn't: policy variables other than the escapes, and principals that are federated or named by a canonical user id.
A document with one of them is "not proven". Requests without credentials: whatever "*" lets them do, it lets a
stranger's role do. A user's name is in its ARN, and a request of a session is one of its role.
"""
