import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { AuthError } from '../../../shared/kernel/errors.ts'

export type ConsoleFile = Readonly<{ name: string; type: string; bytes: Buffer; gzipped: Buffer }>
export type ConsoleFiles = Readonly<{ script: ConsoleFile; style: ConsoleFile }>

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

type Named = Readonly<{ name: string; bytes: Buffer }>

const fileOf = (files: readonly Named[], extension: string): ConsoleFile => {
  const found = files.find(({ name }) => name.endsWith(`.${extension}`))
  if (!found) throw new AuthError('CONSOLE_UNBUILT', `the built console has no .${extension} file`)
  const type = types[extension] ?? 'application/octet-stream'
  return { ...found, type, gzipped: gzipSync(found.bytes, { level: 9 }) }
}

/** What `npm pack` built; a clone has none, and builds it of the sources. */
const packed = fileURLToPath(new URL('../../../dist/console/', import.meta.url))

const readFiles = async (): Promise<readonly Named[]> => {
  if (existsSync(packed)) {
    return readdirSync(packed).map((name) => ({ name, bytes: readFileSync(join(packed, name)) }))
  }
  const { buildConsole } = await import('./build-console.ts')
  return (await buildConsole()).files
}

let opened: Promise<ConsoleFiles> | null = null

/** The files of the console; read, or built, when somebody asks first. @throws CONSOLE_UNBUILT */
export const consoleFiles = (): Promise<ConsoleFiles> => {
  opened ??= readFiles()
    .then((files) => ({ script: fileOf(files, 'js'), style: fileOf(files, 'css') }))
    .catch((error: unknown) => {
      opened = null
      throw error
    })
  return opened
}
