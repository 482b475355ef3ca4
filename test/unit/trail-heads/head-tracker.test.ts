import { encodeHeads, parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import { HeadTracker } from '../../../shared/trail-heads/head-tracker.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'
import { LivingTrail } from '../../support/trail/living-trail.ts'

/**
 * Goal: who keeps one head follows every trail that goes on, and no other. Method: trails as an
 * auditor writes them, drawn step by step; a second past is the same trail gone on with again.
 */
type Draw = (below: number) => number
const drawing = (seed: number): Draw => {
  const entropy = seededEntropy(seed)
  return (below) => entropy.bytes(4).readUInt32BE() % below
}

const step = async (trail: LivingTrail, draw: Draw): Promise<void> => {
  const kind = draw(10)
  if (kind < 5) trail.grow(1 + draw(20))
  else if (kind < 8) await trail.add()
  else if (kind === 8) trail.renew()
  else trail.rotateKeys()
}

const looked = async (followed: HeadTracker, trail: LivingTrail) =>
  followed.take(await trail.answer(followed.known()))

const grown = async (draw: Draw, steps: number): Promise<LivingTrail> => {
  const trail = LivingTrail.begun()
  for (let count = 0; count < steps; count += 1) await step(trail, draw)
  return trail
}

claims('who keeps the newest head of a trail', {
  'follows it through growth, renewed logs and rotated keys, however seldom it looks': async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const draw = drawing(seed)
      const trail = await grown(draw, 2)
      const followed = new HeadTracker([])
      for (let looks = 0; looks < 12; looks += 1) {
        const { state, head } = await looked(followed, trail)
        assert.is(state, 'consistent', `seed ${seed}, look ${looks}`)
        assert.equal(followed.kept, head)
        const newest = await trail.answer(null)
        assert.is((await trail.answer(followed.known())).lives.at(-1)?.head, newest.lives[0]?.head)
        for (let steps = draw(5); steps > 0; steps -= 1) await step(trail, draw)
      }
    }
  },

  'is more than 16 lives behind, and comes to the newest by several looks': async () => {
    const trail = LivingTrail.begun()
    const followed = new HeadTracker([])
    await looked(followed, trail)
    for (let lives = 0; lives < 20; lives += 1) trail.renew()
    for (let looks = 0; looks < 2; looks += 1) {
      assert.is((await looked(followed, trail)).state, 'consistent')
    }
    assert.equal((await trail.answer(null)).lives[0]?.head.split('\n')[0], followed.kept?.origin)
  },

  'sees a backup that was put back, whether or not it went on since': async () => {
    const states = new Map<string, number>()
    for (let seed = 1; seed <= 20; seed += 1) {
      const draw = drawing(seed)
      const trail = await grown(draw, 3)
      const backup = trail.copied(7_000)
      await step(trail, draw)
      const followed = new HeadTracker([])
      const before = (await looked(followed, trail)).head
      for (let steps = draw(4); steps > 0; steps -= 1) await step(backup, draw)
      const { state } = await looked(followed, backup)
      assert.is.not(state, 'consistent', `seed ${seed}`)
      assert.equal(followed.kept, before, 'what was seen is kept')
      states.set(state, (states.get(state) ?? 0) + 1)
      // The trail itself goes on, and is followed again.
      await step(trail, draw)
      assert.is((await looked(followed, trail)).state, 'consistent')
    }
    for (const state of ['shorter', 'rewritten']) assert.ok(states.has(state), `${[...states]}`)
  },

  'sees a second past of the same size, and one that is longer': async () => {
    for (const more of [0, 1, 5, 300]) {
      const trail = LivingTrail.begun()
      trail.grow(7)
      const other = trail.copied(1_000)
      trail.grow(3)
      other.grow(3 + more)
      const followed = new HeadTracker([])
      await looked(followed, trail)
      assert.is((await looked(followed, other)).state, 'rewritten', `${more} more`)
    }
  },

  'sees a new life that begins with another head than the last': async () => {
    const trail = LivingTrail.begun()
    const followed = new HeadTracker([])
    trail.grow(3)
    const other = trail.copied(1_000)
    trail.grow(5)
    await looked(followed, trail)
    // The life that it knows is as it was, and the next one comes from a shorter past of it.
    other.renew()
    trail.renew()
    const [known, ...others] = (await trail.answer(followed.known())).lives
    const [, next] = (await other.answer(followed.known())).lives
    assert.ok(known && next && others.length === 1)
    const rest = { keys: trail.keys(), witnessed: null }
    assert.is(followed.take({ lives: [known, next], ...rest }).state, 'discontinued')
    const unchained = { ...next, first: null }
    assert.is(followed.take({ lives: [known, unchained], ...rest }).state, 'discontinued')
    assert.is(followed.take({ lives: [next], ...rest }).state, 'discontinued')
    assert.is((await looked(followed, LivingTrail.begun())).state, 'unsigned')
  },

  'believes pinned keys alone, and a rotation while both sign': async () => {
    const trail = LivingTrail.begun()
    const [first = ''] = trail.keys()
    const [pinned, learning] = [new HeadTracker([first]), new HeadTracker([])]
    for (const change of [() => trail.grow(1), () => trail.rotateKeys()]) {
      change()
      for (const followed of [pinned, learning]) {
        assert.is((await looked(followed, trail)).state, 'consistent')
      }
    }
    trail.endOverlap()
    assert.is((await looked(learning, trail)).state, 'consistent')
    assert.is((await looked(pinned, trail)).state, 'unsigned')
    const both = new HeadTracker(trail.keys())
    assert.is((await looked(both, trail)).state, 'consistent')
    assert.is((await looked(new HeadTracker(['no key']), trail)).state, 'unsigned')
  },

  'never takes an answer of which any letter was changed': async () => {
    const draw = drawing(5)
    // Of one key: of two signatures, one alone is enough.
    const trail = LivingTrail.begun()
    await trail.add()
    const followed = new HeadTracker(trail.keys())
    await looked(followed, trail)
    trail.grow(37)
    trail.renew()
    trail.grow(3)
    const answer = await trail.answer(followed.known())
    const { lives } = answer
    assert.ok(lives.length > 1 && (lives[0]?.proof.length ?? 0) > 2)
    const text = encodeHeads({ lives, keys: [], witnessed: null })
    const kept = followed.kept
    let judged = 0
    for (let at = 0; at < text.length; at += 1) {
      const bit = 1 << draw(5)
      const letter = String.fromCharCode(text.charCodeAt(at) ^ bit)
      const changed = parseHeads(text.slice(0, at) + letter + text.slice(at + 1))
      if (changed === null) continue
      judged += 1
      const { state } = followed.take({ ...changed, keys: [] })
      assert.is.not(state, 'consistent', `letter ${at}: ${text.slice(at - 20, at + 20)}`)
      assert.equal(followed.kept, kept)
    }
    assert.ok(judged > 500, `${judged}`)
    assert.is(followed.take(answer).state, 'consistent')
  },
})
