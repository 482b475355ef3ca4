import { CompactRevocationSet } from '../../shared/guard/revocation-set/index.ts'
import type { EpochMs, RevocationKey } from '../../shared/kernel/ids.ts'
import type { BearerClaims } from '../../shared/tokens/claims.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { cpuMs } from '../support/cpu-time.ts'
import { type GcWatch, watchGc } from '../support/gc-time.ts'
import { paragraph } from '../support/paragraph.ts'
import { ranMs } from '../support/ran-time.ts'

const sizes = [10_000, 100_000, 1_000_000, 10_000_000] as const
const quickSizes = [10_000, 100_000] as const
const bytesMax = 20
const slowerMax = 1.3
const pauseMsMax = 5
const tokens = 50_000
const looks = 4
const lifeMinutes = 15
const minuteMs = 60_000
const startAt = 1_800_000_000_000
/** Calls between two readings of the thread's clock: what they cost themselves stays small. */
const stride = 100

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
/** Different for each index; what a fingerprint makes of it is as random as of random ids. */
const idOf = (index: number): string =>
  word(Math.imul(index + 1, 2_654_435_761)) + word(index) + word(~index) + word(index ^ 0x5bd1e995)

const strangers = Array.from({ length: tokens }, (_, index) => {
  const epoch = { sub: 0, client: 0, all: 0 }
  const [jti, sid] = [idOf(2e9 + index), idOf(3e9 + index)]
  return { jti, sid, sub: idOf(index), client_id: 'web', epoch } as unknown as BearerClaims
})

/** One call, or what it ran since the clock was read last, whichever is less. */
type Pause = Readonly<{ startMs: number; endMs: number; ms: number }>
type Filled = Readonly<{ set: CompactRevocationSet; pauses: readonly Pause[]; usEach: number }>

/** Shorter ones are none, and would be too many to keep. */
const pauseMsMin = 0.5
const pauseOf = (startMs: number, ranSinceMs: number): Pause | null => {
  const endMs = performance.now()
  if (endMs - startMs < pauseMsMin) return null
  return { startMs, endMs, ms: Math.min(endMs - startMs, ranMs() - ranSinceMs) }
}

const filled = (count: number): Filled => {
  const set = new CompactRevocationSet()
  const pauses: Pause[] = []
  const began = cpuMs()
  let sampled = ranMs()
  for (let index = 0; index < count; index += 1) {
    if (index % stride === 0) sampled = ranMs()
    const key = `sid:${idOf(index)}` as RevocationKey
    const expiresAt = (startAt + (1 + (index % lifeMinutes)) * minuteMs) as EpochMs
    const revocation = { key, cutoff: null, expiresAt, reason: 'logout', revokedAt: expiresAt }
    const startMs = performance.now()
    set.add(revocation)
    const pause = pauseOf(startMs, sampled)
    if (pause) pauses.push(pause)
  }
  return { set, pauses, usEach: ((cpuMs() - began) * 1_000) / count }
}

const lookUs = (set: CompactRevocationSet): number => {
  const began = cpuMs()
  let hits = 0
  for (let look = 0; look < looks; look += 1) {
    for (const claims of strangers) if (set.match(claims) !== null) hits += 1
  }
  if (hits > 0) throw new Error(`${hits} good tokens were refused`)
  return ((cpuMs() - began) * 1_000) / (looks * tokens)
}

/** Closed times, four a second, until all has ended and its memory was given back. */
const forgotten = (set: CompactRevocationSet): readonly Pause[] => {
  const pauses: Pause[] = []
  for (let at = startAt; at <= startAt + (lifeMinutes + 3) * minuteMs; at += 250) {
    const [began, startMs] = [ranMs(), performance.now()]
    set.expire(at as EpochMs)
    const pause = pauseOf(startMs, began)
    if (pause) pauses.push(pause)
  }
  if (set.size > 0) throw new Error(`${set.size} entries did not end`)
  return pauses
}

/** The longest without what the garbage collector took of it, and with it. */
const longest = (
  pauses: readonly Pause[],
  gc: GcWatch,
): Readonly<{ own: number; all: number }> => ({
  own: Math.max(0, ...pauses.map((pause) => pause.ms - gc.within(pause))),
  all: Math.max(0, ...pauses.map(({ ms }) => ms)),
})

const measures = ['look', 'bytes', 'add', 'grow', 'growAll', 'forget', 'forgetAll'] as const
type Measured = Record<(typeof measures)[number], number[]>
const empty = (): Measured =>
  Object.fromEntries(measures.map((name) => [name, []])) as unknown as Measured

const measureOnce = async (
  counts: readonly number[],
  all: ReadonlyMap<number, Measured>,
): Promise<void> => {
  const gc = watchGc()
  const sets = counts.map((count) => ({ count, ...filled(count) }))
  for (const { set } of sets) lookUs(set)
  // Side by side: the least of several rounds, since whatever disturbs only adds.
  const best = new Map(counts.map((count) => [count, Number.POSITIVE_INFINITY]))
  for (let round = 0; round < 5; round += 1) {
    for (const { count, set } of sets) best.set(count, Math.min(best.get(count) ?? 0, lookUs(set)))
  }
  for (const { count, set, pauses, usEach } of sets) {
    const bytes = set.bytes / count
    const ends = forgotten(set)
    await gc.settled()
    const [grow, forget] = [longest(pauses, gc), longest(ends, gc)]
    const values = {
      look: best.get(count) ?? Number.NaN,
      bytes,
      add: usEach,
      grow: grow.own,
      growAll: grow.all,
      forget: forget.own,
      forgetAll: forget.all,
    }
    for (const name of measures) all.get(count)?.[name].push(values[name])
  }
  gc.close()
}

const named = (count: number): string => count.toLocaleString('en')

const rowsOf = (counts: readonly number[], all: ReadonlyMap<number, Measured>): Row[] => {
  const of = (count: number): Measured => all.get(count) ?? empty()
  const [least = 0, most = 0] = [counts[0], counts.at(-1)]
  const slower = ratios(of(most).look, of(least).look)
  return [
    ...counts.map((count): Row => {
      const target = { atMost: bytesMax }
      return {
        measure: `bytes an entry, ${named(count)}`,
        unit: 'bytes',
        repeats: of(count).bytes,
        target,
      }
    }),
    ...counts.map(
      (count): Row => ({
        measure: `look-up of a token, ${named(count)}`,
        unit: 'µs',
        repeats: of(count).look,
      }),
    ),
    {
      measure: `look-up, ${named(most)} / ${named(least)}`,
      unit: '×',
      repeats: slower,
      target: { atMost: slowerMax },
    },
    { measure: `adding, ${named(most)}`, unit: 'µs', repeats: of(most).add },
    ...(['grow', 'forget'] as const).flatMap((name): Row[] => {
      const what = name === 'grow' ? `it grows to ${named(most)}` : `${named(most)} end`
      const measure = `longest pause while ${what}`
      const target = { atMost: pauseMsMax }
      return [
        { measure, unit: 'ms', repeats: of(most)[name], target },
        {
          measure: `${measure}, with garbage collection`,
          unit: 'ms',
          repeats: of(most)[`${name}All`],
          target,
        },
      ]
    }),
  ]
}

const measure = async ({ quick, repeats, say }: Bench): Promise<Finding> => {
  const counts = quick ? quickSizes : sizes
  const all = new Map(counts.map((count) => [count, empty()]))
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    await measureOnce(counts, all)
    const looked = [...all.values()].map(({ look }) => look.at(-1)?.toFixed(2))
    say(`repeat ${repeat}: look-ups of ${looked.join(', ')} µs`)
  }
  return {
    rows: rowsOf(counts, all),
    notes: [
      paragraph(
        'Sessions that end within 15 minutes; look-ups are those of a check (its session, its',
        `token, three cutoffs) of ${named(tokens)} good tokens, which is the dearer case.`,
      ),
      paragraph(
        'Times are processor time. A pause is the longest call by the wall, without what its',
        'thread stood in the kernel’s queue for a processor since up to 99 calls before: the work',
        'of others is none of its own. Its waits for anything else count. What collecting garbage',
        'costs depends on the service’s heap, so it is told apart.',
      ),
      'Bytes are those of typed arrays; objects add about 300 for every 2,000 to 4,000 entries.',
    ],
  }
}

export const guardSet: Scenario = {
  name: 'guard-set',
  claim: paragraph(
    `A revocation takes at most ${bytesMax} bytes in a guard, a look-up at ten million takes at`,
    `most ${slowerMax} × one at ten thousand, and nothing takes longer than ${pauseMsMax} ms.`,
  ),
  needs: [],
  measure,
}
