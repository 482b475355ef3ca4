import { z } from 'zod'
import { assert } from '../suite.ts'
import { until } from '../until.ts'

const page = z.object({
  ready: z.boolean(),
  status: z.enum(['ready', 'degraded', 'unready']),
  parts: z.record(z.string(), z.string()),
  notReady: z.array(z.string()),
  degraded: z.array(z.string()),
})
export type ReadyPage = z.infer<typeof page>

/** `GET /readyz`: answers within two seconds, whatever hangs; `null` while nobody listens. */
export const readyz = async (url: string): Promise<ReadyPage | null> => {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
    (error: Error) => {
      if (error.name === 'TimeoutError') throw new Error('/readyz hangs')
      return null
    },
  )
  if (!answer) return null
  const told = page.parse(await answer.json())
  assert.is(answer.status, told.ready ? 200 : 503)
  return told
}

/** Resolves with the page once it has that status, and what is wanted of it. */
export const becomes = async (
  url: string,
  status: ReadyPage['status'],
  wanted: (told: ReadyPage) => boolean = () => true,
): Promise<ReadyPage> => {
  let last: ReadyPage | null = null
  try {
    await until(`${url} is ${status}`, async () => {
      last = await readyz(url)
      return last?.status === status && wanted(last)
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}; it said ${JSON.stringify(last)}`)
  }
  return last as unknown as ReadyPage
}
