import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { run } from '../servers/server-process.ts'
import { inTempFolder } from '../temp-folder.ts'

export type WebFront = Closable &
  Readonly<{
    port: number
    /** Whose requests go on to a gateway: host name to address. Every other host has pages only. */
    targets: Map<string, string>
  }>

const certificate = (): Promise<Readonly<{ key: Buffer; cert: Buffer }>> =>
  inTempFolder('front', async (dir) => {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const named = ['-subj', '/CN=front.test', '-days', '2', '-keyout', key, '-out', cert]
    await run('openssl', [...made, ...named], 20_000)
    return { key: await readFile(key), cert: await readFile(cert) }
  })

/** A form that posts to `?to=`, for whoever opens the page to submit. */
const pageOf = (address: URL): string => `<!doctype html><title>page</title>
<form method="post" action="${address.searchParams.get('to') ?? ''}">
<input name="username" value="alice"><input name="password" value="correct horse">
<button>send</button></form>`

const passOn = (asked: IncomingMessage, answer: ServerResponse, target: string): void => {
  const { method, headers, url = '/' } = asked
  const sent = request(new URL(url, target), { method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers)
    got.pipe(answer)
  })
  sent.on('error', () => answer.destroy())
  asked.pipe(sent)
}

/**
 * What stands in front of a gateway: one server for all hosts, with `/page` on each of them. The
 * page tells nobody where it is (`Referrer-Policy: no-referrer`). `/away?to=` redirects.
 */
export const openFront = async (isSecure: boolean): Promise<WebFront> => {
  const targets = new Map<string, string>()
  const serve = (asked: IncomingMessage, answer: ServerResponse): void => {
    const address = new URL(asked.url ?? '/', `http://${asked.headers.host}`)
    const target = targets.get(address.hostname)
    const away = address.pathname === '/away' ? address.searchParams.get('to') : null
    if (away !== null) {
      answer.writeHead(302, { Location: away })
      answer.end()
      return
    }
    if (address.pathname !== '/page' && target !== undefined) {
      passOn(asked, answer, target)
      return
    }
    answer.setHeader('Content-Type', 'text/html')
    answer.setHeader('Referrer-Policy', 'no-referrer')
    answer.end(pageOf(address))
  }
  const server = isSecure ? createTlsServer(await certificate(), serve) : createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, targets, close }
}
