import { createSecretKey } from 'node:crypto'
import { LoginLimits } from '../../../../services/gateway/accounts/login-limits.ts'
import { openMemoryRateLimits } from '../../../../shared/adapters/memory/rate-limits.ts'
import { parseServiceClient } from '../../../../shared/http/service-clients.ts'
import type { RateLimits } from '../../../../shared/ports/rate-limits.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const key = createSecretKey(Buffer.alloc(32, 3))
const address = '203.0.113.9'

/** How often each rule was asked. */
const counting = (limits: RateLimits): RateLimits & { asked: Map<string, number> } => {
  const asked = new Map<string, number>()
  return {
    ...limits,
    asked,
    take: (rule, name) => {
      asked.set(rule.name, (asked.get(rule.name) ?? 0) + 1)
      return limits.take(rule, name)
    },
  }
}

claims('login limits', {
  'an address that is refused leaves no trace for each name that it makes up': async () => {
    const counted = counting(openMemoryRateLimits({ clock: fakeClock() }))
    const limits = new LoginLimits(counted, key)
    for (let index = 0; index < 60; index += 1) {
      await limits.admit({ username: `made-up-${index}`, address }, null)
    }
    assert.is(counted.asked.get('login-address'), 60)
    assert.is(counted.asked.get('login-pair'), 50)
  },

  'an attempt of a stranger that is refused opens no window for its network': async () => {
    const memory = openMemoryRateLimits({ clock: fakeClock() })
    const limits = new LoginLimits(memory, key)
    const networkAt = (index: number): string => `2001:db8:0:${index.toString(16)}::1`
    const attempt = async (index: number): Promise<boolean> => {
      const asked = { username: 'alice', address: networkAt(index), owner: 'u-alice' as never }
      return (await limits.admit(asked, null)).admitted
    }
    const guesses = 100
    for (let index = 0; index < guesses; index += 1) assert.is(await attempt(index), true)
    const before = memory.windows()
    for (let index = guesses; index < 3 * guesses; index += 1) {
      assert.is(await attempt(index), false)
    }
    assert.is(memory.windows() - before, 2 * guesses, 'one for each address, and no more')
  },

  'a refund gives back what was taken, and only once': async () => {
    const limits = new LoginLimits(openMemoryRateLimits({ clock: fakeClock() }), key)
    for (let index = 0; index < 100; index += 1) {
      const admission = await limits.admit({ username: 'alice', address }, null)
      if (!admission.admitted) return assert.unreachable('a success never counts')
      await admission.refund()
      await admission.refund()
    }
    let admitted = 0
    for (let index = 0; index < 20; index += 1) {
      if ((await limits.admit({ username: 'alice', address }, null)).admitted) admitted += 1
    }
    assert.is(admitted, 10)
  },
})

claims('service clients of the configuration', {
  'a mistake never quotes the text, which may be a secret': () => {
    for (const text of [
      'mysupersecretvalue1234',
      'orders:tiny-secret',
      'a b:0123456789abcdef',
      'x:y:z:w',
    ]) {
      try {
        parseServiceClient(text)
        assert.unreachable(text)
      } catch (error) {
        for (const part of text.split(':')) {
          if (part.length > 2) assert.not.ok((error as Error).message.includes(part), part)
        }
      }
    }
  },
})
