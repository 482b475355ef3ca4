import { assert, type Claims, claims } from '../support/suite.ts'
import { type DrivenScenario, drivenScenarios } from './driven/driven-scenarios.ts'
import { drivenVariants } from './driven/driven-variants.ts'
import { exploreDriven } from './driven/explore-driven.ts'

const names = Object.keys(drivenScenarios) as DrivenScenario[]
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const holds = async (name: DrivenScenario): Promise<void> => {
  const bounds = drivenScenarios[name]
  const { broken, way, states, runs } = await exploreDriven(bounds, {}, 'any')
  say(`${name}: ${states} states in ${runs} runs`)
  assert.is(broken, '', `${broken}\n  ${way.join('\n  ')}`)
  assert.ok(states > bounds.least, `only ${states} states: the scenario does nothing`)
}

const isSeen = async (name: string): Promise<void> => {
  const variant = drivenVariants[name]
  assert.ok(variant)
  if (!variant) return
  const bounds = drivenScenarios[variant.of]
  const budget = { ...bounds.budget, ...variant.budget }
  const found = await exploreDriven({ ...bounds, budget }, variant.build, 'fewest turns')
  say(`${name}: ${found.broken}\n  ${found.way.join('\n  ')}`)
  assert.is.not(found.broken, '', `${found.states} states, and nothing is broken`)
}

const green: Claims = Object.fromEntries(
  names.map((name) => [`every order of ${name} keeps every promise`, () => holds(name)]),
)

const red: Claims = Object.fromEntries(
  Object.keys(drivenVariants).map((name) => [`is red: ${name}`, () => isSeen(name)]),
)

claims('the commands, the publisher and the relay, by every order of their calls', green)
claims('the same with one part replaced', red)
