import { join } from 'node:path'
import { tileWidth } from '../../../shared/tlog/tile-path.ts'
import { entriesAt, entryAt, idsFile, type LogPlace } from '../files/index.ts'
import { namesAnother, readLeaf } from '../leaves/index.ts'

const rowBytes = 8
/**
 * The row of a leaf without an id, such as a record that is no event. No other row ends with a zero
 * bit.
 */
const noRow = Buffer.alloc(rowBytes)

/**
 * Two sums of FNV-1a. Ids that were chosen to have one row cost a look at each; what is found is
 * compared.
 */
const rowOf = (id: string | null): Buffer => {
  if (id === null) return noRow
  let [one, other] = [0x811c9dc5, 0x01000193]
  for (let at = 0; at < id.length; at += 1) {
    const unit = id.charCodeAt(at)
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b)
  }
  const row = Buffer.allocUnsafe(rowBytes)
  row.writeUInt32BE(one >>> 0)
  row.writeUInt32BE((other | 1) >>> 0, rowBytes / 2)
  return row
}

/** The id of the event in an entry; `null` for an event that names a fleet other than `fleet`. */
const idIn = (entry: Buffer, fleet: string | null = null): string | null => {
  const leaf = readLeaf(entry)
  return leaf?.kind === 'record' && !namesAnother(leaf, fleet) ? leaf.id : null
}

const idsFrom = function* (
  { fleet, ...place }: LogPlace & Readonly<{ fleet: string | null }>,
  from: number,
  size: number,
): Generator<string | null> {
  let bundle: readonly Buffer[] = []
  for (let at = from; at < size; at += 1) {
    if (at === from || at % tileWidth === 0) {
      bundle = entriesAt(place, Math.floor(at / tileWidth), size) ?? []
    }
    const entry = bundle[at % tileWidth]
    yield entry ? idIn(entry, fleet) : null
  }
}

/**
 * Finds an event in a partition by its id: eight bytes a leaf, in a file beside the log. It proves
 * nothing and is no part of the log; what it says is looked up there.
 */
export class IdIndex {
  readonly #place: LogPlace
  #rows: Buffer[] = []

  constructor(place: LogPlace) {
    this.#place = place
  }

  /**
   * With a row for each of the `size` leaves that are signed. Rows that are missing or too many,
   * as after a crash, are made from the bundles: these tell other fleets, and no wrong MAC.
   */
  static opened(place: LogPlace, size: number, fleet: string | null): IdIndex {
    const { files, folder } = place
    const path = join(folder, idsFile)
    const found = files.read(path) ?? Buffer.alloc(0)
    const known = Math.min(Math.floor(found.length / rowBytes), size)
    if (found.length === size * rowBytes) return new IdIndex(place)
    const index = new IdIndex(place)
    for (const id of idsFrom({ ...place, fleet }, known, size)) index.add(id)
    files.replace(path, Buffer.concat([found.subarray(0, known * rowBytes), ...index.#rows]))
    index.#rows = []
    return index
  }

  add(id: string | null): void {
    this.#rows.push(rowOf(id))
  }

  /** Once what was added is signed. */
  flush(): void {
    if (this.#rows.length === 0) return
    const { files, folder } = this.#place
    files.append(join(folder, idsFile), Buffer.concat(this.#rows))
    this.#rows = []
  }
}

/**
 * The newest leaf of the first `size` that is the event `id`; `null` when none is, or it was let go
 * of.
 */
export const findEvent = (place: LogPlace, id: string, size: number): number | null => {
  const { files, folder } = place
  const rows = files.read(join(folder, idsFile)) ?? Buffer.alloc(0)
  const wanted = rowOf(id)
  const end = Math.min(rows.length, size * rowBytes)
  let at = rows.subarray(0, end).lastIndexOf(wanted)
  while (at >= 0) {
    const index = at / rowBytes
    const entry = Number.isInteger(index) ? entryAt(place, index, size) : null
    if (entry && idIn(entry) === id) return index
    at = at === 0 ? -1 : rows.subarray(0, end).lastIndexOf(wanted, at - 1)
  }
  return null
}
