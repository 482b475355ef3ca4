import type { Rules } from './model-rules.ts'
import {
  copyOf,
  type Gateway,
  type Request,
  requestOf,
  type Side,
  type State,
} from './model-state.ts'

/** What may happen next, and the state afterwards. */
export type Step = readonly [label: string, next: State]

export const step = (s: State, label: string, change: (t: State) => void): Step => {
  const next = copyOf(s)
  change(next)
  return [label, next]
}

/** A gateway at work on a request; the steps of each operation are made of these. */
export type Work = Readonly<{
  s: State
  rules: Rules
  g: Side
  q: Request
  gateway: Gateway
  /** Goes on at `pc`. */
  to: (label: string, pc: number, change?: (t: State, q: Request) => void) => Step
  /** Answers; the request is over. */
  answer: (label: string, change?: (t: State, q: Request) => void) => Step
}>

const nothing = (): void => {}

export const workOf = (s: State, rules: Rules, g: Side): Work => {
  const gateway = s.gateways[g]
  const q = requestOf(gateway)
  const named = (label: string): string => `g${g} ${q.op}: ${label}`
  return {
    s,
    rules,
    g,
    q,
    gateway,
    to: (label, pc, change = nothing) =>
      step(s, named(label), (t) => {
        const request = requestOf(t.gateways[g])
        change(t, request)
        // A change may have put another request in its place.
        if (t.gateways[g].q === request) request.pc = pc
      }),
    answer: (label, change = nothing) =>
      step(s, named(label), (t) => {
        change(t, requestOf(t.gateways[g]))
        t.gateways[g].q = null
      }),
  }
}

/**
 * Whether a record may land in the partition that somebody added, where no reader of ours looks:
 * the publisher spreads over what it knows of.
 */
export const isSpread = (s: State, { spreads }: Rules, gateway: Gateway): boolean =>
  s.wrong === 'partitions' && (spreads === 'now' ? s.isWrong : gateway.sees)

/** A gateway that knows that the topic would not keep them publishes no revocations. */
export const isStopped = ({ stops }: Rules, gateway: Gateway): boolean => stops && gateway.sees

/** In the added partition offsets begin anew, too. */
export const strayOffset = 1
