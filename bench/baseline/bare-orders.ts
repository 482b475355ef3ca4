import Router from '@koa/router'
import Koa from 'koa'
import { Drain } from '../../shared/http/drain.ts'
import { healthRoutes } from '../../shared/http/health.ts'
import { type Listening, listen } from '../../shared/http/listen.ts'
import { serve } from '../support/serve.ts'

/** The body that the guarded route answers. */
export type BareOrdersPlan = Readonly<{ body: object }>

/** `services/orders` without its guard: the same Koa, router, health routes, drain and answer. */
const start = ({ body }: BareOrdersPlan): Promise<Listening> => {
  const router = new Router({ sensitive: true })
  router.get('/orders', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = body
  })
  const app = new Koa()
  app.use(healthRoutes(() => ({})))
  app.use(router.routes())
  app.use(router.allowedMethods())
  return listen(app.callback(), { host: '127.0.0.1', port: 0 }, new Drain())
}

let listening: Listening | undefined

serve<BareOrdersPlan, string>(
  async (plan) => {
    listening = await start(plan)
    return listening.url
  },
  async () => listening?.close(),
)
