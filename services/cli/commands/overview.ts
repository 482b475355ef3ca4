import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { readConfig } from '../../../shared/kernel/config.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { auditorFields } from '../../auditor/config.ts'
import { openTrailHeads } from '../../auditor/heads/index.ts'
import { trailDirOf } from '../../auditor/trail-settings.ts'
import { openHeads } from '../../gateway/audit/index.ts'
import { EventRates, overviewBody, overviewOf } from '../../gateway/operators/index.ts'
import { environment } from '../settings/environment.ts'
import { readSettings, type StoreContext, withStore } from '../store/open-store.ts'
import type { Shown } from '../terminal/print-list.ts'
import { say, sayJson } from '../terminal/printable.ts'

/**
 * Asks the auditor that the settings name; without one, reads the folder where an auditor of this
 * machine writes.
 */
const trailHeads = ({ context: { clock } }: StoreContext): TrailHeads | null => {
  const folder = trailDirOf(readConfig(auditorFields, environment()))
  const own = existsSync(folder) ? openTrailHeads(folder) : null
  return openHeads(readSettings(), { trailHeads: own, clock })
}

type Body = ReturnType<typeof overviewBody>
type Rates = NonNullable<Body['rates']>
const kinds = ['logins', 'failures', 'rotations', 'revocations'] as const

const inMs = (ms: number | null): string => (ms === null ? '-' : `${ms} ms`)

const ratesText = ({ from, to, seconds }: Rates): string => {
  const lastMs = Math.max(1, Date.parse(to) - Date.parse(from))
  const counted = kinds.map((kind) => {
    const count = seconds.reduce((sum, second) => sum + second[kind], 0)
    return `${count} ${kind} (${((count * 1_000) / lastMs).toFixed(1)}/s)`
  })
  return `since ${from}: ${counted.join(', ')}`
}

const trailText = ({ head, state, guards, cosigned }: NonNullable<Body['trail']>): string => {
  const size = head === null ? state : `${head.size} entries signed`
  const witnesses = cosigned.map(({ name, at }) => `${name} at ${at}`).join(', ') || 'none'
  return (
    `${size}; guards that hold it true: ${guards.consistent}, that dispute it: ` +
    `${guards.disputing}; cosigned by: ${witnesses}`
  )
}

const lines = ({ rates, refusals, guards, lag, dead_letters: letters, trail }: Body): string[] => {
  const stale = guards.filter(({ ready }) => !ready).map(({ name }) => name)
  return [
    `events\t${rates === null ? 'nobody fills the index of events' : ratesText(rates)}`,
    `refusals\t${refusals.count}; p50 ${inMs(refusals.p50_ms)}, p99 ${inMs(refusals.p99_ms)}, ` +
      `at most ${inMs(refusals.max_ms)}`,
    `guards\t${guards.length} attached; stale: ${stale.join(', ') || 'none'}`,
    `behind\tauditor ${inMs(lag.auditor.behind_ms)}, projector ${inMs(lag.projector.behind_ms)}`,
    `dead letters\t${letters ?? 'not known'}`,
    `trail\t${trail === null ? 'none is known here' : trailText(trail)}`,
  ]
}

/** `curfew overview`: what `GET /overview` answers. */
export const addOverviewCommand = (root: Command): void => {
  root
    .command('overview')
    .description('what happens, how fast guards refuse, what is late, what was parked')
    .option('--json', 'one JSON object')
    .action(({ json }: Shown) =>
      withStore(async (context) => {
        const audit = await context.asking()
        const [log, view] = [await context.log(), context.view()]
        const operators = { rates: new EventRates(audit), log, view }
        const heads = trailHeads(context)
        const body = overviewBody(
          await overviewOf({ ...context, audit, trailHeads: heads, operators }),
        )
        if (json) return sayJson(body)
        for (const line of lines(body)) say(line.replace('\t', ': '))
      }),
    )
}
