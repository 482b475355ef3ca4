import { createGuard, fixedKeys, sseRevocationFeed } from '../../shared/guard/index.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { RevocationFeed } from '../../shared/ports/revocation-feed.ts'
import { createRing } from '../../shared/tokens/key-rings/index.ts'
import { serve } from '../support/serve.ts'

/** `records`: one by one, as from a server that has no images. `bytes`: read, and nothing more. */
export type ImageGuardRequest = Readonly<{
  url: string
  secret: string
  kind: 'image' | 'records' | 'bytes'
}>
export type ImageGuardReply = Readonly<{ seconds: number; entries: number }>

const pollMs = 2
const issuer = 'https://auth.example'

const withoutImages = (feed: RevocationFeed): RevocationFeed => ({
  open: ({ onItems, onReset, onCaughtUp, onTrouble }) =>
    feed.open({ onItems, onReset, onCaughtUp, onTrouble }),
  close: () => feed.close(),
})

const untilReady = async ({ url, secret, kind }: ImageGuardRequest): Promise<number> => {
  const sse = sseRevocationFeed({ url: new URL('/feed', url), clientId: 'orders', secret })
  const feed = kind === 'image' ? sse : withoutImages(sse)
  const keys = fixedKeys(createRing('access', { alg: 'ES256', entropy: systemEntropy }))
  const guard = createGuard({ issuer, audience: issuer, keys, feed, clock, onStale: 'deny' })
  await guard.start()
  while (!guard.ready()) await clock.sleep(pollMs)
  const { entries } = guard.status()
  await guard.close()
  return entries
}

const end = Buffer.from('event: caught_up')

/** The bytes of the image, up to its end. */
const readBytes = async ({ url, secret }: ImageGuardRequest): Promise<void> => {
  const authorization = `Basic ${Buffer.from(`orders:${secret}`).toString('base64')}`
  const headers = { authorization, 'curfew-image': 'a'.repeat(32) }
  const { body } = await fetch(new URL('/feed', url), { headers })
  let last = Buffer.alloc(0)
  for await (const chunk of body ?? []) {
    last = Buffer.concat([last.subarray(-end.length), chunk.subarray(-1_024)])
    if (last.includes(end)) return
  }
}

/** A guard in a process of its own, or what its connection alone costs. */
serve<ImageGuardRequest, ImageGuardReply>(async (request) => {
  const beganMs = clock.monotonicMs()
  const entries = request.kind === 'bytes' ? 0 : await untilReady(request)
  if (request.kind === 'bytes') await readBytes(request)
  return { seconds: (clock.monotonicMs() - beganMs) / 1_000, entries }
})
