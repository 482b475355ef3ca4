import { badTokenRows } from './bad-token-rows.ts'
import { claimRows } from './claim-rows.ts'
import { loginRows } from './login-rows.ts'
import { logoutRows } from './logout-rows.ts'
import { meRows } from './me-rows.ts'
import { nameSettings } from './name-rows.ts'
import type { Observed } from './observed.ts'
import { refreshRows } from './refresh-rows.ts'
import { rotationSettings } from './rotation-rows.ts'
import type { Group } from './setting-group.ts'
import { addLoginUsers, openStage } from './stage.ts'
import { tokenViewRows } from './token-view-rows.ts'
import { userSettings } from './user-setting-rows.ts'
import { verificationSettings } from './verification-rows.ts'

/** Every scenario, under the settings that it wants. */
export const groups: readonly Group[] = [
  {
    env: {},
    rows: {
      ...loginRows,
      ...refreshRows,
      ...logoutRows,
      ...meRows,
      ...tokenViewRows,
      ...badTokenRows,
      ...claimRows,
    },
  },
  ...rotationSettings,
  ...userSettings,
  ...verificationSettings,
  ...nameSettings,
]

/** Runs one group's rows against a gateway of its own; an error is named by its row. */
export const replay = async ({ env, scheme, rows }: Group): Promise<Map<string, Observed>> => {
  const stage = await openStage(env, scheme)
  const seen = new Map<string, Observed>()
  try {
    await addLoginUsers(stage)
    for (const [id, run] of Object.entries(rows)) {
      try {
        seen.set(id, await run(stage))
      } catch (cause) {
        throw new Error(`row ${id}`, { cause })
      }
    }
  } finally {
    await stage.close()
  }
  return seen
}
