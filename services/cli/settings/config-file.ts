import { existsSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeMistake, type Env, refuse } from '../../../shared/kernel/config.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { inOurWords } from '../../../shared/kernel/schema-fault.ts'
import { noteFromFile } from '../../../shared/kernel/shown-settings.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import { importFile } from '../../../shared/typescript/import-file.ts'
import { explainUnknown, fieldsOf, variableOf } from './known-settings.ts'

const names = ['json', 'mjs', 'js', 'ts'].map((extension) => `curfew.config.${extension}`)
const bytesMax = 1024 * 1024

const invalid = (file: string, problem: string, cause?: unknown): never => {
  throw new AuthError('CONFIG_INVALID', `${file} ${problem}`, { cause })
}

/** The file that was named, else the one of the usual name in `cwd`; `null` when there is none. */
const fileFor = (named: string | null, cwd: string): string | null => {
  if (named !== null) {
    const path = resolve(cwd, named)
    if (!existsSync(path)) return invalid(path, 'does not exist')
    return statSync(path).isFile() ? path : invalid(path, 'is no file')
  }
  const [found, ...others] = names.map((name) => join(cwd, name)).filter(existsSync)
  if (others.length > 0) invalid(others.join(', '), `stands beside ${found}: keep one of them`)
  return found ?? null
}

const readJson = async (file: string): Promise<unknown> => {
  const { size } = await stat(file)
  if (size > bytesMax) return invalid(file, 'is larger than 1 MiB')
  const parsed = parseStrictJson(await readFile(file, 'utf8'), { depthMax: 4 })
  return parsed.ok ? parsed.value : invalid(file, `is no good JSON (${parsed.problem})`)
}

/** What was thrown, and the line of the file that it came from, where the stack says one. */
const toldOf = (thrown: unknown, file: string): string => {
  if (!(thrown instanceof Error)) return String(thrown)
  const { href } = pathToFileURL(file)
  const stack = (thrown.stack ?? '').replaceAll(/\?namespace=\d+/g, '').replaceAll(href, file)
  const [, place] = stack.split(`${file}:`)
  const line = /^\d+/.exec(place ?? '')?.[0]
  // A parser quotes what it met, which may be a piece of a secret.
  const isOfParser = thrown instanceof SyntaxError || thrown.name === 'TransformError'
  const message = isOfParser ? thrown.message.replace(/(['"`]).*\1/gs, '…') : thrown.message
  return `${thrown.name}: ${message}${line ? ` (line ${line})` : ''}`
}

const readModule = async (file: string): Promise<unknown> => {
  const loaded = await importFile(file).catch((cause: unknown) =>
    invalid(file, `cannot be loaded: ${toldOf(cause, file)}`, cause),
  )
  const exported = loaded['default']
  // A CommonJS file that was written as an ES module has it one level deeper.
  return isPlainObject(exported) && isPlainObject(exported['default'])
    ? exported['default']
    : exported
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)

/** The value as a person would type it into a variable; `null` when it has no such form. */
const textOf = (value: unknown): string | null => {
  if (isScalar(value)) return String(value)
  if (!Array.isArray(value) || !value.every(isScalar)) return null
  const items = value.map(String)
  return items.some((item) => item.includes(',')) ? null : items.join(',')
}

type Read = Readonly<{ variable: string; text: string }> | Readonly<{ mistake: string }>

const readSetting = (key: string, value: unknown): Read => {
  const variable = variableOf(key)
  const meanings = fieldsOf(variable)
  const [first] = meanings
  if (!first) return { mistake: explainUnknown(variable) }
  if (variable === 'CURFEW_CONFIG') return { mistake: 'names this file; it cannot name another' }
  const text = textOf(value)
  if (text === null) return { mistake: 'is no text, number, true, false, or list of them' }
  const results = meanings.map(({ schema }) => schema.safeParse(text, { error: inOurWords }))
  const error = results[0]?.error
  if (text === '' || !error || results.some(({ success }) => success)) return { variable, text }
  const { shown, problem } = describeMistake(first, text, error)
  return { mistake: `is ${shown}: ${problem}` }
}

/** What an object says, by variable. @throws AuthError CONFIG_INVALID with every mistake. */
export const settingsIn = (given: unknown, file: string): Env => {
  if (!isPlainObject(given)) return invalid(file, 'gives no object of settings')
  const env: Record<string, string> = {}
  const mistakes: string[] = []
  for (const [key, value] of Object.entries(given)) {
    const read = readSetting(key, value)
    if ('mistake' in read) mistakes.push(`${file}: ${key} ${read.mistake}.`)
    else if (read.variable in env) mistakes.push(`${file}: ${key} is there twice.`)
    else env[read.variable] = read.text
  }
  refuse(mistakes)
  return env
}

/** A Secret is readable by its group where the group may read keys. */
const isOpen = async (file: string, groupAccess: string | undefined): Promise<boolean> => {
  const readable = groupAccess === 'read' || groupAccess === 'write' ? 0o004 : 0o044
  return ((await stat(file)).mode & readable) !== 0
}
const hasSecret = (env: Env): boolean =>
  Object.keys(env).some((variable) => fieldsOf(variable).some(({ secret }) => secret))

export type ConfigFile = Readonly<{ env: Env; file: string | null; warnings: readonly string[] }>

/**
 * The environment over a configuration file: `--config`, else CURFEW_CONFIG, else
 * `curfew.config.{json,mjs,js,ts}` in the working directory. A variable that is empty counts as
 * unset here too.
 * @throws AuthError CONFIG_INVALID that names file and key of every mistake, and shows no secret.
 */
export const readConfigFile = async (
  env: Env,
  { named, cwd }: Readonly<{ named: string | null; cwd: string }>,
): Promise<ConfigFile> => {
  const file = fileFor(named ?? (env['CURFEW_CONFIG'] || null), cwd)
  if (file === null) return { env, file, warnings: [] }
  const given = extname(file) === '.json' ? await readJson(file) : await readModule(file)
  const settings = settingsIn(given, file)
  const set = Object.entries(env).filter(([, value]) => value !== '')
  const merged: Env = { ...settings, ...Object.fromEntries(set) }
  const names = new Set(set.map(([name]) => name))
  noteFromFile(
    merged,
    Object.keys(settings).filter((name) => !names.has(name)),
  )
  const warnings =
    hasSecret(settings) && (await isOpen(file, merged['CURFEW_KEYS_GROUP_ACCESS']))
      ? [`curfew: ${file} holds secrets and others can read it: chmod 600 it`]
      : []
  return { env: merged, file, warnings }
}
