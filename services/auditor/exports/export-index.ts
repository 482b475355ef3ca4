import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { formatNames } from '../export-formats/index.ts'
import { eventFilter } from './event-filter.ts'
import type { GivenLog } from './logs-named-by-heads.ts'
import { replaceFile } from './replace-file.ts'
import { savedTreeSchema } from './saved-tree.ts'

const count = z.int().min(0)
const place = count.nullable()

const log = z.object({
  ...{ log: z.string(), life: z.string(), partition: count },
  ...{ size: count, root: z.string() },
  /** How many of its leaves are in the export, and the indexes of the first and the last one. */
  ...{ events: count, first: place, last: place },
  /** The signed note that names size and root. */
  checkpoint: z.string(),
  /** For a pruned log: the tree of the deleted leaves. The leaves of the export come after it. */
  begin: savedTreeSchema.optional(),
})

/** By the type of an event, which may be any text: a record of Zod leaves `__proto__` out. */
const areCounts = (kinds: unknown): boolean =>
  isPlainObject(kinds) && Object.values(kinds).every((one) => count.safeParse(one).success)

/** See `SignedLife`. */
const life = z.object({ life: z.string(), first: z.string(), newest: z.string() })

const schema = z.object({
  export: z.literal(1),
  format: z.enum(formatNames),
  /** The version of Curfew. */
  product: z.string(),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  filter: eventFilter,
  /** What is sealed in the trail stands here in clear: the trail does not give these bytes. */
  unsealed: z.literal(true).optional(),
  events: count,
  kinds: z.custom<Readonly<Record<string, number>>>(areCounts),
  logs: z.array(log),
  /** Without one, nothing says which logs there must be. */
  lives: z.array(life).default([]),
})

/** What lies beside an export and says what it is of, so that it can be verified by itself. */
export type ExportIndex = Readonly<z.infer<typeof schema>>

export const indexPath = (file: string): string => `${file}.index.json`

export const writeIndex = (file: string, index: ExportIndex): void =>
  replaceFile(indexPath(file), `${JSON.stringify(index, null, 2)}\n`)

/** Its logs, as they are compared with what heads name. */
export const givenLogs = ({ logs }: Pick<ExportIndex, 'logs'>): readonly GivenLog[] =>
  logs.map(({ log, life, partition, size, root }) => ({
    ...{ log, life, partition, size },
    root: Buffer.from(root, 'base64'),
  }))

/** @throws AuthError TRAIL_INVALID when there is none, or it is none */
export const readIndex = (file: string): ExportIndex => {
  const path = indexPath(file)
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new AuthError('TRAIL_INVALID', `${path} is no index of an export`, { cause })
  }
}
