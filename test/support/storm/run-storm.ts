import { withFleet } from '../processes/fleet.ts'
import type { Settings } from '../processes/processes.ts'
import { drawSequence, type Ground, type Sequence } from './plan.ts'
import type { Servers } from './site.ts'
import { Storm, type StormResult } from './storm.ts'

const settings: Settings = {
  CURFEW_LOG_LEVEL: 'info',
  // Tokens outlive the storm: what is refused was revoked, or is wrongly refused.
  CURFEW_ACCESS_TOKEN_LIFETIME: '2h',
  CURFEW_REFRESH_GRACE_PERIOD: '10m',
}

export type StormPlan = Readonly<{
  servers: Servers
  seed: string
  /** Sequences by their numbers, or as they are. */
  sequences: readonly Sequence[]
  /** No sequence begins later. */
  seconds: number
  tell?: (line: string) => void
}>

/** `count` sequences of a seed, from number `first` on. */
export const drawnSequences = (
  seed: string,
  ground: Ground,
  { first, count }: Readonly<{ first: number; count: number }>,
): readonly Sequence[] =>
  Array.from({ length: count }, (_, index) => drawSequence(`${seed}/${first + index}`, ground))

/** Plays sequences on one fleet. @throws Error with the seed and the operations when it breaks. */
export const runStorm = async (plan: StormPlan): Promise<StormResult> => {
  const { servers, seed, sequences, seconds, tell } = plan
  const scale = { brokers: servers.cluster.brokers, mongoUrl: servers.mongo.url }
  const results: StormResult[] = []
  await withFleet(
    scale,
    async (fleet) => {
      const storm = await Storm.open(fleet, servers, seed, tell)
      try {
        for (const sequence of sequences) {
          if (storm.seconds > seconds) break
          await storm.play(sequence)
        }
        await storm.end()
        results.push(storm.result())
      } finally {
        await storm.close()
      }
    },
    settings,
  )
  const [result] = results
  if (!result) throw new Error('the storm has no result')
  return result
}
