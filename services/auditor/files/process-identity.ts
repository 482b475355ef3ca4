import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { errorCode } from '../../../shared/kernel/error-code.ts'

const schema = z.object({
  /** The id of this boot of the machine, or the host name where the system has no boot id. */
  machine: z.string(),
  /** In which process ids count: containers have their own. */
  space: z.string(),
  pid: z.int().min(1),
  /** When it began, as the machine counts: ids are given out again. */
  began: z.string(),
})

/** What tells one process from all others. */
export type ProcessIdentity = Readonly<z.infer<typeof schema>>

/** What is not there on this system is the empty text. */
const textOf = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ''
  }
}

/** The 22nd field; the second one, in brackets, may hold blanks. */
const beganOf = (pid: number): string =>
  textOf(() => {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  })

export const ownIdentity = (): ProcessIdentity => ({
  machine: textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) || hostname(),
  space: textOf(() => readlinkSync('/proc/self/ns/pid')),
  pid: process.pid,
  began: beganOf(process.pid),
})

/** `null` for what is none. */
export const identityIn = (value: unknown): ProcessIdentity | null =>
  schema.safeParse(value).data ?? null

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** Whether that process runs; `null` where this one cannot see it. */
export const runs = (mark: ProcessIdentity, own: ProcessIdentity): boolean | null => {
  if (mark.machine !== own.machine || mark.space !== own.space) return null
  if (!isThere(mark.pid)) return false
  const began = beganOf(mark.pid)
  // A system may show the processes of other accounts to nobody.
  return began === '' && mark.began !== '' ? null : began === mark.began
}
