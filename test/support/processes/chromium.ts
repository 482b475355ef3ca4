import { type Browser, chromium } from 'playwright-core'
import { run } from '../servers/server-process.ts'
import { findTool } from './tools.ts'

/** A sandbox needs more rights than a container has; nothing may call home or share a socket. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--ignore-certificate-errors',
  '--host-resolver-rules=MAP *.test 127.0.0.1',
  // As Safari and private windows do: cookies of third parties are kept only when partitioned.
  '--test-third-party-cookie-phaseout',
]

/** A real Chromium in which every host below `.test` is this machine; it ends with the process. */
export const openChromium = async (what: string): Promise<Browser | null> => {
  if ((await findTool('chromium', what)) === null) return null
  const executablePath = (await run('sh', ['-c', 'command -v chromium'], 5_000)).trim()
  return chromium.launch({ executablePath, args, headless: true })
}
