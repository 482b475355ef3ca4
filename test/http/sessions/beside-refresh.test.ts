import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { type Jar, jarOf, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'

const tokensOf = (jar: Jar) => ({
  access: tokenIn(jar, 'access') ?? '',
  refresh: tokenIn(jar, 'refresh') ?? '',
})

type Shown = Readonly<{ own: ReturnType<typeof tokensOf>; foreign: string }>

claims('an access token beside a refresh token of its session', {
  'counts beside one that was replaced, if its signature is good': async () => {
    const clock = fakeClock()
    await inWorld({ clock }, async (world) => {
      const user = await world.addUser()
      const { access: other } = tokensOf(await world.open(user))
      for (const [replaced, isForged, status] of [
        [false, false, 200],
        [false, true, 200],
        [true, false, 200],
        [true, true, 401],
      ] as const) {
        const jar = await world.open(user)
        const { refresh } = tokensOf(jar)
        if (replaced) {
          await world.refresh(jar)
          await clock.advance(10_001)
        }
        const { access: good } = tokensOf(jar)
        const forged = [...good.split('.').slice(0, 2), other.split('.')[2]].join('.')
        const access = isForged ? forged : good
        const said = JSON.stringify({ replaced, isForged })
        assert.is((await world.logout(jarOf({ access, refresh }))).status, status, said)
        assert.is((await world.me(jar)).status, 401, said)
      }
    })
  },

  'tells whose logout it is beside a living token of somebody else': async () => {
    await inWorld({}, async (world) => {
      const shapes = [
        ({ own, foreign }: Shown) => ({
          cookie: `access=${own.access}; refresh=${own.refresh}`,
          authorization: `Bearer ${foreign}`,
        }),
        ({ own, foreign }: Shown) => ({
          cookie: `access=${own.access}; access=${foreign}; refresh=${own.refresh}`,
        }),
        ({ own, foreign }: Shown) => ({
          cookie: `access=${foreign}; access=${own.access}; refresh=${own.refresh}`,
        }),
        ({ own, foreign }: Shown) => ({
          cookie: `access=${foreign}; refresh=${own.refresh}`,
          authorization: `Bearer ${own.access}`,
        }),
      ]
      for (const [index, shape] of shapes.entries()) {
        const [jar, other] = [
          await world.open(await world.addUser()),
          await world.open(await world.addUser()),
        ]
        const headers = shape({ own: tokensOf(jar), foreign: tokensOf(other).access })
        const { status } = await world.send('/logout', new Map(), { headers })
        assert.is(status, 200, `shape ${index}`)
        assert.is((await world.me(jar)).status, 401, `shape ${index}`)
      }
    })
  },
})
