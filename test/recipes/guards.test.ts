import type { Express } from 'express'
import Koa from 'koa'
import type { RevocationFeed } from '../../shared/guard/index.ts'
import { listen } from '../../shared/http/listen.ts'
import { docModule } from '../support/documents/doc-module.ts'
import { findTools } from '../support/processes/tools.ts'
import { startTyped } from '../support/processes/typed-start.ts'
import { leadCurl, printedBy } from '../support/requests/page-shell.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { commandsOf, provesItself } from '../support/worlds/recipe-service.ts'
import { hearsAlone, inBothClocks, type RecipeWorld } from '../support/worlds/recipe-world.ts'

const at = { port: 0, host: '127.0.0.1' }

/** The addresses of the pages lead to the test's gateway. */
const leading = ({ env }: RecipeWorld) => ({
  'https://auth.example': env.AUTH_URL,
  'https://projector.internal': env.AUTH_URL,
})

type Protect = Readonly<{ protect: (app: Koa, secret: string) => Promise<void> }>
type Open = Readonly<{ open: (secret: string) => Promise<Express> }>

claims('guards of the pages, as they are printed, by clocks that are behind and ahead', {
  'README: five lines before an application on Koa': () =>
    inBothClocks(async (world) => {
      const { protect } = (await docModule('README.md', 'guard', leading(world))) as Protect
      const app = new Koa()
      await protect(app, world.env.AUTH_SECRET)
      app.use((ctx) => {
        const { sub, roles } = ctx.state['caller'].claims
        ctx.body = { you: sub, roles }
      })
      const server = await listen(app.callback(), at)
      try {
        await provesItself(world, server, { isHearing: true })
      } finally {
        await server.close()
      }
    }, hearsAlone),

  'docs/guard.md: an application on Express': () =>
    inBothClocks(async (world) => {
      const { open } = (await docModule('docs/guard.md', 'attach', leading(world))) as Open
      const server = await listen(await open(world.env.AUTH_SECRET), at)
      try {
        await provesItself(world, server, { isHearing: true, says: (sub) => ({ you: sub }) })
      } finally {
        await server.close()
      }
    }, hearsAlone),
})

const page = 'docs/feed.md'

claims('docs/feed.md, as it is typed, by clocks that are behind and ahead', {
  'the feed reads a logout in a service of one’s own': () =>
    inBothClocks(async (world) => {
      process.env['FEED_SECRET'] = world.env.AUTH_SECRET
      const { feed } = (await docModule(page, 'guard', leading(world))) as { feed: RevocationFeed }
      const heard: string[] = []
      await feed.open({
        onItems: (items) => void heard.push(JSON.stringify(items)),
        onReset: () => {},
        onCaughtUp: () => {},
        onTrouble: () => {},
      })
      try {
        const pair = await world.obtain()
        await world.logOut(pair)
        const { sid } = payloadOf(pair.access)
        await until('it hears', () => heard.some((items) => items.includes(`sid:${sid}`)))
      } finally {
        await feed.close()
      }
    }),

  'curl reads it, as the client that the page names': async () => {
    if (!(await findTools('the commands of the pages', 'curl', 'openssl'))) return
    const [secret = '', clients = '', curl = ''] = commandsOf(page, 'read')
    await inTempFolder('feed', async (dir) => {
      const tell = 'printf "%s %s" "$SECRET" "$CURFEW_SERVICE_CLIENTS"'
      const said = await printedBy({ dir }, [secret, clients, tell].join('\n'))
      const [SECRET, CURFEW_SERVICE_CLIENTS = ''] = said.split(' ')
      const prove = (world: RecipeWorld): Promise<void> =>
        inTempFolder('curl', async (home) => {
          leadCurl(home, { 'localhost:3000': new URL(world.env.AUTH_URL).host })
          const shell = { dir: home, env: { SECRET } }
          const reading = await startTyped(shell, curl, async () => true)
          try {
            await until('it is greeted', () => reading.output().includes('event: hello'))
            const pair = await world.obtain()
            await world.logOut(pair)
            const { sid } = payloadOf(pair.access)
            await until('it reads a logout', () => reading.output().includes(`sid:${sid}`))
          } finally {
            await reading.close()
          }
        })
      await inBothClocks(prove, { CURFEW_SERVICE_CLIENTS })
    })
  },
})
