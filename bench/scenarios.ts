import type { Scenario } from './scenario.ts'

/**
 * All of them, in the order of the report. Each is loaded when it is chosen, so that one runs on an
 * older commit whose sources do not fit the others.
 */
const loaders: Readonly<Record<string, () => Promise<Scenario>>> = {
  'refresh-embedded': async () => (await import('./scenarios/refresh-embedded.ts')).refreshEmbedded,
  'trail-embedded': async () => (await import('./scenarios/trail-embedded.ts')).trailEmbedded,
  'audit-queries': async () => (await import('./scenarios/audit-queries.ts')).auditQueries,
  'console-budgets': async () => (await import('./scenarios/console-budgets.ts')).consoleBudgets,
  'workers-embedded': async () => (await import('./scenarios/workers-embedded.ts')).workersEmbedded,
  'logout-rate': async () => (await import('./scenarios/logout-rate.ts')).logoutRate,
  'orders-guarded': async () => (await import('./scenarios/orders-guarded.ts')).ordersGuarded,
  login: async () => (await import('./scenarios/login.ts')).login,
  'refresh-at-scale': async () => (await import('./scenarios/refresh-at-scale.ts')).refreshAtScale,
  'logout-embedded': async () => (await import('./scenarios/logout-embedded.ts')).logoutEmbedded,
  'logout-streams': async () => (await import('./scenarios/logout-streams.ts')).logoutStreams,
  'logout-at-scale': async () => (await import('./scenarios/logout-at-scale.ts')).logoutAtScale,
  'refusal-feeds': async () => (await import('./scenarios/refusal-feeds.ts')).refusalFeeds,
  distance: async () => (await import('./scenarios/distance.ts')).distance,
  'refusal-alternatives': async () =>
    (await import('./scenarios/refusal-alternatives.ts')).refusalAlternatives,
  'rebuild-embedded': async () => (await import('./scenarios/rebuild-embedded.ts')).rebuildEmbedded,
  'projector-mongo': async () => (await import('./scenarios/projector-mongo.ts')).projectorMongo,
  'growth-embedded': async () => (await import('./scenarios/growth-embedded.ts')).growthEmbedded,
  'footprint-embedded': async () =>
    (await import('./scenarios/footprint-embedded.ts')).footprintEmbedded,
  'installed-size': async () => (await import('./scenarios/installed-size.ts')).installedSize,
  'guard-check': async () => (await import('./scenarios/guard-check.ts')).guardCheck,
  'guard-set': async () => (await import('./scenarios/guard-set.ts')).guardSet,
  'guard-ready': async () => (await import('./scenarios/guard-ready.ts')).guardReady,
  'guard-after-a-day': async () =>
    (await import('./scenarios/guard-after-a-day.ts')).guardAfterADay,
  'outage-catch-up': async () => (await import('./scenarios/outage-catch-up.ts')).outageCatchUp,
}

export const scenarioNames: readonly string[] = Object.keys(loaders)

/** @throws Error for a name that no scenario has, or that its file does not have. */
export const loadScenario = async (name: string): Promise<Scenario> => {
  const scenario = await loaders[name]?.()
  if (scenario?.name !== name) throw new Error(`${name} is the name of no scenario`)
  return scenario
}
