import { join } from 'node:path'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { openKeyFiles } from '../../../shared/tokens/key-rings/key-files.ts'
import { inTempFolder } from '../temp-folder.ts'

/** `null`, or the code and the message of the refusal. */
export const refusalOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => {
      if (isAuthError(error)) return `${error.code}: ${error.message}`
      throw error
    },
  )

/** Runs `work` with a folder of new keys. */
export const withKeys = (work: (dir: string) => Promise<void>): Promise<void> =>
  inTempFolder('modes', async (root) => {
    const dir = join(root, 'keys')
    await openKeyFiles({ dir, entropy: systemEntropy })
    await work(dir)
  })
