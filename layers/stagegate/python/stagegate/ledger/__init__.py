"""What has been decided and done, in one DynamoDB table. Each module declares the PERMISSIONS that its calls need.

| partition | sort key | item |
|---|---|---|
| `SUBJECT#<arn>` | `CLAIM` | subject, holder, expires, began, wanted, done (written by the state machine itself) |
| `SUBJECT#<arn>` | `VIEW` | what was last recorded: grants, outcome, findings, the digest of the last message |
| `SUBJECT#<arn>` | `WRITTEN#<target>` | that a run has begun to write the target for it: `digest`, once it stands |
| `SUBJECT#<arn>` | `FAILED#<target>` | why an import has failed, on which approval |
| `APPROVALS#<arn>` | `RECORD#<time>#<id>` | an audit record: who set which status, or edited the content |
| `APPROVALS#<arn>` | `QUESTION#<time>#<id>` | what the approvers were asked about |
| `APPROVALS#<arn>` | `TAG#<time>#<id>` | who has set a tag of a card that decides whom it is for, or taken it off |
| `APPROVALS#<arn>` | `CURRENT` | what counts now: all of these, and the digest of the last |
| `HISTORY#<arn>` | `<time>#<execution>#<round>` | what one run did |
| `ENDED#<arn>` | `<time>#<execution>` | how one import of a package ended |
| `CHAIN#<arn>` | `HEAD` | the number and the digest of the last of these two lists' entries, which are one chain |
| `TARGET#<target>` | `LEASE` | the right to write the target |
| `PUBLIC#<region>` | `<model>` | the version of a public model that was last seen, and what filters ask of it |
| `TARGET#<target>` | `DESIRED#<arn>` | what a subject desires on the target (attribute `desired`) |
| `QUEUE#<account>/<region>` | `SLOT` | whose turn it is to import there |
| `QUEUE#<account>/<region>` | `TICKET#<target>` | who waits for it, since when |
| `IMPORTED#<account>/<region>/<group>` | `<version>` | a version that is imported there |
| `SWEEP#<id>` | `PAGE#<number>` | what a sweep has found on one page of subjects, where it has found anything |

Every subject that a run was ever about has a claim, and nothing else has a `subject`: the index `subjects` on that
attribute is the directory of them all.
"""
