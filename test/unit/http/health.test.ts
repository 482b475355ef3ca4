import Koa from 'koa'
import { degraded, type Health, healthRoutes, ok, unready } from '../../../shared/http/health.ts'
import { listen } from '../../../shared/http/listen.ts'
import { assert, claims } from '../../support/suite.ts'

const answerOf = async (parts: Health): Promise<Readonly<{ status: number; body: unknown }>> => {
  const app = new Koa()
  app.use(healthRoutes(() => parts))
  const server = await listen(app.callback(), { host: '127.0.0.1', port: 0 })
  try {
    const answer = await fetch(`${server.url}/readyz`)
    return { status: answer.status, body: await answer.json() }
  } finally {
    await server.close()
  }
}

claims('The readiness page', {
  'is ready when every part is': async () => {
    const { status, body } = await answerOf({ store: ok(), log: ok('as of now') })
    assert.is(status, 200)
    assert.equal(body, {
      ready: true,
      status: 'ready',
      parts: { store: 'ok', log: 'as of now' },
      notReady: [],
      degraded: [],
    })
  },

  'takes traffic with a degraded part, and has the reason': async () => {
    const { status, body } = await answerOf({ store: ok(), log: degraded('is down') })
    assert.is(status, 200)
    assert.equal(body, {
      ready: true,
      status: 'degraded',
      parts: { store: 'ok', log: 'is down' },
      notReady: [],
      degraded: ['log'],
    })
  },

  'refuses traffic for one part, whatever the others are': async () => {
    const { status, body } = await answerOf({ store: unready('is away'), log: degraded('is down') })
    assert.is(status, 503)
    assert.equal(body, {
      ready: false,
      status: 'unready',
      parts: { store: 'is away', log: 'is down' },
      notReady: ['store'],
      degraded: ['log'],
    })
  },
})
