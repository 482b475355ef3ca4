import type { Running } from '../../services/embedded/compose.ts'
import { serve } from '../support/serve.ts'
import { openParts, watchRefusal } from './embedded-parts.ts'
import { type GuardReply, type GuardRequest, nothing } from './guard-watch.ts'

let running: Running | undefined
let refusal: Promise<GuardReply> | undefined

/** The parts of `curfew start` in this process, with their guard asked directly. */
serve<GuardRequest, GuardReply>(
  async (request) => {
    switch (request.kind) {
      case 'open':
        running = await openParts(request.settings)
        return nothing
      case 'watch': {
        const guard = running?.orders[0]?.guard
        if (!guard) throw new Error('not open')
        refusal = watchRefusal(guard, request.token)
        refusal.catch(() => {}) // Whoever asks for it hears of it.
        return nothing
      }
      case 'refused':
        return (await refusal) ?? nothing
    }
  },
  async () => running?.close(),
)
