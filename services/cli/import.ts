import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import { importUser } from '../gateway/accounts.ts'
import { type AccountDesk, withAccounts } from './account-desk.ts'
import { readDjangoRow } from './django-users.ts'

const progressEvery = 100

const readRows = async (file: string): Promise<readonly unknown[]> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new AuthError('INPUT_INVALID', `${file} cannot be read`, { cause: error })
  })
  const value = parse(text)
  if (!Array.isArray(value)) throw new AuthError('INPUT_INVALID', `${file} holds no JSON list`)
  return value
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Report = { imported: number; existing: number; refused: string[] }

const importRow = async (
  desk: AccountDesk,
  given: unknown,
  index: number,
  report: Report,
): Promise<void> => {
  const read = readDjangoRow(given, index)
  if (!read.ok) {
    report.refused.push(`${read.name}: ${read.why}`)
    return
  }
  try {
    await importUser(desk, read.user)
    report.imported += 1
  } catch (error) {
    if (isAuthError(error, 'USER_EXISTS')) report.existing += 1
    else if (isAuthError(error, 'INPUT_INVALID')) {
      report.refused.push(`${read.user.username}: ${error.message}`)
    } else throw error
  }
}

const importDjangoUsers = async (desk: AccountDesk, file: string): Promise<void> => {
  const rows = await readRows(file)
  const report: Report = { imported: 0, existing: 0, refused: [] }
  for (const [index, given] of rows.entries()) {
    await importRow(desk, given, index, report)
    if ((index + 1) % progressEvery === 0) {
      process.stderr.write(`${index + 1} of ${rows.length} rows\n`)
    }
  }
  const { imported, existing, refused } = report
  process.stdout.write(
    `imported ${imported}, already there ${existing}, refused ${refused.length}\n`,
  )
  for (const line of refused) process.stdout.write(`  refused ${JSON.stringify(line)}\n`)
  if (refused.length > 0) process.exitCode = 1
}

/** `curfew import …`: may be run again; what is there already stays as it is. */
export const addImportCommands = (root: Command): void => {
  root
    .command('import')
    .description('django-users FILE: users with their password hashes, from elsewhere')
    .command('django-users <file>')
    .description(
      'the JSON of `manage.py dumpdata auth.user`; hashes become argon2id at the next login',
    )
    .action((file: string) => withAccounts((desk) => importDjangoUsers(desk, file)))
}
