// Answers a batch of requests with a policy simulator that isn't ours.
//
//   node simulate.cjs <folder with node_modules> < batch > answers
//
// batch: {"policies": {name: document}, "cases": [{principal, action, resource, account, context, identity: [name],
// resource_policy: name or null, boundary, session, scps: [name]}]}; answers: one for each case, "Allowed",
// "ImplicitlyDenied" or "ExplicitlyDenied", or "error: ..." for what the simulator refuses to judge.
// It fills in no context of its own: aws:PrincipalArn and aws:ResourceAccount have to be among the `context`.
const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')

const { runSimulation } = createRequire(process.argv[2] + '/')('@cloud-copilot/iam-simulate')
const { policies, cases } = JSON.parse(readFileSync(0, 'utf8'))
const named = (name) => ({ name, policy: policies[name] })

async function answer(asked) {
  const simulation = {
    request: {
      principal: asked.principal,
      action: asked.action,
      resource: { resource: asked.resource, accountId: asked.account },
      contextVariables: asked.context
    },
    identityPolicies: asked.identity.map(named),
    resourcePolicy: asked.resource_policy === null ? undefined : policies[asked.resource_policy],
    permissionBoundaryPolicies: asked.boundary === null ? undefined : [named(asked.boundary)],
    sessionPolicy: asked.session === null ? undefined : policies[asked.session],
    serviceControlPolicies: asked.scps.length ? [{ orgIdentifier: 'level', policies: asked.scps.map(named) }] : [],
    resourceControlPolicies: []
  }
  const found = await runSimulation(simulation, { simulationMode: 'Strict' })
  if (found.resultType === 'error') return 'error: ' + JSON.stringify(found.errors)
  const ignored = found.result?.ignoredContextKeys ?? []
  if (ignored.length) return 'error: no such context for this action: ' + ignored.join(', ')
  return found.overallResult
}

async function main() {
  const answers = []
  for (const asked of cases) answers.push(await answer(asked))
  process.stdout.write(JSON.stringify(answers))
}

main()
