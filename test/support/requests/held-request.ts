import { request } from 'node:http'
import type { Jar } from '../processes/browser.ts'

export type HeldRequest = Readonly<{
  /** Sends the body, and answers the status. */
  finish(json: unknown): Promise<number>
}>

/** A request whose headers the server has (it said 100), and whose body it waits for. */
export const holdRequest = async (url: string, jar: Jar, method = 'POST'): Promise<HeldRequest> => {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = {
    cookie,
    'content-type': 'application/json',
    'transfer-encoding': 'chunked',
    expect: '100-continue',
  }
  const sending = request(url, { method, headers, agent: false })
  const answered = new Promise<number>((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', (message) => {
      message.resume().on('end', () => resolve(message.statusCode ?? 0))
    })
  })
  // A test that failed before it finished the request has its own error.
  answered.catch(() => {})
  await new Promise<void>((resolve, reject) => {
    sending.once('continue', resolve)
    sending.once('error', reject)
    sending.flushHeaders()
  })
  return {
    finish: (json) => {
      sending.end(JSON.stringify(json))
      return answered
    },
  }
}
