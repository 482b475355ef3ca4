#!/usr/bin/env node
import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// What is told to stop while it still loads has begun nothing. As the first process of a container
// it would not even hear a signal that it does not listen to.
const services = ['start', 'gateway', 'projector', 'orders']
const words = process.argv.slice(process.argv[2] === '--config' ? 4 : 2)
const isService = services.includes(words.find((word) => !word.startsWith('-')))
const signals = isService ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : []
const leave = () => process.exit(0)
for (const name of signals) process.on(name, leave)
const listensItself = () => {
  for (const name of signals) process.off(name, leave)
}

// tsx keeps what it stripped in the temporary folder, which a container may not have, and under a
// name that another user may have taken before us: whoever writes there writes our code.
const cacheIsOurs = () => {
  const user = process.geteuid?.()
  if (user === undefined) return true
  const dir = join(tmpdir(), `tsx-${user}`)
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') return false
  }
  try {
    const found = lstatSync(dir)
    if (!found.isDirectory() || found.uid !== user) return false
    if ((found.mode & 0o022) !== 0) chmodSync(dir, 0o700)
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}
if (!cacheIsOurs()) process.env['TSX_DISABLE_CACHE'] = '1'

// Sources are TypeScript and nothing is built at install (`npm ci --ignore-scripts`): tsx strips
// the types here. The CommonJS side is for a `curfew.config.ts` in a folder of that kind.
const { register: registerCommonJs } = await import('tsx/cjs/api')
const { register } = await import('tsx/esm/api')
registerCommonJs()
register()
const { run } = await import('./main.ts')
await run(process.argv, listensItself)
