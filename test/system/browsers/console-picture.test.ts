import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { openChromium } from '../../support/processes/chromium.ts'
import { assert, claims } from '../../support/suite.ts'
import { inConsole } from '../../support/worlds/console-world.ts'

const saved = async (page: Page, kind: string): Promise<Buffer> => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`main button >> text=${kind}`),
  ])
  assert.match(file.suggestedFilename(), new RegExp(`^session-[0-9a-f]+\\.${kind.toLowerCase()}$`))
  return readFile(await file.path())
}

type Seen = Readonly<{ width: number; height: number; colours: readonly string[] }>

/** A script, since the tests are compiled without the names that browsers have. */
const script = `(async (url) => {
  const image = new Image()
  image.src = url
  await image.decode()
  const { width, height } = image
  const pen = new OffscreenCanvas(width, height).getContext('2d')
  pen.drawImage(image, 0, 0)
  const dots = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer)
  const colours = [...new Set(dots)].map((dot) => dot.toString(16).padStart(8, '0'))
  return { width, height, colours }
})`

/** The picture as a browser reads it back, on a page without a policy. */
const readBack = (page: Page, png: Buffer): Promise<Seen> =>
  page.evaluate(`${script}("data:image/png;base64,${png.toString('base64')}")`)

const browser = await openChromium('the pictures of the console')
if (browser !== null) {
  claims('the life of a session', {
    'is saved as PNG, twice as large as the SVG, with its marks on the ground of the page': () =>
      inConsole(browser, 1, async ({ signedIn, login, url }) => {
        await login('alice', 'agent')
        const blank = await browser.newPage()
        for (const dark of [false, true]) {
          const page = await signedIn('admin', { dark })
          await page.goto(`${url}/console/sessions?user=alice`)
          await page.click('tr[data-row] [data-open]')
          await page.waitForSelector('.timeline .mark.login')
          const svg = String(await saved(page, 'SVG'))
          const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? []
          const seen = await readBack(blank, await saved(page, 'PNG'))
          assert.equal([seen.width, seen.height], [2 * Number(width), 2 * Number(height)])
          // Backwards: the dots are read as numbers of a machine with the low byte first.
          assert.is(seen.colours[0], dark ? 'ff211a1a' : 'ffffffff')
          assert.ok(seen.colours.includes(dark ? 'ffa0d684' : 'ff3c6a1a'), 'the mark of the login')
          assert.ok(
            seen.colours.every((colour) => colour.startsWith('ff')),
            'no hole is in it',
          )
        }
      }),
  })
}
