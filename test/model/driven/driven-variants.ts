import * as part from './broken-parts.ts'
import * as relay from './broken-relays.ts'
import type { Budget } from './calls.ts'
import type { Build } from './driven-run.ts'
import type { DrivenScenario } from './driven-scenarios.ts'

/** `budget`: what else may happen than in the scenario. */
type Variant = Readonly<{ of: DrivenScenario; build: Build; budget?: Partial<Budget> }>

/** One part of the real code replaced by one that breaks a rule; each must be seen. */
export const drivenVariants: Readonly<Record<string, Variant>> = {
  'used within the grace ends the session': {
    of: 'rotate',
    build: { store: part.graceOfTheLast },
  },
  'the grace is judged when it is decided': { of: 'late', build: { store: part.judgedLate } },
  'an own commit is taken for another’s': {
    of: 'rotate',
    build: { store: part.withoutClaims, policy: { graceMs: 0 } },
  },
  'a claim that is not atomic': {
    of: 'mixed',
    build: { store: part.tornInserts, database: part.overwriting },
  },
  'a grace that never ends': {
    of: 'late',
    build: { policy: { graceMs: Number.MAX_SAFE_INTEGER } },
  },
  'cutoffs by milliseconds': { of: 'subject', build: { store: part.cutoffsByClock(1, [0, 0]) } },
  'cutoffs by seconds': { of: 'subject', build: { store: part.cutoffsByClock(1_000, [0, 0]) } },
  'cutoffs by clocks that differ': {
    of: 'subject',
    build: { store: part.cutoffsByClock(1, [2, 0]) },
  },
  'a login verifies, then reads the cutoffs': {
    of: 'subject',
    build: { store: part.epochAtInsert },
  },
  'a password written after the cutoff': { of: 'subject', build: { directory: part.hashLast } },
  'work that is due is met by nobody': { of: 'due', build: { directory: part.dueUnseen } },
  'closed time by a gateway’s clock': { of: 'closed', build: { store: relay.tickAhead(5) } },
  'a scan that misses': { of: 'pending', build: {}, budget: { stale: 1 } },
  'closed time covers its own instant': { of: 'closed', build: { reading: { strict: false } } },
  'a guard begins at its group’s offset': {
    of: 'closed',
    build: { reading: { low: false } },
  },
  'a deleted beginning, without low mark': {
    of: 'pruned',
    build: { log: relay.withoutLowMark, store: relay.neverTold },
  },
  'told again without low mark': { of: 'refused', build: { log: relay.withoutLowMark } },
  'a low mark read before the scan': { of: 'closed', build: { scan: ['tick', 'low', 'due'] } },
  'published before it is appended': { of: 'closed', build: { store: part.publishedFirst } },
  'the instant is read after the scan': { of: 'refused', build: { scan: ['due', 'low', 'tick'] } },
  'marked before it is published': { of: 'refused', build: { log: part.markedFirst } },
  'answered before it is appended': { of: 'closed', build: { store: part.answeredFirst } },
  'closed although a publication failed': {
    of: 'pending',
    build: { publisher: relay.whateverWasPublished },
  },
  'closed before it is published': {
    of: 'pending',
    build: { publisher: relay.publishedBehind },
  },
}
