import { type AuthEvent, eventSchemas } from '../../../shared/events/event.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { EventOpener } from '../../../shared/privacy/index.ts'
import { dataIn, type ExportedLeaf, instantIn, kindOf } from '../export-formats/index.ts'
import { textIn } from '../leaves/index.ts'

/** The same leaves, which say of persons what can be opened; their hashes stay. */
export type OpenLeaves = (leaves: readonly ExportedLeaf[]) => Promise<readonly ExportedLeaf[]>

type Sealed = Readonly<{ id: EventId; at: EpochMs | null; event: AuthEvent; personal: string }> &
  Readonly<{ leaf: number }>

/** `null` for what nothing is sealed in. */
const sealedIn = (leaf: ExportedLeaf, nth: number): Sealed | null => {
  const type = kindOf(leaf)
  const [id, personal] = [textIn(leaf.event['id']), textIn(leaf.event['personal'])]
  if (id === null || personal === null || !Object.hasOwn(eventSchemas, type)) return null
  const event = { type, data: dataIn(leaf) } as unknown as AuthEvent
  return { id: id as EventId, at: instantIn(leaf) as EpochMs | null, event, personal, leaf: nth }
}

export const leafOpener =
  (opener: Pick<EventOpener, 'open'>): OpenLeaves =>
  async (leaves) => {
    const opened = [...leaves]
    const sealed = leaves.flatMap((leaf, nth) => sealedIn(leaf, nth) ?? [])
    for (const { event, leaf: nth } of await opener.open(sealed)) {
      const leaf = leaves[nth]
      if (leaf) opened[nth] = { ...leaf, event: { ...leaf.event, data: event.data } }
    }
    return opened
  }
