import { type RawAnswer, rawRequest } from '../../http/raw-request.ts'
import { namedBlock } from '../documents/code-blocks.ts'
import { ledText } from '../documents/led-text.ts'
import type { Jar } from '../processes/browser.ts'
import { findTool } from '../processes/tools.ts'
import { type Heard, startListener } from '../servers/listening.ts'
import { startNginx } from '../servers/nginx.ts'
import { inWorld, type World, type WorldOptions } from './gateway-world.ts'

export type Proxied = Readonly<{
  world: World
  url: string
  jar: Jar
  /** Through nginx, with the session's cookies unless told otherwise. */
  ask: (path: string, headers?: Record<string, string>, method?: string) => Promise<RawAnswer>
  heard: readonly Heard[]
}>

const portOf = (url: string): string => new URL(url).port

/** The configuration of docs/doors.md, with the addresses of this test. */
export const behindNginx = async (
  options: WorldOptions,
  prove: (proxied: Proxied) => Promise<void>,
  edit = (config: string): string => config,
): Promise<void> => {
  const command = await findTool('nginx', 'nginx’s auth_request in front of a service')
  if (command === null) return
  const config = namedBlock('docs/doors.md', 'server')
  const env = { ...options.env, CURFEW_BASE_PATH: '/auth' }
  await inWorld({ ...options, env }, async (world) => {
    const service = await startListener()
    const nginx = await startNginx(command, (port) =>
      ledText(edit(config), {
        '127.0.0.1:8080': `127.0.0.1:${port}`,
        '127.0.0.1:3000': `127.0.0.1:${portOf(world.url)}`,
        '127.0.0.1:9000': `127.0.0.1:${service.port}`,
      }),
    )
    try {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: [] })
      const jar = await world.open(user)
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
      const ask: Proxied['ask'] = (path, headers = { cookie }, method = 'GET') =>
        rawRequest(`${nginx.url}${path}`, { method, headers })
      await prove({ world, url: nginx.url, jar, ask, heard: service.heard })
    } finally {
      await nginx.control.stop()
      await service.close()
    }
  })
}
