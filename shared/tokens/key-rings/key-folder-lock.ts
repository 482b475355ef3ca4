import { link, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Entropy } from '../../kernel/entropy.ts'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError } from '../../kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import { writing } from '../secret-files/index.ts'

const prefix = 'keys.lock.'
const waitMsMax = 10_000
const lookMs = 20
/** An older lock is left beside the newest: whoever still reads the folder finds one of them. */
const keptBehind = 1

type Owner = Readonly<{ host: string; pid: number; id: string }>
/** Locks that this process holds: its own id alone does not say that, ids are given out again. */
const heldHere = new Set<string>()

const numbersIn = async (dir: string): Promise<readonly number[]> => {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw new AuthError('KEYS_INVALID', `${dir} cannot be read. Start a gateway once.`, { cause })
  })
  const locks = names.filter((name) => name.startsWith(prefix))
  return locks.map((name) => Number(name.slice(prefix.length))).filter(Number.isSafeInteger)
}

const pathOf = (dir: string, number: number): string => join(dir, `${prefix}${number}`)

const ownerIn = (text: string): Owner | null => {
  const parsed = parseStrictJson(text, { depthMax: 2 })
  if (!parsed.ok || !isPlainObject(parsed.value)) return null
  const { host, pid, id } = parsed.value
  const isWhole = typeof host === 'string' && typeof id === 'string' && Number.isSafeInteger(pid)
  return isWhole ? { host, pid: pid as number, id } : null
}

// Nothing is known of a process on another machine: its lock is waited for, and never broken.
const isAlive = ({ host, pid, id }: Owner): boolean => {
  if (host !== hostname()) return true
  if (pid === process.pid) return heldHere.has(id)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** Who holds lock `number`; `null` when it was released, or its owner died with it. */
const holder = async (dir: string, number: number): Promise<Owner | null | 'gone'> => {
  const text = await readFile(pathOf(dir, number), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  })
  if (text === null) return 'gone'
  const owner = ownerIn(text)
  return owner && isAlive(owner) ? owner : null
}

/** One try; the number of the lock, or `null` when somebody else was first. */
const claim = async (dir: string, temporary: string, number: number): Promise<number | null> => {
  try {
    await link(temporary, pathOf(dir, number))
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return null
    throw error
  }
  // A process that read the folder long ago may have created a number that others went past and
  // removed.
  const numbers = await numbersIn(dir)
  if (numbers.some((other) => other > number)) {
    await unlink(pathOf(dir, number)).catch(() => {})
    return null
  }
  const old = numbers.filter((other) => other < number - keptBehind)
  await Promise.all(old.map((other) => unlink(pathOf(dir, other)).catch(() => {})))
  return number
}

const take = async (dir: string, temporary: string, clock: Clock): Promise<number> => {
  const startedMs = clock.monotonicMs()
  for (;;) {
    const newest = Math.max(0, ...(await numbersIn(dir)))
    const owner = newest === 0 ? null : await holder(dir, newest)
    if (owner === null) {
      const taken = await claim(dir, temporary, newest + 1)
      if (taken !== null) return taken
    }
    if (clock.monotonicMs() - startedMs > waitMsMax) {
      const by = owner && owner !== 'gone' ? `process ${owner.pid} on ${owner.host}` : 'others'
      throw new AuthError(
        'KEYS_LOCKED',
        `the keys are being changed by ${by}. If that is not so, delete ${pathOf(dir, newest)}`,
      )
    }
    await clock.sleep(lookMs)
  }
}

/**
 * Runs `work` while no other process changes the key files of `dir`. Lock files are numbered, and
 * making newest + 1 is the claim: a lock whose owner died is followed, never removed, so two who
 * find it cannot both take it away. What is not promised: that the owner still lives is known on
 * its own machine only; a lock of another one must be released or deleted by hand.
 * @throws AuthError KEYS_LOCKED after 10 s, KEYS_INVALID when there is no such folder,
 * KEYS_READ_ONLY when it cannot be written to.
 */
export const withKeyFolderLock = async <T>(
  dir: string,
  { entropy, clock = systemClock }: Readonly<{ entropy: Entropy; clock?: Clock }>,
  work: () => Promise<T>,
): Promise<T> => {
  const id = entropy.bytes(8).toString('hex')
  const temporary = join(dir, `keys.lock-${id}.tmp`)
  heldHere.add(id)
  try {
    await numbersIn(dir)
    const owner = JSON.stringify({ host: hostname(), pid: process.pid, id } satisfies Owner)
    // No secret: others of a group that shares the folder must see who holds it.
    await writing(dir, () => writeFile(temporary, owner, { flag: 'wx', mode: 0o640 }))
    const number = await take(dir, temporary, clock).finally(() => unlink(temporary))
    try {
      return await work()
    } finally {
      // Emptied, not removed: a number that vanished could be given out twice.
      await truncate(pathOf(dir, number)).catch(() => {})
    }
  } finally {
    heldHere.delete(id)
  }
}
