import { openMemoryPersonalKeys } from '../../../shared/adapters/memory/personal-keys.ts'
import { eventIdIn, type NewCommit } from '../../../shared/events/commit.ts'
import type { AuthEvent } from '../../../shared/events/event.ts'
import { decodeEvent, encodeEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import { partPersonal } from '../../../shared/events/personal-fields.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { Claim, EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import { memoryPrivacy } from '../../support/fakes/memory-privacy.ts'
import { assert, claims } from '../../support/suite.ts'

const at = 1_800_000_000_000 as EpochMs
const samples: readonly AuthEvent[] = eventExamples.map(({ stored }) => upcast(stored))

const below = (bound: number): number => systemEntropy.bytes(4).readUInt32BE() % bound
const drawn = <T>(from: readonly T[]): T => from[below(from.length)] as T

const words = ['203.0.113.9', 'Mozilla/5.0 "ä"; x', '', '::1', ';,:', `${'a'.repeat(255)}é`]
const subjects = ['50b1ec75ab50b1ec75ab50b1ec75ab01', 'ann@example.org', '7']

/** A sample with other values in what says something of a person, and of somebody else. */
const drawnEvent = (): AuthEvent => {
  const { data, ...rest } = drawn(samples)
  const members: Record<string, unknown> = { ...data }
  for (const name of ['address', 'agent', 'username', 'account', 'path']) {
    if (name in members) members[name] = drawn(words)
  }
  if ('sub' in members) members['sub'] = drawn(subjects)
  if (members['filter']) {
    const asked = ['address', 'session', 'token', 'client', 'actor'].map((name) => {
      return [name, drawn([...words, ...subjects])]
    })
    members['filter'] = {
      ...(members['filter'] as object),
      ...Object.fromEntries(asked),
      user: 'ann',
    }
  }
  if ('path' in members) members['path'] = drawn(['/users', '/users/ann', '/x/users/ann%40x/'])
  return { ...rest, data: members } as unknown as AuthEvent
}

const commitOf = (events: readonly AuthEvent[], stream = 'x/1'): NewCommit =>
  completeCommit({
    id: { s: stream as `x/${string}`, v: below(9) },
    ...{ at, events, claim: 'c' as Claim },
  })

/** As a reader of the log has them. */
const readFrom = (commit: NewCommit) =>
  commit.events.map((event, index) => {
    const { personal } = commit
    const id = eventIdIn(commit, index)
    const sealed = personal === undefined ? {} : { personal }
    const record = encodeEvent('https://x.example', { id, at, event, ...sealed })
    const decoded = decodeEvent({ ...record, partition: 0, offset: 0 })
    if (!decoded.ok) throw new Error(decoded.problem)
    return decoded
  })

claims('sealed events', {
  'what was sealed is opened as it was, of any commit': async () => {
    const privacy = memoryPrivacy()
    for (let turn = 0; turn < 300; turn += 1) {
      const commit = commitOf(Array.from({ length: 1 + below(4) }, drawnEvent))
      const sealed = await privacy.sealer.seal(commit)
      const read = await privacy.opener.open(readFrom(sealed))
      const said = read.map(({ event }) => event)
      assert.equal(said, commit.events)
    }
  },

  'no byte of a sealed commit says what it seals': async () => {
    const privacy = memoryPrivacy()
    const secret = 'S3cretOfAPerson'
    for (const sample of samples) {
      const { rest, fields } = partPersonal(sample)
      if (fields.size === 0) continue
      const data: Record<string, unknown> = { ...sample.data }
      for (const name of ['address', 'agent', 'username', 'account']) {
        if (name in data) data[name] = secret
      }
      if ('path' in data) data['path'] = `/users/${secret}`
      if ('filter' in data) {
        // Whoever asks may type a name anywhere but where only ids and kinds are taken.
        const asked = { address: secret, session: secret, token: secret, client: secret }
        data['filter'] = { ...(data['filter'] as object), ...asked, actor: secret }
      }
      const event = { ...sample, data } as unknown as AuthEvent
      const sealed = await privacy.sealer.seal(commitOf([event]))
      assert.not.ok(JSON.stringify(sealed).includes(secret), sample.type)
      assert.is(rest.type, sample.type)
      const [read] = await privacy.opener.open(readFrom(sealed))
      assert.equal(read?.event, event)
    }
  },

  'what is sealed of one commit opens in no other, for no other person, and not when it is changed':
    async () => {
      const privacy = memoryPrivacy()
      const [first = samples[0] as AuthEvent] = samples.filter(({ type }) => type === 'TokenIssued')
      const sealed = await privacy.sealer.seal(commitOf([first], 'x/1'))
      const [read] = readFrom(sealed)
      if (!read?.personal) throw new Error('nothing was sealed')
      const { personal } = read
      const other = { ...first, data: { ...first.data, sub: 'somebody-else' } } as AuthEvent
      await privacy.sealer.seal(commitOf([other], 'x/2'))
      const blank = partPersonal(first).rest
      const elsewhere = { ...read, id: 'x/2:0:0' as EventId }
      const another = { ...read, event: partPersonal(other).rest }
      const cut = { ...read, personal: personal.slice(0, -1) }
      const at3 = personal.length - 20
      const flip = personal[at3] === 'A' ? 'B' : 'A'
      const changed = {
        ...read,
        personal: `${personal.slice(0, at3)}${flip}${personal.slice(at3 + 1)}`,
      }
      const moved = { ...read, personal: personal.replace(/;a:/, ';a0:') }
      for (const forged of [elsewhere, cut, changed, moved]) {
        assert.equal((await privacy.opener.open([forged]))[0]?.event, blank)
      }
      assert.equal((await privacy.opener.open([another]))[0]?.event, another.event)
      assert.equal((await memoryPrivacy().opener.open([read]))[0]?.event, blank, 'without the key')
      const zeros = 'A'.repeat(40)
      for (const rubbish of ['', ';', '1', '1;', `2;;a:${zeros}`, '1;zz;a:A', `1;;a:${zeros}`]) {
        assert.equal(
          (await privacy.opener.open([{ ...read, personal: rubbish }]))[0]?.event,
          blank,
          rubbish,
        )
      }
    },

  'of whoever was erased nothing is opened, and nothing is sealed any more': async () => {
    const keys = openMemoryPersonalKeys()
    const privacy = memoryPrivacy(keys)
    const [issued] = samples.filter(({ type }) => type === 'TokenIssued')
    if (issued?.type !== 'TokenIssued') throw new Error('no sample')
    const sealed = await privacy.sealer.seal(commitOf([issued]))
    const owner = `sub:${issued.data.sub}` as const
    await keys.erase({ owner, at, by: null, open: false })
    privacy.held.forget(owner)
    const blank = partPersonal(issued).rest
    assert.equal((await privacy.opener.open(readFrom(sealed)))[0]?.event, blank)
    const later = await privacy.sealer.seal(commitOf([issued]))
    assert.equal([later.events, later.personal], [[blank], undefined])
  },

  'who reads of themselves opens what is their own': async () => {
    const privacy = memoryPrivacy()
    const disabled = samples.filter(({ type }) => type === 'UserDisabled').at(-1)
    if (disabled?.type !== 'UserDisabled' || !disabled.data.actor) throw new Error('no sample')
    const sealed = await privacy.sealer.seal(commitOf([disabled]))
    const read = readFrom(sealed)
    const [own] = await privacy.opener.open(read, `sub:${disabled.data.sub}`)
    assert.equal(own?.event, partPersonal(disabled).rest)
    const [actors] = await privacy.opener.open(read, `sub:${disabled.data.actor.id}`)
    assert.equal(actors?.event, disabled)
  },

  'what is sealed once and for all events takes no promise where the key is known': async () => {
    const privacy = memoryPrivacy()
    const [issued] = samples.filter(({ type }) => type === 'TokenIssued')
    if (!issued) throw new Error('no sample')
    await privacy.sealer.seal(commitOf([issued]))
    const sealed = privacy.sealer.seal(commitOf([issued, issued, issued]))
    assert.not.ok(sealed instanceof Promise)
    assert.is((sealed as NewCommit).personal?.split(';').length, 3)
  },
})
