import { CompactRevocationSet } from '../../../../shared/guard/revocation-set/revocation-set.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { aRevocation } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'

const born = { sub: 3, client: -1, all: 0 }
const token = accessClaims({ epoch: born })
const hour = 3_600_000
const at = (ms: number): EpochMs => (instant + ms) as EpochMs

/** What `key` with `cutoff` does to the sample token. */
const hitBy = (key: Parameters<typeof aRevocation>[0], cutoff: number | null = null) => {
  const set = new CompactRevocationSet()
  set.add(aRevocation(key, cutoff))
  return set.match(token)
}

claims('revocation set', {
  'a token and a session are hit exactly': () => {
    assert.is(hitBy(`jti:${token.jti}`), `jti:${token.jti}`)
    assert.is(hitBy(`sid:${token.sid}`), `sid:${token.sid}`)
    assert.is(hitBy(`jti:${token.sid}`), null)
    assert.is(hitBy(`sid:${token.jti}`), null)
  },
  'a cutoff hits sessions of a lower epoch, and no others': () => {
    assert.is(hitBy(`sub:${token.sub}`, 4), `sub:${token.sub}`)
    assert.is(hitBy(`sub:${token.sub}`, 3), null)
    assert.is(hitBy(`client:${token.client_id}`, 0), `client:${token.client_id}`)
    assert.is(hitBy('all', 1), 'all')
    assert.is(hitBy('all', 0), null)
    assert.is(hitBy('sub:someone', 99), null)
  },
  'a cutoff that 32 bits cannot hold is one for ever': () => {
    const set = new CompactRevocationSet()
    set.add(aRevocation(`sub:${token.sub}`, 2 ** 40))
    set.add(aRevocation('client:web', 2 ** 40))
    const epoch = { ...born, sub: 2 ** 40, client: 2 ** 40 }
    assert.is(set.match({ ...token, epoch }), `sub:${token.sub}`)
    assert.is(set.match({ ...token, sub: 'x' as typeof token.sub, epoch }), null)
  },
  'cutoffs merge by maximum, in any order': () => {
    for (const order of [
      [4, 2],
      [2, 4],
      [4, 4],
    ]) {
      const set = new CompactRevocationSet()
      for (const cutoff of order) set.add(aRevocation(`sub:${token.sub}`, cutoff))
      assert.is(set.match(token), `sub:${token.sub}`)
      assert.is(set.size, 1)
    }
  },
  'what is expired is forgotten, and nothing before': () => {
    const set = new CompactRevocationSet()
    set.add(aRevocation(`sid:${token.sid}`, null, at(hour)))
    set.expire(at(hour - 1))
    assert.is(set.match(token), `sid:${token.sid}`)
    set.expire(at(hour + 60_000))
    assert.is(set.match(token), null)
    assert.is(set.size, 0)
  },
  'expiries merge by maximum, whichever came first': () => {
    for (const order of [
      [hour, 5 * hour],
      [5 * hour, hour],
      [hour, hour + 1_000],
    ]) {
      const set = new CompactRevocationSet()
      for (const ms of order) set.add(aRevocation(`sid:${token.sid}`, null, at(ms)))
      set.expire(at(Math.max(...order) - 1))
      assert.is(set.size, 1)
      set.expire(at(Math.max(...order) + 60_000))
      assert.is(set.size, 0)
    }
  },
  'what its minute still holds is known, and news is told from repetition': () => {
    const set = new CompactRevocationSet()
    const revocation = aRevocation(`sid:${token.sid}`, null, at(hour + 59_999))
    assert.equal([set.add(revocation), set.add(revocation)], [true, false])
    set.expire(at(hour))
    assert.is(set.match(token), `sid:${token.sid}`)
    set.expire(at(hour + 60_000))
    assert.equal([set.match(token), set.add(revocation), set.size], [null, false, 0])
  },
  'time does not go back': () => {
    const set = new CompactRevocationSet()
    set.expire(at(2 * hour))
    set.expire(at(0))
    assert.is(set.add(aRevocation(`sid:${token.sid}`, null, at(hour))), false)
  },
  'an entry that comes after its minute was swept is forgotten too': () => {
    const set = new CompactRevocationSet()
    set.expire(at(hour))
    set.add(aRevocation(`sid:${token.sid}`, null, at(0)))
    set.expire(at(hour + 60_000))
    assert.is(set.size, 0)
  },
})
