import { assert, type Claims, claims } from '../support/suite.ts'
import { explore } from './explore.ts'
import { designed, type ScenarioName, scenarios, switches } from './model-rules.ts'

const scenarioNames = Object.keys(scenarios) as ScenarioName[]

const holds = (name: ScenarioName): void => {
  const { broken, way, states } = explore(scenarios[name], designed)
  assert.is(broken, null, `${broken}\n  ${way.join('\n  ')}`)
  assert.ok(states > 1_000, `only ${states} states: the scenario does nothing`)
}

const isSeen = (name: string): void => {
  const broken = switches[name]
  assert.ok(broken)
  if (!broken) return
  const found = explore(scenarios[broken.of], { ...designed, ...broken.rules })
  assert.is.not(found.broken, null, `${found.states} states, and nothing is broken`)
}

const green: Claims = Object.fromEntries(
  scenarioNames.map((name) => [`every order of ${name} keeps every promise`, () => holds(name)]),
)

const red: Claims = Object.fromEntries(
  Object.keys(switches).map((name) => [`is red: ${name}`, () => isSeen(name)]),
)

claims('the decision path, by every order of its steps', green)
claims('the model of the decision path', red)
