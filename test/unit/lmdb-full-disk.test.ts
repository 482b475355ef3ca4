import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openLmdb } from '../../shared/adapters/lmdb/environment.ts'
import { lmdbEventStore } from '../../shared/adapters/lmdb/event-store.ts'
import type { NewCommit } from '../../shared/events/commit.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { type AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { aRevocationCommit } from '../support/builders.ts'
import { notRun } from '../support/not-run.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'

const run = promisify(execFile)

/** A file system of its own with little space; `false` where nobody may mount one. */
const onSmallDisk = async (work: (dir: string) => Promise<void>): Promise<boolean> =>
  inTempFolder('full', async (dir) => {
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', dir])
    } catch {
      return false
    }
    try {
      await work(dir)
    } finally {
      await run('umount', ['-l', dir])
    }
    return true
  })

const fill = async (
  store: EventStore,
): Promise<Readonly<{ kept: NewCommit[]; error: AuthError }>> => {
  const kept: NewCommit[] = []
  for (;;) {
    const commit = aRevocationCommit()
    try {
      await store.append(commit)
      kept.push(commit)
    } catch (error) {
      if (isAuthError(error)) return { kept, error }
      throw error
    }
  }
}

const missing = async (store: EventStore, kept: readonly NewCommit[]): Promise<number> => {
  const heads = await store.heads(kept.map(({ id }) => id.s))
  return heads.filter((head, index) => head?.claim !== kept[index]?.claim).length
}

const fullDisk = async (dir: string): Promise<void> => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(reason)
  }
  process.on('unhandledRejection', onUnhandled)
  try {
    const path = join(dir, 'data')
    const ballast = join(dir, 'ballast')
    await writeFile(ballast, Buffer.alloc(1_500_000))
    const env = await openLmdb({ path, clock, logger })
    const store = lmdbEventStore(env)
    const { kept, error } = await fill(store)
    assert.is(error.code, 'STORE_UNAVAILABLE')
    assert.match(error.message, /ENOSPC/)
    assert.ok(kept.length > 10, `${kept.length} were kept`)
    assert.is(await missing(store, kept), 0, 'reads go on')
    assert.is(env.healthy(), false)
    await rm(ballast)
    const next = aRevocationCommit()
    assert.equal(await store.append(next), { outcome: 'appended' })
    assert.is(env.healthy(), true)
    await env.close()
    const again = await openLmdb({ path, clock, logger })
    assert.is(await missing(lmdbEventStore(again), [...kept, next]), 0, 'nothing is lost')
    await again.close()
    await new Promise<void>((resolve) => setImmediate(resolve))
    assert.equal(unhandled, [])
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
}

if (await onSmallDisk(async () => {})) {
  claims('a full disk', {
    'is told by its name, loses nothing that was acknowledged, and goes on once there is space':
      async () => {
        await onSmallDisk(fullDisk)
      },
  })
} else notRun('a full disk', 'this user may not mount a tmpfs')
