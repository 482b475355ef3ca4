import { type EventOf, event } from '../../../shared/events/event.ts'
import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import type { GuardReport, ReportedSight } from '../../../shared/ports/guard-registry.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { hashInBase64 } from '../../../shared/tlog/strict-base64.ts'
import { compareHeads } from '../../../shared/trail-heads/compare-heads.ts'
import { parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import { verifiersOf } from '../../../shared/trail-heads/head-tracker.ts'
import { guardKey } from './guard-changes.ts'

/** What to tell once; `name` is the same at every gateway that sees it. */
export type TrailDispute = Readonly<{ name: string; event: EventOf<'TrailDisputed'> }>
type State = EventOf<'TrailDisputed'>['data']['state']

const stateOf = ({ trail }: GuardReport, split: ReadonlySet<string>): State | null => {
  if (!trail || trail.state === 'unreachable') return null
  if (trail.state !== 'consistent') return trail.state
  return trail.head && split.has(headKey(trail.head)) ? 'split' : null
}

/** What guards dispute, given the heads that are of two pasts. Pure. */
export const trailDisputes = (
  reports: readonly GuardReport[],
  split: ReadonlySet<string>,
): readonly TrailDispute[] =>
  reports.flatMap((report) => {
    const state = stateOf(report, split)
    if (state === null) return []
    const { client, instance, name } = report
    const head = report.trail?.head ?? null
    const place = head ? headKey(head) : ''
    return {
      name: `trail-disputed:${guardKey(report)}:${state}:${place}`,
      event: event('TrailDisputed', { client, instance, name, state, head }),
    }
  })

type SeenHead = NonNullable<ReportedSight['head']>

/** Each asks for a proof; the others are judged at later looks. */
const judgedPerLookMax = 20
const rememberedMax = 4_096

export const headKey = ({ origin, size, root }: SeenHead): string => `${origin} ${size} ${root}`

/** The heads that guards hold true, each once. */
const headsOf = (reports: readonly GuardReport[]): readonly SeenHead[] => {
  const heads = new Map<string, SeenHead>()
  for (const { trail } of reports) {
    if (trail?.state === 'consistent' && trail.head) heads.set(headKey(trail.head), trail.head)
  }
  return [...heads.values()]
}

/**
 * Finds heads of guards that are of another past than those of other guards, or than the trail that
 * this gateway is shown: guards seldom see the same size, so each head is compared by a proof.
 */
export class TrailComparison {
  readonly #heads: TrailHeads | null
  /** Whether a head is of the trail that this gateway is shown. */
  readonly #isOurs = new Map<string, boolean>()
  /** The root of a log at a size, as it was reported first. */
  readonly #roots = new Map<string, string>()

  constructor(heads: TrailHeads | null) {
    this.#heads = heads
  }

  /** Keys of the heads that are of two pasts, as far as it is known now. */
  async split(reports: readonly GuardReport[]): Promise<ReadonlySet<string>> {
    const heads = headsOf(reports)
    const differing = this.#differing(heads)
    await this.#judge(heads)
    const isSplit = (key: string): boolean => {
      const isOurs = this.#isOurs.get(key)
      return isOurs === false || (isOurs === undefined && differing.has(key))
    }
    return new Set([...heads.map(headKey), ...differing].filter(isSplit))
  }

  /**
   * The heads of one size with different roots, all of them: only a proof says which is of our
   * trail.
   */
  #differing(heads: readonly SeenHead[]): ReadonlySet<string> {
    const differing = new Set<string>()
    for (const head of heads) {
      const place = `${head.origin} ${head.size}`
      const root = this.#roots.get(place)
      if (root === undefined) setInBoundedMap(this.#roots, place, head.root, rememberedMax)
      else if (root !== head.root) {
        differing.add(headKey(head))
        differing.add(headKey({ ...head, root }))
      }
    }
    return differing
  }

  async #judge(heads: readonly SeenHead[]): Promise<void> {
    if (this.#heads === null) return
    const unknown = heads.filter((head) => !this.#isOurs.has(headKey(head)))
    for (const head of unknown.slice(0, judgedPerLookMax)) {
      const isOurs = await this.#goesOn(this.#heads, head)
      if (isOurs === null) return
      setInBoundedMap(this.#isOurs, headKey(head), isOurs, rememberedMax)
    }
  }

  /** `null` where nothing is shown now. */
  async #goesOn(
    heads: TrailHeads,
    { origin, size, root: seen }: SeenHead,
  ): Promise<boolean | null> {
    const root = hashInBase64(seen)
    const text = await heads.newest({ origin, size }).catch(() => null)
    const answer = text === null ? null : parseHeads(text)
    if (root === null || answer === null) return null
    const { state } = compareHeads({ origin, size, root }, answer, verifiersOf(answer.keys))
    return state === 'unsigned' ? null : state === 'consistent'
  }
}
