import type { Hold } from '../../../shared/fleet/holds/index.ts'

const instant = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString()

/** A hold as `GET /audit/holds` and `curfew audit hold list --json` show it. */
export const holdBody = ({ id, scope, reason, at, act, release }: Hold) => ({
  ...{ id, reason, ...scope },
  ...{ since: instant(scope.since), until: instant(scope.until) },
  ...{ placed_at: instant(at), placed_by: act.actor, is_ending: release !== null },
})
