import type { BrowserContext, Page } from 'playwright-core'

/** Scripts, since the benchmarks are compiled without the names that browsers have. */
const noteShown = `
  globalThis.shownAt = {}
  const note = (name, isThere) => {
    if (isThere) globalThis.shownAt[name] ??= performance.now()
  }
  new MutationObserver(() => {
    const has = (what) => document.querySelector(what) !== null
    note('whole', has('main h1') && !has('.skeleton'))
    note('rows', has('[data-row], .event'))
  }).observe(document, { childList: true, subtree: true })
`
const firstPaint = `performance.getEntriesByType('paint')
  .find(({ name }) => name === 'first-contentful-paint')?.startTime ?? null`

export type SeenPage = Readonly<{
  /** From the beginning of the navigation, in ms. */
  paintMs: number
  wholeMs: number
  /** `null` where the page has no rows. */
  rowsMs: number | null
  page: Page
}>

const looksMax = 600
const lookMs = 50

const looked = async <T>(page: Page, script: string, what: string): Promise<T> => {
  for (let looks = 0; looks < looksMax; looks += 1) {
    const found = (await page.evaluate(script)) as T | null | undefined
    if (found !== null && found !== undefined) return found
    await page.waitForTimeout(lookMs)
  }
  throw new Error(`${page.url()} did not show ${what}`)
}

/** Opens an address in a new tab, and says when what was to be seen. */
export const seePage = async (profile: BrowserContext, url: string): Promise<SeenPage> => {
  const page = await profile.newPage()
  await page.addInitScript(noteShown)
  await page.goto(url)
  const wholeMs = await looked<number>(page, 'shownAt.whole', 'all of it')
  const paintMs = await looked<number>(page, firstPaint, 'anything')
  const problem = await page.locator('main [role=alert]').count()
  if (problem > 0) throw new Error(`${url}: ${await page.innerText('main [role=alert]')}`)
  const rowsMs = (await page.evaluate('shownAt.rows ?? null')) as number | null
  return { paintMs, wholeMs, rowsMs, page }
}

export type Frames = Readonly<{ perSecond: number; longestMs: number }>

/** How many frames the page draws within `ms`, and the longest time without one. */
export const framesOf = async (page: Page, ms: number): Promise<Frames> =>
  (await page.evaluate(`new Promise((resolve) => {
    const began = performance.now()
    let [count, last, longestMs] = [0, began, 0]
    const frame = () => {
      const now = performance.now()
      longestMs = Math.max(longestMs, now - last)
      last = now
      count += 1
      if (now - began < ${ms}) requestAnimationFrame(frame)
      else resolve({ perSecond: count / ((now - began) / 1000), longestMs })
    }
    requestAnimationFrame(frame)
  })`)) as Frames

export type PageMemory = Readonly<{ heapMib: number; nodes: number }>

/** What the page keeps, after everything that it does not keep was collected. */
export const memoryOfPage = async (page: Page): Promise<PageMemory> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.detach()
  const metricOf = (wanted: string): number =>
    metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
  return { heapMib: metricOf('JSHeapUsedSize') / 2 ** 20, nodes: metricOf('Nodes') }
}
