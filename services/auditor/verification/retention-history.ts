import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { hashInBase64 } from '../../../shared/tlog/strict-base64.ts'
import { objectIn } from '../leaves/index.ts'

const typeName = 'curfew.TrailRetained'

const headIn = (row: unknown): readonly [log: string, head: TreeHead] | null => {
  if (!isPlainObject(row)) return null
  const { log, to, root: text } = row
  const root = typeof text === 'string' ? hashInBase64(text) : null
  return typeof log === 'string' && typeof to === 'number' && root
    ? [log, { size: to, root }]
    : null
}

/**
 * What the events of a trail say was let go of. Each names all that went so far, so the newest one
 * is enough when those before it are gone themselves.
 */
export class RetentionHistory {
  /** By origin of the log. */
  readonly #heads = new Map<string, TreeHead[]>()
  #beforeMs = Number.NEGATIVE_INFINITY

  /** An entry of a partition, of the fleet whose trail it is. */
  add(entry: Buffer): void {
    if (!entry.includes(typeName)) return
    const leaf = objectIn(entry)
    const data = leaf?.['data']
    if (leaf?.['type'] !== typeName || !isPlainObject(data)) return
    const { trail, before, logs } = data
    if (typeof trail !== 'string' || typeof before !== 'number' || !Array.isArray(logs)) return
    this.#beforeMs = Math.max(this.#beforeMs, before)
    for (const [log, head] of logs.map(headIn).filter((one) => one !== null)) {
      const origin = `${trail}/${log}`
      this.#heads.set(origin, [...(this.#heads.get(origin) ?? []), head])
    }
  }

  /** What is said to be gone was signed before this instant; nothing is, before the epoch. */
  get beforeMs(): number {
    return this.#beforeMs
  }

  /** What is wrong with a log of which the leaves below `size` are gone. */
  problem(origin: string, { size, root }: TreeHead): string | null {
    const told = (this.#heads.get(origin) ?? []).filter((head) => head.size >= size)
    if (told.length === 0) return `lacks its first ${size} leaves, and no event says why`
    const same = told.filter((head) => head.size === size)
    return same.length === 0 || same.some((head) => head.root.equals(root))
      ? null
      : `lacks its first ${size} leaves, and the event that says why names another root`
  }
}
