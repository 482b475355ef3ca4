import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { namedBlock } from '../documents/code-blocks.ts'
import { projectRoot } from '../project-files.ts'
import { freePort, newDataFolder, startServer } from './server-process.ts'

export type DjangoService = Closable & Readonly<{ url: string }>

type Wanted = Readonly<{
  python: string
  authUrl: string
  issuer: string
  /** `id:secret` of a client that may introspect. */
  client: string
  userIdClaim?: string
  /** Amid its move: it takes its own old tokens too, which `/health` gives out. */
  takesBoth?: boolean
}>

const blocks = {
  settings: 'page_settings.py',
  recipe: 'curfew_auth.py',
  'both-settings': 'page_both_settings.py',
  both: 'curfew_both.py',
}

/** A Django process with the settings and the recipe of docs/django.md, on loopback. */
export const startDjango = async (wanted: Wanted): Promise<DjangoService> => {
  const { python, authUrl, issuer, client, userIdClaim, takesBoth = false } = wanted
  const dir = newDataFolder('django')
  const service = join(dir, 'service.py')
  const program = takesBoth ? 'both.py' : 'service.py'
  await copyFile(join(projectRoot, 'test/fixtures/django', program), service)
  for (const [block, file] of Object.entries(blocks)) {
    await writeFile(join(dir, file), namedBlock('docs/django.md', block))
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const claim = userIdClaim === undefined ? [] : [userIdClaim]
  const control = await startServer({
    command: python,
    args: [service, String(port), authUrl, issuer, client, ...claim],
    dir,
    ready: async () => void (await fetch(`${url}/health`)),
  })
  return { url, close: () => control.stop() }
}
