import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type StubGateway = Readonly<{
  url: string
  heard: readonly string[]
  close: () => Promise<void>
}>

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

const isMetadata = ({ url = '' }: IncomingMessage): boolean => url.includes('/.well-known/')

/** Something that says it is a gateway, and answers as `answer` does; it notes what it hears. */
export const startStubGateway = async (
  answer: RequestListener,
  cookieName = 'access',
): Promise<StubGateway> => {
  const heard: string[] = []
  const server = createServer((request, response) => {
    if (isMetadata(request)) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ curfew_cookie_name: cookieName }))
      return
    }
    heard.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, heard, close: () => closed(server) }
}
