import type { Rules } from './model-rules.ts'
import {
  isDead,
  isTold,
  lowsOf,
  type RelayRun,
  runOf,
  type Side,
  type State,
  skewOf,
} from './model-state.ts'
import { isSpread, isStopped, type Step, step, strayOffset } from './step.ts'

type Change = (run: RelayRun, t: State) => void

/** One relay's run of one gateway. */
type Running = Readonly<{
  s: State
  rules: Rules
  g: Side
  run: RelayRun
  to: (label: string, change: Change) => Step
}>

const ended = (t: State, g: Side): void => {
  t.gateways[g].relay = null
}

const due = (s: State, rules: Rules): string[] => [
  ...s.session.flatMap((one, index) =>
    one && isDead(one) && !isTold(s, rules, 0, one[2]) ? [`S${index}`] : [],
  ),
  ...s.subject.flatMap((one, index) => (isTold(s, rules, 1, one[1]) ? [] : [`C${index}`])),
]

const closedAt = (run: RelayRun, p: 0 | 1): string => `T${run.t}@${run.low[p]}`

/** Where the record of `name` came to lie, one more than its offset. */
const put = (t: State, name: string): number => {
  const isSession = name.startsWith('S')
  if (isSession) return t.log[0].push('R')
  return t.log[1].push(`C${t.subject[Number(name.slice(1))]?.[0]}`)
}

const markedAt = (t: State, name: string, offset: number): void => {
  const index = Number(name.slice(1))
  const commit = name.startsWith('S') ? t.session[index] : null
  if (commit) commit[2] = offset
  const cutoff = name.startsWith('C') ? t.subject[index] : null
  if (cutoff) cutoff[1] = offset
}

function* publishes({ s, rules, g, run, to }: Running, name: string): Generator<Step> {
  const gateway = s.gateways[g]
  const failed: Change = (next, t) => {
    if (rules.closedAnyway) next.todo.shift()
    else ended(t, g)
  }
  yield to(`publish ${name}: refused`, failed)
  if (isStopped(rules, gateway)) return
  const published =
    (offset: number): Change =>
    (next) => {
      next.offset = offset
      next.mark = name
      next.todo.shift()
      next.pc = 5
    }
  yield to(`publish ${name}`, (next, t) => {
    const offset = put(t, name)
    published(offset)(next, t)
    const p = name.startsWith('C') ? 1 : 0
    if (rules.low === 'scan') next.low[p] = Math.min(run.low[p], offset - 1)
  })
  yield to(`publish ${name}: answer lost`, (next, t) => {
    put(t, name)
    failed(next, t)
  })
  if (isSpread(s, rules, gateway) && name.startsWith('S')) {
    yield to(`publish ${name} to the added partition`, published(strayOffset))
  }
}

function* closes({ s, rules, g, run, to }: Running): Generator<Step> {
  const p = run.pc === 3 ? 1 : 0
  if (isStopped(rules, s.gateways[g])) {
    yield to('no closed time', (_, t) => ended(t, g))
    return
  }
  yield to(`closed p${p} T${run.t}`, (next, t) => {
    t.log[p].push(closedAt(run, p))
    if (p === 1) ended(t, g)
    else next.pc = 3
  })
}

function* runs(running: Running): Generator<Step> {
  const { s, rules, g, run, to } = running
  const clock = s.now + (rules.closedSkew ? skewOf(rules, g) : 0)
  const [first] = run.todo
  if (run.pc === 0) {
    yield to('t = now', (next) => {
      next.t = clock
      next.pc = rules.tAfterScan ? 2 : 1
    })
  } else if (run.pc === 1) {
    yield to('scan', (next, t) => {
      next.todo = due(t, rules)
      if (rules.low !== 'start') next.low = lowsOf(t, rules)
      next.pc = rules.tAfterScan ? 0 : 2
    })
    if (rules.staleScan) {
      yield to('scan by a deposed primary', (next) => {
        next.todo = []
        next.pc = 2
      })
    }
  } else if (run.pc === 5) {
    yield to(`mark ${run.mark}`, (next, t) => {
      markedAt(t, run.mark, run.offset)
      next.mark = ''
      next.offset = -1
      next.pc = 2
    })
  } else if (run.pc === 2 && first !== undefined && rules.closedFirst && !run.hasClosed) {
    yield to('closed before it is published', (next, t) => {
      for (const p of [0, 1] as const) t.log[p].push(closedAt(run, p))
      next.hasClosed = true
    })
  } else if (run.pc === 2 && first !== undefined) yield* publishes(running, first)
  else yield* closes(running)
}

export function* relaySteps(s: State, rules: Rules, g: Side): Generator<Step> {
  const { relay: run } = s.gateways[g]
  const name = `relay g${g}`
  if (run) {
    const to: Running['to'] = (label, change) =>
      step(s, `${name}: ${label}`, (t) => change(runOf(t.gateways[g]), t))
    yield* runs({ s, rules, g, run, to })
  } else if (s.budget.relay > 0) {
    yield step(s, `${name}: start`, (t) => {
      t.budget.relay -= 1
      const low = lowsOf(t, rules)
      const pc = rules.tAfterScan ? 1 : 0
      t.gateways[g].relay = { pc, t: -1, todo: [], low, mark: '', offset: -1, hasClosed: false }
    })
  }
}
