import fc from 'fast-check'
import { StreamVersions } from '../../../services/auditor/verification/stream-versions.ts'
import { assert, claims } from '../../support/suite.ts'

type Event = Readonly<{ stream: string; version: number; index: number }>
const idOf = ({ stream, version, index }: Event): string => `${stream}:${version}:${index}`

const missingIn = (events: readonly Event[]): string[] => {
  const versions = new StreamVersions()
  for (const [index, event] of events.entries()) versions.add(idOf(event), { index, time: null })
  return [...versions.missing()].map(({ stream, missing }) => `${stream}:${missing}`).sort()
}

/** Streams of some versions, each a commit of up to three events. */
const streams = fc
  .array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) =>
    all.map((commits, at) =>
      commits.map((count, version) =>
        Array.from({ length: count }, (_, index) => ({ stream: `s/${at}`, version, index })),
      ),
    ),
  )

claims('versions of streams', {
  'in the order of the log, with repeats and commits that overtake each other, none is missing':
    () =>
      fc.assert(
        fc.property(streams, fc.infiniteStream(fc.nat()), (all, dice) => {
          const commits = all.flat()
          const drawn = commits
            .map((events) => ({ events, at: dice.next().value ?? 0 }))
            .sort((one, other) => one.at - other.at)
            .flatMap(({ events, at }) => (at % 5 === 0 ? [...events, ...events] : events))
          assert.equal(missingIn(drawn), [])
        }),
      ),

  'any event that is left out is missed, unless nothing of its stream comes behind it': () =>
    fc.assert(
      fc.property(streams, fc.nat(), (all, drawn) => {
        const events = all.flat(2)
        const left = events[drawn % events.length]
        if (!left) return
        const isBefore = (one: Event): boolean =>
          one.stream === left.stream &&
          (one.version > left.version || (one.version === left.version && one.index > left.index))
        const rest = events.filter((one) => one !== left)
        // A later version shows that there was one; how many events it had is seen by a later one
        // of the same commit alone.
        const sameCommit = (one: Event): boolean =>
          isBefore(one) && (one.version === left.version || left.index === 0)
        const isMissed = rest.some(sameCommit)
        assert.equal(missingIn(rest), isMissed ? [idOf(left)] : [])
      }),
      { numRuns: 500 },
    ),

  'a stream of one event needs no memory, and one that began before is told as such': () => {
    const versions = new StreamVersions()
    versions.add('x/a:0:0', { index: 0, time: null })
    versions.add('s/b:3:0', { index: 1, time: null })
    versions.add('no id', { index: 2, time: null })
    assert.equal([...versions.newest()], [['s/b', { version: 3, at: 0 }]])
    assert.equal(
      [...versions.missing()].map(({ missing, isBeginning }) => [missing, isBeginning]),
      [0, 1, 2].map((version) => [`${version}:0`, true]),
    )
  },
})
