import { namedBlock } from '../support/documents/code-blocks.ts'
import { startTyped } from '../support/processes/typed-start.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { makeClone, typedIn } from '../support/requests/page-shell.ts'
import { freePort } from '../support/servers/server-process.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'

claims('the console alone, as the page prints it', {
  'starts beside a gateway, is ready, leads to the sign-in, and ends on SIGTERM': () =>
    inTempFolder('page', (dir) =>
      inWorld({}, async ({ url: gateway }) => {
        makeClone(dir)
        const port = String(await freePort())
        const env = { GATEWAY: gateway, CURFEW_CONSOLE_PORT: port, CURFEW_DRAIN: '0' }
        const url = `http://localhost:${port}`
        const isReady = () =>
          fetch(`${url}/readyz`).then(
            ({ ok }) => ok,
            () => false,
          )
        const block = namedBlock('docs/console.md', 'alone')
        const running = await startTyped({ dir, env }, block, isReady)
        try {
          const { status, headers } = await sendHttp(`${url}/console`, { method: 'GET' })
          assert.equal([status, headers.location], [303, '/sign-in?return_to=%2Fconsole'])
          const form = await sendHttp(`${url}/sign-in`, { method: 'GET' })
          assert.match(String(form.body), 'name="password"')
        } finally {
          await running.stop()
        }
        assert.match(running.output(), /console listens.*console stops/s)
      }),
    ),

  'says which setting is wrong': () =>
    inTempFolder('page', async (dir) => {
      makeClone(dir)
      const wrong = await typedIn({ dir }, 'npx curfew console --gateway nowhere --port 99999')
      assert.is(wrong.code, 1)
      assert.match(wrong.stderr, 'CURFEW_GATEWAY_URL="nowhere": is no http or https address')
      assert.match(wrong.stderr, 'CURFEW_CONSOLE_PORT="99999"')
    }),
})
