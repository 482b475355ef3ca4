import { constants, createReadStream } from 'node:fs'
import { access, open, stat, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { checkRoles } from '../../gateway/accounts/index.ts'
import type { RefusedRow } from '../import/django-users.ts'
import { type ImportOptions, type ImportReport, importUsers } from '../import/import-users.ts'
import { accountSettings, withAccounts } from '../store/open-store.ts'

/** How often a run that nobody watches says how far it is. */
const quietEveryRows = 10_000
const shownMax = 20

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const sizeOf = async (file: string): Promise<number> => {
  const failed = (error: unknown): never => {
    throw new AuthError('INPUT_INVALID', `${file} cannot be read`, { cause: error })
  }
  const found = await stat(file).catch(failed)
  if (!found.isFile()) throw new AuthError('INPUT_INVALID', `${file} is no file`)
  await access(file, constants.R_OK).catch(failed)
  return found.size
}

type Read = Readonly<{ chunks: AsyncIterable<Uint8Array>; share: () => number }>

const opened = (file: string, size: number): Read => {
  let read = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        read += chunk.length
        yield chunk
      }
    } catch (error) {
      throw new AuthError('INPUT_INVALID', `${file} cannot be read`, { cause: error })
    }
  }
  return { chunks: counted(), share: () => (size === 0 ? 1 : read / size) }
}

/** One line that moves on a terminal; elsewhere a line now and then, for a log. */
const progressOf = (share: () => number): ((report: ImportReport) => void) => {
  const { isTTY } = process.stderr
  let toldAt = 0
  return ({ rows, refused }) => {
    const line = `${rows} rows, ${Math.floor(share() * 100)} % read, ${refused.length} refused`
    if (isTTY) process.stderr.write(`\r${line}\u001b[K`)
    else if (rows - toldAt >= quietEveryRows) {
      toldAt = rows
      process.stderr.write(`${line}\n`)
    }
  }
}

const refusal = ({ row, field, username, reason }: RefusedRow): string => {
  const who = username === null ? '' : ` (${JSON.stringify(username)})`
  return `  row ${row}${who}: ${field === null ? '' : `${field} `}${reason}`
}

const sayRows = (rows: readonly RefusedRow[]): void => {
  for (const one of rows.slice(0, shownMax)) say(refusal(one))
  if (rows.length > shownMax) {
    say(`  and ${rows.length - shownMax} more; --report FILE tells all of them`)
  }
}

const tell = (report: ImportReport): void => {
  const { rows, imported, withoutPassword, skipped, refused, withoutEmail, broken } = report
  const without = withoutPassword === 0 ? '' : ` (${withoutPassword} without a password)`
  say(`${rows} rows: imported ${imported}${without}, skipped ${skipped}, refused ${refused.length}`)
  sayRows(refused)
  if (withoutEmail.length > 0) {
    say(`imported, and not logged in by their e-mail address: ${withoutEmail.length}`)
    sayRows(withoutEmail)
  }
  if (broken !== null) say(`  the file was not read to its end: ${broken}`)
}

type ImportFlags = Readonly<{
  report?: string
  model?: string
  usernameField?: string
  email: boolean
  groups: boolean
  groupRole: readonly string[]
}>

/** @throws AuthError INPUT_INVALID */
const rolePair = (text: string): readonly [group: string, role: string] => {
  const at = text.lastIndexOf('=')
  const role = text.slice(at + 1)
  if (at < 1) throw new AuthError('INPUT_INVALID', '--group-role takes GROUP=ROLE')
  checkRoles([role])
  return [text.slice(0, at), role]
}

const optionsOf = (flags: Omit<ImportFlags, 'report'>): ImportOptions => ({
  model: flags.model ?? null,
  usernameField: flags.usernameField ?? null,
  takesEmails: flags.email,
  takesGroups: flags.groups,
  groupRoles: new Map(flags.groupRole.map(rolePair)),
})

const importDjangoUsers = async (
  file: string,
  { report: reportFile, ...flags }: ImportFlags,
): Promise<void> => {
  // All of this before there is a store: an import that cannot begin makes none.
  accountSettings()
  const options = optionsOf(flags)
  const { chunks, share } = opened(file, await sizeOf(file))
  if (reportFile !== undefined) await makePrivate(reportFile)
  await withAccounts(
    async (context) => {
      const report = await importUsers(context, chunks, progressOf(share), options)
      if (process.stderr.isTTY) process.stderr.write('\n')
      tell(report)
      if (reportFile !== undefined) await write(reportFile, `${JSON.stringify(report, null, 2)}\n`)
      if (report.refused.length > 0 || report.broken !== null) process.exitCode = 1
    },
    { makes: true },
  )
}

const notWritten =
  (file: string) =>
  (error: unknown): never => {
    throw new AuthError('INPUT_INVALID', `${file} cannot be written`, { cause: error })
  }

/** It names users, so nobody else reads it, whoever could read what was there before. */
const makePrivate = async (file: string): Promise<void> => {
  const report = await open(file, 'a', 0o600).catch(notWritten(file))
  try {
    // What is no file, such as a pipe, is not ours to close to others.
    if ((await report.stat()).isFile()) await report.chmod(0o600)
  } catch (error) {
    notWritten(file)(error)
  } finally {
    await report.close()
  }
}

const write = (file: string, text: string): Promise<void> =>
  writeFile(file, text, { mode: 0o600 }).catch(notWritten(file))

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value]

/** `curfew import …`: may be run again; what is there already stays as it is. */
export const addImportCommands = (root: Command): void => {
  root
    .command('import')
    .description('django-users FILE: users with their password hashes, from elsewhere')
    .command('django-users <file>')
    .description(
      'the JSON of `manage.py dumpdata auth.group auth.user`, or of your AUTH_USER_MODEL; hashes ' +
        'become argon2id at the next login',
    )
    .option('--report <file>', 'what became of the rows, as JSON')
    .option('--model <app.model>', 'AUTH_USER_MODEL; without it, the first that looks like one')
    .option('--username-field <field>', 'USERNAME_FIELD; without it username, else email')
    .option('--no-email', 'do not log people in by their e-mail address')
    .option('--no-groups', 'leave groups out; without it they become roles')
    .option('--group-role <group=role>', 'the role of a group; may be repeated', collect, [])
    .action((file: string, flags: ImportFlags) => importDjangoUsers(file, flags))
}
