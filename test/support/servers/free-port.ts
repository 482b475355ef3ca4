import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../shared/kernel/clock.ts'

// Below the range from which systems give connections their own ports (32768 and up on Linux): a
// gateway that is restarted finds its port as it left it. One of that range was once taken by a
// connection of another test while a fleet's gateway was down.
const firstPort = 20_000
const portCount = 12_000

/** A port belongs to who drew it for so long, whether anything listens there or not. */
const ownMs = 15 * 60_000

/** One for all test processes of this user, whatever folder each has for its own files. */
const drawn = join(
  existsSync('/tmp') ? '/tmp' : tmpdir(),
  `curfew-ports-${process.getuid?.() ?? 'user'}`,
)

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

const ageMs = (path: string): number => {
  try {
    return systemClock.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

/** Whether nobody else drew it lately. */
const draws = (port: number): boolean => {
  const path = join(drawn, String(port))
  try {
    writeFileSync(path, '', { flag: 'wx' })
    return true
  } catch {
    // Not drawn at once: two that find it old would both have it.
    if (ageMs(path) > ownMs) rmSync(path, { force: true })
    return false
  }
}

/**
 * A port that nobody listens on, and that no other test draws. Once a broker of three did not come
 * up because another test had drawn one of its twelve ports in the moment before it listened.
 */
export const freePort = async (): Promise<number> => {
  mkdirSync(drawn, { recursive: true })
  for (;;) {
    const port = firstPort + randomInt(portCount)
    if (draws(port) && (await isFree(port))) return port
  }
}
