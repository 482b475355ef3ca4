import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errorCode } from '../../../shared/kernel/error-code.ts'

/** What tells one process from all others. */
export type ProcessIdentity = Readonly<{
  /** The id of this boot of the machine, or the host name where the system has no boot id. */
  machine: string
  /** In which process ids count: containers have their own. */
  space: string
  pid: number
  /** When it began, as the machine counts: ids are given out again. */
  began: string
}>

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

/**
 * `null` for what is none. By hand: zod would be the only package that the trail’s thread loads,
 * and add 3 MiB to it.
 */
export const identityIn = (value: unknown): ProcessIdentity | null => {
  if (typeof value !== 'object' || value === null) return null
  const { machine, space, pid, began } = value as Partial<Record<keyof ProcessIdentity, unknown>>
  if (typeof machine !== 'string' || typeof space !== 'string') return null
  if (typeof began !== 'string' || !Number.isSafeInteger(pid) || Number(pid) < 1) return null
  return { machine, space, pid: Number(pid), began }
}

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
