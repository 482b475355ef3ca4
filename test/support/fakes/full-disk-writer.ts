import { writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { lmdbEventStore } from '../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { assert } from '../suite.ts'
import { byThread } from '../worlds/lmdb-writers.ts'
import { aRevocationCommit } from './builders.ts'

/**
 * Fills the store at the first argument until its disk is full, deletes the file at the second, and
 * goes on; the third says who writes. What was acknowledged is told at once, a line each.
 */
const [path = '', ballast = '', writer = ''] = process.argv.slice(2)
const tell = (commit: NewCommit): void => {
  let left = Buffer.from(`${JSON.stringify(commit)}\n`)
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left))
    } catch (error) {
      // A pipe that its reader has not emptied yet.
      if (errorCode(error) !== 'EAGAIN') throw error
    }
  }
}

const refusal = async (store: EventStore): Promise<AuthError> => {
  for (;;) {
    const commit = aRevocationCommit()
    try {
      await store.append(commit)
      tell(commit)
    } catch (error) {
      if (isAuthError(error)) return error
      throw error
    }
  }
}

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))
const env = await openLmdb({ path, clock, logger, ...(writer === 'thread' ? byThread : {}) })
const store = lmdbEventStore(env)
const error = await refusal(store)
assert.is(error.code, 'STORE_UNAVAILABLE')
assert.match(error.message, /ENOSPC/)
assert.equal(await store.heads(['s/00000000000000000000000000000000']), [null], 'reads go on')
assert.is(env.healthy(), false)
await rm(ballast)
const next = aRevocationCommit()
assert.equal(await store.append(next), { outcome: 'appended' })
tell(next)
assert.is(env.healthy(), true)
await env.close()
await new Promise<void>((resolve) => setImmediate(resolve))
assert.equal(unhandled, [])
writeSync(1, 'went on\n')
