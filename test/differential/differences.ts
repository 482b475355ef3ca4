import type { Difference } from './difference.ts'
import { sessionDifferences } from './session-differences.ts'
import { settingDifferences } from './setting-differences.ts'
import { tokenDifferences } from './token-differences.ts'
import { viewDifferences } from './view-differences.ts'

/** Every way in which a recorded row is answered otherwise; the migration page shows them. */
export const differences: readonly Difference[] = [
  ...sessionDifferences,
  ...viewDifferences,
  ...tokenDifferences,
  ...settingDifferences,
]
