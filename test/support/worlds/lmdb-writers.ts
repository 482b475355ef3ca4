import type { OpenWriter } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { spawnWriter } from '../../../shared/adapters/lmdb/environment/spawn-writer.ts'

/** Settings of an environment whose thread writes from the first write on. */
export const byThread: Readonly<{ openWriter: OpenWriter }> = {
  openWriter: (_inline, options) => spawnWriter(options),
}
