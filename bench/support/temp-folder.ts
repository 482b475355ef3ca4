import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closable } from '../../shared/kernel/lifecycle.ts'

/** A folder of one's own, removed when it is closed. Mode 0700, as keys want it. */
export const tempFolder = async (): Promise<Closable & Readonly<{ path: string }>> => {
  const path = await mkdtemp(join(tmpdir(), 'curfew-bench-'))
  return { path, close: () => rm(path, { recursive: true, force: true }) }
}
