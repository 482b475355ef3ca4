import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openChromium } from '../test/support/processes/chromium.ts'
import { consoleScenes } from './shots/console.ts'
import { pageScenes } from './shots/pages.ts'
import type { Scene, Scenes } from './shots/scene.ts'

/**
 * `npm run docs:shots [-- WORD…]`: takes the pictures of docs/shots anew, of real pages in a real
 * Chromium; with words, those that have one of them in their names. Korean needs a font that has it
 * (Debian’s fonts-nanum).
 */
const folder = join(import.meta.dirname, '../docs/shots')
const words = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Every part of the pictures; each makes a world of its own. */
const parts: readonly Scenes[] = [pageScenes, consoleScenes]

const shoot = async (browser: Browser, scene: Scene): Promise<void> => {
  const { name, width, height, colors, locale = 'en-US', open } = scene
  if (words.length > 0 && !words.some((word) => name.includes(word))) return
  const viewport = { width, height }
  const profile = await browser.newContext({ viewport, colorScheme: colors, locale })
  try {
    const page = await profile.newPage()
    await open(page)
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
    say(`docs/shots/${name}.png`)
  } finally {
    await profile.close()
  }
}

mkdirSync(folder, { recursive: true })
const browser = await openChromium('the pictures of docs/shots')
if (browser === null) throw new Error('npm run docs:shots needs Chromium (Debian: chromium)')
try {
  for (const scenes of parts) await scenes((scene) => shoot(browser, scene))
} finally {
  await browser.close()
}
