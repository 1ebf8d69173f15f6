"""Every order in which the AWS calls of several writers of one bucket policy can follow each other, on the real code.

The product's own `PolicyWriter` runs, with its ledger, its renderer and real boto3 clients; only what is behind the
clients is a value (`aws.Aws`) that is copied at each call. What a writer does next depends on the answers it has had
and on nothing else, so a writer is its answers (`writers`), a moment is all writers and AWS (`moments`), and every
moment that can be reached is looked at once (`explore`).
"""
