import type { Scenario } from './scenario.ts'
import { footprintEmbedded } from './scenarios/footprint-embedded.ts'
import { guardAfterADay } from './scenarios/guard-after-a-day.ts'
import { guardCheck } from './scenarios/guard-check.ts'
import { guardReady } from './scenarios/guard-ready.ts'
import { guardSet } from './scenarios/guard-set.ts'
import { installedSize } from './scenarios/installed-size.ts'
import { login } from './scenarios/login.ts'
import { logoutAtScale } from './scenarios/logout-at-scale.ts'
import { logoutEmbedded } from './scenarios/logout-embedded.ts'
import { logoutRate } from './scenarios/logout-rate.ts'
import { logoutStreams } from './scenarios/logout-streams.ts'
import { ordersGuarded } from './scenarios/orders-guarded.ts'
import { outageCatchUp } from './scenarios/outage-catch-up.ts'
import { projectorMongo } from './scenarios/projector-mongo.ts'
import { rebuildEmbedded } from './scenarios/rebuild-embedded.ts'
import { refreshAtScale } from './scenarios/refresh-at-scale.ts'
import { refreshEmbedded } from './scenarios/refresh-embedded.ts'
import { refusalAlternatives } from './scenarios/refusal-alternatives.ts'
import { refusalFeeds } from './scenarios/refusal-feeds.ts'

/** All of them, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  refreshEmbedded,
  logoutRate,
  ordersGuarded,
  login,
  refreshAtScale,
  logoutEmbedded,
  logoutStreams,
  logoutAtScale,
  refusalFeeds,
  refusalAlternatives,
  rebuildEmbedded,
  projectorMongo,
  footprintEmbedded,
  installedSize,
  guardCheck,
  guardSet,
  guardReady,
  guardAfterADay,
  outageCatchUp,
]
