import Koa from 'koa'
import { headRoute } from '../../services/auditor/head-route.ts'
import { headsIn } from '../../services/auditor/heads/index.ts'
import { listen } from '../../shared/http/listen.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { TrailHeads } from '../../shared/ports/trail-heads.ts'
import { cachedHeads } from '../../shared/trail-heads/cached-heads.ts'
import { remoteHeads } from '../../shared/trail-heads/remote-heads.ts'
import { CrashingFiles } from '../support/trail/crashing-files.ts'
import type { LivingTrail } from '../support/trail/living-trail.ts'
import { type ShownTrail, trailHeadsContract } from './trail-heads.ts'

const local = (trail: LivingTrail | null): TrailHeads =>
  headsIn(trail?.files ?? new CrashingFiles())
const close = async (): Promise<void> => {}

/** An auditor that answers with the heads that were shown last. */
const behindAnAuditor = async (): Promise<ShownTrail> => {
  let shown = local(null)
  const app = new Koa()
  app.use(headRoute({ heads: { newest: (known) => shown.newest(known) }, logger }))
  const server = await listen(app.callback(), { port: 0, host: '127.0.0.1' })
  const heads = remoteHeads(new URL(`${server.url}/audit/head`), { fetch, clock })
  const show = (trail: LivingTrail | null): TrailHeads => {
    shown = local(trail)
    return heads
  }
  return { show, close: () => server.close() }
}

trailHeadsContract('files', async () => ({ show: local, close }))
trailHeadsContract('kept', async () => ({
  show: (trail) => cachedHeads(local(trail), clock),
  close,
}))
trailHeadsContract('behind an auditor', behindAnAuditor)
