import type { Bounds } from './driven-run.ts'
import { changesPassword, logsIn, logsOut, refreshes, relays, revokesAll } from './requests.ts'

/** What happens at most in a run, beside all orders of it. */
export const drivenScenarios = {
  /** Two tabs hold one refresh token; one answer of the store is lost. */
  rotate: {
    tasks: [refreshes('tab 1', 0, 2), refreshes('tab 2', 1, 1)],
    budget: { lose: 1 },
    least: 1_500,
  },
  /** Two tabs, and the grace of the rotation ends at any moment. */
  late: {
    tasks: [refreshes('tab 1', 0, 1), refreshes('tab 2', 1, 1)],
    budget: { grace: 1 },
    least: 500,
  },
  mixed: {
    tasks: [refreshes('tab 1', 0, 1), logsOut('logout', 0), revokesAll('revoke-all', 1)],
    budget: {},
    least: 1_000,
  },
  /** A logout at one gateway while the relay of the other closes time. */
  closed: {
    tasks: [logsOut('logout', 0), relays('relay', 1)],
    budget: { crash: 1 },
    least: 1_200,
  },
  /** As `closed`, and one publication is refused, or its answer lost. */
  refused: {
    tasks: [logsOut('logout', 0), relays('relay', 1)],
    budget: { refuse: 1 },
    least: 1_500,
  },
  /** The handler and the relay of one gateway share its publisher. */
  oneGateway: {
    tasks: [logsOut('logout', 0), relays('relay', 0)],
    budget: {},
    least: 500,
  },
  /** A relay meets what a gateway left behind that crashed, and its publication is refused. */
  pending: {
    tasks: [relays('relay', 0)],
    budget: { refuse: 1 },
    least: 25,
    isPending: true,
  },
  subject: {
    tasks: [logsIn('login', 0, 'old'), changesPassword('password change', 1)],
    budget: { crash: 1, lose: 1 },
    least: 900,
  },
  /** Somebody logs in with the new password while the change may crash half done. */
  due: {
    tasks: [logsIn('login', 0, 'new'), changesPassword('password change', 1)],
    budget: { crash: 1 },
    least: 400,
  },
  /** An administrator deletes the beginning of the log, between two runs of a relay too. */
  pruned: {
    tasks: [relays('relay', 0, 2)],
    budget: { prune: 1 },
    least: 500,
    isPending: true,
  },
} as const satisfies Readonly<Record<string, Bounds>>

export type DrivenScenario = keyof typeof drivenScenarios
