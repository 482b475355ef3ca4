import { notRun } from '../../support/not-run.ts'
import { type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { findScale } from '../../support/scale.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const client = 'hr:a-long-secret-of-the-directory'
const settings = { CURFEW_SERVICE_CLIENTS: `${client}:users+audit`, CURFEW_PROXY_HOPS: '1' }
const authorization = `Basic ${Buffer.from(client).toString('base64')}`
const address = '198.51.100.201'

type Use = Readonly<{ address: string | null }>

const usesAt = async ({ url }: Member, sub: string): Promise<readonly Use[]> => {
  const answer = await fetch(`${url}/users/${sub}/sessions`, { headers: { authorization } })
  if (!answer.ok) return []
  const { sessions } = (await answer.json()) as { sessions: readonly { started: Use }[] }
  return sessions.map(({ started }) => started)
}

const eraseAt = async ({ url }: Member, user: string): Promise<void> => {
  const path = `${url}/users/${user}/erase`
  assert.is((await fetch(path, { method: 'POST', headers: { authorization } })).status, 204)
}

const scaleClaims = (scale: Scale): Claims => ({
  'who is erased at one gateway opens at no other, and the view shows nobody': () =>
    withFleet(scale, async (fleet) => {
      const near = await fleet.gateway(settings)
      const [far] = await Promise.all([fleet.gateway(settings), fleet.projector()])
      const { username, password } = await fleet.addUser('zephyrine')
      const login = await fetch(`${near.url}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ username, password }),
      })
      assert.is(login.status, 200)
      const backends = await fleet.backends()
      const user = await backends.directory().byName(username)
      if (!user) throw new Error('there is no user')
      const { sub } = user
      const shown = async (): Promise<boolean> => (await usesAt(far, sub))[0]?.address === address
      await until('the other gateway opens it', shown, 20_000)
      const [stored] = await backends.sessions().page(sub, null, 1)
      assert.is(stored?.first?.address, null)
      assert.match(stored?.first?.personal ?? '', /^1;[0-9a-f]{4};a:/)
      const keys = backends.personalKeys()
      const owner = `sub:${sub}` as const
      assert.ok((await keys.find([owner]))[0])
      await eraseAt(near, username)
      assert.equal(await keys.find([owner]), [null])
      for (const gateway of [near, far]) {
        const isGone = async (): Promise<boolean> => {
          const [use] = await usesAt(gateway, sub)
          return use !== undefined && use.address === null
        }
        await until('it opens to nobody', isGone, 30_000)
      }
      assert.equal((await keys.openErasures(9)).length, 0)
    }),
})

const found = await findScale()
if ('missing' in found) notRun('an erasure at scale', found.missing)
else claims('an erasure at scale', scaleClaims(found.scale))
