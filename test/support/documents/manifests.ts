import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, parseDocument } from 'yaml'
import { settings } from '../../../.ci/reference/settings.ts'
import { projectRoot } from '../project-files.ts'

/** A value of a YAML file; read with `at` and the checks below. */
export type Node = Readonly<Record<string, unknown>>

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

/** All objects of a file. @throws Error on all that YAML itself warns of, such as a key twice. */
export const objectsIn = (path: string): readonly Node[] =>
  parseAllDocuments(read(path), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem) throw problem
    return document.toJS() as Node
  })

export const objectIn = (path: string): Node => {
  const document = parseDocument(read(path), { merge: true })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) throw problem
  return document.toJS() as Node
}

/** `at(pod, 'spec', 'containers', 0)`; `undefined` where there is nothing. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null
        ? (found as Record<string | number, unknown>)[name]
        : undefined,
    value,
  )

/** Every setting that `command` reads. */
export const settingsOf = (command: string): ReadonlySet<string> =>
  new Set(
    settings()
      .filter(({ commands }) => commands.includes(command))
      .map(({ field }) => field.env),
  )

/** `10s` and `1m` in seconds; `NaN` for anything else. */
export const secondsOf = (text: unknown): number => {
  const [, count, unit] = /^(\d+)(s|m)$/.exec(String(text)) ?? []
  return Number(count) * (unit === 'm' ? 60 : 1)
}

/** `NAME=value` lines. */
export const variablesIn = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    read(path)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** An image with a version of three numbers, so that a deployment is the same tomorrow. */
export const isPinned = (image: unknown): boolean =>
  /:v?\d+\.\d+\.\d+(?:-[a-z0-9.-]+)?$/.test(String(image))
