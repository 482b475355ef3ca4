import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { listen } from '../../../shared/http/listen.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { namedBlock } from '../documents/code-blocks.ts'

export const directorySecret = 'a-secret-of-the-directory'

export type ForeignUser = {
  sub: string
  id?: string
  username: string
  password: string
  roles?: readonly string[]
  active: boolean
}

type Example = Readonly<{
  directoryServer: (users: object, secret: string) => Server
}>

/** A team's own directory: the example of docs/directory.md on users that a test may change. */
export type ForeignDirectory = Closable &
  Readonly<{ url: URL; users: ForeignUser[]; asked: string[] }>

export const openForeignDirectory = async (): Promise<ForeignDirectory> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-directory-'))
  const path = join(dir, 'server.mjs')
  await writeFile(path, namedBlock('docs/directory.md', 'directory-server'))
  const { directoryServer } = (await import(pathToFileURL(path).href)) as Example
  const users: ForeignUser[] = []
  const asked: string[] = []
  const server = directoryServer(
    {
      byName: async (name: string) => users.find(({ username }) => username === name),
      bySub: async (wanted: string) => users.find(({ sub }) => sub === wanted),
      check: async (user: ForeignUser | undefined, password: string) => user?.password === password,
    },
    directorySecret,
  )
  const listening = await listen(
    (request, response) => {
      asked.push(request.url ?? '')
      server.emit('request', request, response)
    },
    { port: 0, host: '127.0.0.1' },
  )
  const close = async (): Promise<void> => {
    await listening.close()
    await rm(dir, { recursive: true, force: true })
  }
  return { url: new URL(listening.url), users, asked, close }
}
