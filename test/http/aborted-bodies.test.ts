import { connect } from 'node:net'
import { newJar } from '../support/processes/browser.ts'
import { type HeardLine, heardLines } from '../support/processes/heard-lines.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { openWorld } from '../support/worlds/gateway-world.ts'

const head = (path: string, ...headers: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')

/** Sends `text`, waits until the server has it, and hangs up as `end` does. */
const hangUp = (url: string, text: string, end: 'reset' | 'close'): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
    socket.write(text, () => {
      setImmediate(() => (end === 'reset' ? socket.resetAndDestroy() : socket.destroy()))
    })
  })

const isGivenUp = ({ message }: HeardLine): boolean => message === 'a request was given up'

claims('a request that is given up', {
  'in whichever form its body comes, it is no error, no 500 and no line of its own': async () => {
    const { lines, logger } = heardLines()
    const world = await openWorld({ logger })
    try {
      const json = 'Content-Type: application/json'
      const form = 'Content-Type: application/x-www-form-urlencoded'
      const multipart = 'Content-Type: multipart/form-data; boundary=x'
      const long = 'Content-Length: 400'
      const bodies = [
        `${head('/login', json, long)}{"username":`,
        `${head('/login', form, long)}username=`,
        `${head('/api/token/', multipart, long)}--x\r\n`,
        `${head('/login', json, 'Transfer-Encoding: chunked')}5\r\n{"use\r\n`,
        `${head('/login', json, 'Transfer-Encoding: chunked')}5\r\n{"use\r\nzz\r\n`,
        `${head('/password', json, long)}{`,
        `${head('/revocations', json, long)}{`,
      ]
      let count = 0
      for (const text of bodies) {
        for (const end of ['reset', 'close'] as const) await hangUp(world.url, text, end)
        count += 2
      }
      // Where the caller is judged after the body, what they hear is that they are nobody.
      const judged = 4
      await until('the gateway has noticed', async () => {
        return lines.filter(isGivenUp).length >= count - judged
      })
      assert.is((await world.send('/readyz', newJar(), { method: 'GET' })).status, 200)
      assert.equal(
        lines.filter(({ level }) => level !== 'debug'),
        [],
      )
    } finally {
      await world.close()
    }
  },
})
