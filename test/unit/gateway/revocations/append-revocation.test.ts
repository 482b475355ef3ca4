import { appendTokenEnd } from '../../../../services/gateway/revocations/append-revocation.ts'
import { openMemoryUserDirectory } from '../../../../shared/adapters/memory/user-directory.ts'
import { noOrigin } from '../../../../shared/events/event.ts'
import { type EpochMs, tokenId, tokenStream } from '../../../../shared/kernel/ids.ts'
import { assert, claims } from '../../../support/suite.ts'
import { accountParts } from '../../../support/worlds/account-parts.ts'

const jti = tokenId('ab'.repeat(16))
const hour = 3_600_000

const scene = () => {
  const parts = accountParts(openMemoryUserDirectory())
  const end = (ms: number) => {
    const expiresAt = (parts.context.clock.now() + ms) as EpochMs
    return appendTokenEnd(parts, { jti, expiresAt }, noOrigin)
  }
  const remembered = async (): Promise<readonly number[]> =>
    (await parts.context.store.read(tokenStream(jti), 0, 10)).flatMap(({ events }) =>
      events.flatMap((one) => (one.type === 'TokenRevoked' ? [one.data.expiresAt] : [])),
    )
  return { parts, end, remembered }
}

claims('the end of one token', {
  'named again with a later expiry it lasts until that one, as for an id that was used twice':
    async () => {
      const { parts, end, remembered } = scene()
      await end(hour)
      const second = await end(3 * hour)
      assert.is(second.id.v, 1)
      const [first = 0, later = 0] = await remembered()
      assert.ok(later >= first + 2 * hour - 1_000)
      assert.ok((second.expiresAt ?? 0) > parts.context.clock.now() + 3 * hour)
    },

  'named again with an earlier expiry it changes nothing': async () => {
    const { end, remembered } = scene()
    await end(3 * hour)
    assert.is((await end(hour)).id.v, 0)
    assert.is((await remembered()).length, 1)
  },

  'racing names agree on the greatest': async () => {
    const { parts, end, remembered } = scene()
    await Promise.all([1, 5, 2, 4, 3].map((hours) => end(hours * hour)))
    const all = await remembered()
    assert.is(Math.max(...all), all.at(-1))
    assert.ok((all.at(-1) ?? 0) > parts.context.clock.now() + 4.9 * hour)
  },
})
