import { brokenIn } from './checks.ts'
import type { Rules, Scenario } from './model-rules.ts'
import type { State } from './model-state.ts'
import { keyOf } from './state-key.ts'
import { firstState, stepsFrom } from './steps.ts'

type Trail = Readonly<{ label: string; before: Trail | null }>
type Met = Readonly<{ state: State; trail: Trail | null }>

export type Explored = Readonly<{
  states: number
  /** The first promise that is broken, by the shortest way there is; `null` = none. */
  broken: string | null
  way: readonly string[]
}>

const wayOf = (trail: Trail | null): readonly string[] =>
  trail === null ? [] : [...wayOf(trail.before), trail.label]

/**
 * Breadth first over every order of the atomic steps, each state once, until there are no more or
 * one breaks a promise. @throws Error above `statesMax`: then nothing is proven.
 */
export const explore = (bounds: Scenario, rules: Rules, statesMax = 700_000): Explored => {
  const first = firstState(bounds)
  const seen = new Set([keyOf(first, rules)])
  let frontier: Met[] = [{ state: first, trail: null }]
  while (frontier.length > 0) {
    const next: Met[] = []
    for (const { state, trail } of frontier) {
      for (const [label, found] of stepsFrom(state, rules)) {
        const key = keyOf(found, rules)
        if (seen.has(key)) continue
        seen.add(key)
        const way = { label, before: trail }
        const broken = brokenIn(found, rules)
        if (broken !== '') return { states: seen.size, broken, way: wayOf(way) }
        next.push({ state: found, trail: way })
      }
    }
    if (seen.size > statesMax) throw new Error(`more than ${statesMax} states`)
    frontier = next
  }
  return { states: seen.size, broken: null, way: [] }
}
