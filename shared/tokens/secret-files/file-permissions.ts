import { constants, type Stats } from 'node:fs'
import { access, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError } from '../../kernel/errors.ts'

/** What the group of a key file may do. Others may do nothing, whatever is set. */
export const groupAccesses = ['none', 'read', 'write'] as const
export type GroupAccess = (typeof groupAccesses)[number]

const setting = 'CURFEW_KEYS_GROUP_ACCESS'
const others = { any: 0o007, write: 0o002 }
const group = { any: 0o070, write: 0o020 }

const refuse = (text: string, cause?: unknown): never => {
  throw new AuthError('KEYS_INVALID', text, { cause })
}

const shown = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

/** What the setting must be for these bits of the group. */
const neededFor = (mode: number): GroupAccess =>
  (mode & group.write) !== 0 ? 'write' : (mode & group.any) !== 0 ? 'read' : 'none'

const suffices = (needed: GroupAccess, allowed: GroupAccess): boolean =>
  groupAccesses.indexOf(needed) <= groupAccesses.indexOf(allowed)

const allowing = (needed: GroupAccess, gid: number): string =>
  `Where the platform sets the mode, as Kubernetes does for Secrets and fsGroup, ` +
  `${setting}=${needed} allows it: then all of group ${gid} are trusted with what lies there`

export type Exposure = Readonly<{
  /** `<path> (mode 0644) is open to other users`. */
  who: string
  /** The setting that would allow it; `null` where none does. */
  setting: string | null
}>

/**
 * Whom `path` is open to beside its owner and, as far as `allowed`, its group; `null` when to
 * nobody. Others are never allowed.
 */
export const exposureOf = (
  path: string,
  { mode, gid }: Pick<Stats, 'mode' | 'gid'>,
  allowed: GroupAccess,
): Exposure | null => {
  const is = `${path} (mode ${shown(mode)}) is open to`
  if ((mode & others.any) !== 0) return { who: `${is} other users`, setting: null }
  const needed = neededFor(mode)
  if (suffices(needed, allowed)) return null
  return { who: `${is} its group`, setting: allowing(needed, gid) }
}

/**
 * Refuses a file of secrets that others have any access to, or its group more than `allowed`.
 * @throws AuthError KEYS_INVALID with the fix, and with the setting where one helps.
 */
export const checkPrivate = (
  path: string,
  found: Pick<Stats, 'mode' | 'gid'>,
  allowed: GroupAccess,
): void => {
  const problem = exposureOf(path, found, allowed)
  if (problem === null) return
  const { who, setting } = problem
  const fix = `${who}. Run: chmod 600 ${path}`
  if (setting === null) refuse(`${fix}; of a Secret of Kubernetes, set defaultMode: 0440`)
  refuse(`${fix}. ${setting}`)
}

/** Whether nobody can write here because the file system is mounted so. */
const isMountedReadOnly = (dir: string): Promise<boolean> =>
  access(dir, constants.W_OK).then(
    () => false,
    (error: unknown) => errorCode(error) === 'EROFS',
  )

/**
 * Refuses a folder in which others could put keys of their own, or its group without `write`. The
 * root of a mounted Secret has mode 1777 and belongs to root: nobody can write to it, since the
 * mount is read-only.
 * @throws AuthError KEYS_INVALID with the fix.
 */
export const checkFolder = async (
  dir: string,
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  allowed: GroupAccess,
): Promise<void> => {
  const byOthers = (mode & others.write) !== 0
  const byGroup = (mode & group.write) !== 0 && allowed !== 'write'
  if (!byOthers && !byGroup) return
  if (uid === 0 && (await isMountedReadOnly(dir))) return
  const is = `${dir} (mode ${shown(mode)}) is writable by`
  const fix =
    `Run: chmod 700 ${dir}, or give a folder inside of it, which Curfew makes: ` +
    `CURFEW_KEYS_DIR=${join(dir, 'curfew')}`
  if (byOthers) refuse(`${is} other users. ${fix}`)
  refuse(`${is} its group. ${fix}. ${allowing('write', gid)}`)
}

const ids = (): string => {
  const groups = process.getgroups?.().join(', ') ?? 'unknown'
  return `This process is user ${process.getuid?.()}, in groups ${groups}`
}

/** Refuses a file that exists and cannot be opened. @throws AuthError KEYS_INVALID with the fix. */
export const refuseUnreadable = (path: string, error: unknown): never =>
  refuse(
    `${path} cannot be read (${errorCode(error)}). ${ids()}. Make it readable for this user; in ` +
      'Kubernetes, give the pod an fsGroup',
    error,
  )

// ENOENT is what Node makes of EROFS where it makes several folders at once.
const cannotWrite: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOENT'])

/**
 * Runs what makes or changes `path`. @throws AuthError KEYS_READ_ONLY where that is not possible,
 * KEYS_INVALID when it fails otherwise.
 */
export const writing = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const code = errorCode(error)
    // What failed otherwise is no failure of a file, or has its words already.
    if (error instanceof AuthError || typeof code !== 'string') throw error
    if (!cannotWrite.has(code)) return refuse(`${path} cannot be written (${code})`, error)
    throw new AuthError(
      'KEYS_READ_ONLY',
      `${path} cannot be made or changed here (${code}). ${ids()}. Keys of a read-only folder, ` +
        'such as a Secret, are made elsewhere, by `curfew keys make`, and changed there',
      { cause: error },
    )
  }
}

/**
 * The mode of a file that replaces or joins others: the group keeps what it has, and gets what it
 * needs where it shares the folder.
 */
export const modeOfNew = (former: Pick<Stats, 'mode'> | null, allowed: GroupAccess): number => {
  const kept = former && suffices(neededFor(former.mode), allowed) ? former.mode & group.any : 0
  return 0o600 | (allowed === 'write' ? 0o060 : kept & ~0o010)
}

/** Gives a new file `mode`, whatever the umask; `gid` is who may have the group's part of it. */
export const setMode = async (
  file: FileHandle,
  mode: number,
  gid: number | null,
): Promise<void> => {
  const isOfGroup = gid === null || (await file.stat()).gid === gid
  if (!isOfGroup) await file.chown(-1, gid).catch(() => {})
  const belongs = isOfGroup || (await file.stat()).gid === gid
  await file.chmod(belongs ? mode : 0o600)
}
