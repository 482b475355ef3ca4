import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { namedBlock } from './code-blocks.ts'
import { ledText } from './led-text.ts'

const addressOf = (name: string): string =>
  name.startsWith('node:') ? name : import.meta.resolve(name)

/**
 * Runs the one block of a page that is called `name`, as typed, and gives what it exports. `ways`
 * lead addresses of the page to the test's.
 */
export const docModule = async (
  page: string,
  name: string,
  ways: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-page-'))
  try {
    const imported = namedBlock(page, name).replace(/(?<= from ')[^'.][^']*(?=')/g, (specifier) =>
      addressOf(specifier),
    )
    const text = ledText(imported, ways)
    const path = join(dir, `${name}.mts`)
    await writeFile(path, text)
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
