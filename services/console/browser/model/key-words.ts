import type { KeysBody } from '../../../gateway/answers.ts'

export type Ring = KeysBody['rings'][number]
export type Key = Ring['keys'][number]
type Named<Value> = Readonly<Record<Ring['ring'], Value>>

/** What the keys of a ring are for. */
export const ringWords: Named<string> = {
  signing: 'Sign access tokens, which guards and services check.',
  refresh: 'Sign refresh tokens, which gateways alone read.',
  set: 'Sign what receivers are told.',
  log: 'Sign revocations in the log, which guards check.',
  events: 'Sign events in the log, which projectors and auditors check.',
  personal: 'Wrap the keys of persons, under which events hide names and addresses.',
}

const order: Readonly<Record<Key['status'], number>> = { active: 0, next: 1, retired: 2 }
const endOf = ({ until }: Key): number => (until === null ? Infinity : Date.parse(until))

/** The key that works first, then the one that follows it, then old ones, the longest first. */
export const inOrder = (keys: readonly Key[]): readonly Key[] =>
  [...keys].sort((a, b) => {
    const [left, right] = [endOf(a), endOf(b)]
    return order[a.status] - order[b.status] || (left === right ? 0 : right - left)
  })

/** What a key does now. */
export const phaseOf = (ring: Ring['ring'], { status, until }: Key, now: number): string => {
  const [works, reads] = ring === 'personal' ? ['wraps', 'unwraps'] : ['signs', 'accepted']
  if (status === 'active') return `${works} now`
  if (status === 'next') return `${works} after the next rotation`
  return until !== null && Date.parse(until) <= now ? 'is over' : `still ${reads}`
}
