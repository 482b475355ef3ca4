/** As `Env` and a `Field` of config.ts, which imports this file. */
type Env = Readonly<Record<string, string | undefined>>
type Entry = Readonly<{
  env: string
  otherwise: string | null
  secret: boolean
  takes: string
  doc: string
}>
type Fields = Readonly<Record<string, Entry>>

/** A setting as a person may see it. */
export type ShownSetting = Readonly<{
  name: string
  source: 'default' | 'file' | 'environment'
  /** As text; `null` where it is not set, or not shown. */
  value: string | null
  /** Whether there is a value that is not shown: a secret, or what may hold a password. */
  hidden: boolean
  takes: string
  doc: string
}>

const fromFiles = new WeakMap<Env, ReadonlySet<string>>()
const given = new WeakMap<object, Readonly<{ fields: Fields; env: Env }>>()

/** Notes which variables of these settings a configuration file gave. */
export const noteFromFile = (env: Env, names: Iterable<string>): void => {
  fromFiles.set(env, new Set(names))
}

/** Notes of what values were read. */
export const noteGiven = (values: object, fields: Fields, env: Env): void => {
  given.set(values, { fields, env })
}

/**
 * The settings that these values were read from, in the order of their table. What has an @ may be
 * an address with a password, so it is not shown, like a secret.
 */
export const shownSettings = (values: object): readonly ShownSetting[] => {
  const { fields = {}, env = {} } = given.get(values) ?? {}
  const inFile = fromFiles.get(env)
  return Object.values(fields).map(({ env: name, otherwise, secret, takes, doc }) => {
    const text = env[name] || null
    const value = text ?? otherwise
    const hidden = value !== null && value !== '' && (secret || value.includes('@'))
    const set = inFile?.has(name) ? 'file' : 'environment'
    return {
      ...{ name, source: text === null ? 'default' : set, hidden, takes, doc },
      value: hidden ? null : value,
    }
  })
}
