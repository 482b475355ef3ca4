import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { type EventFilter, isChosen, signedLeaves } from '../../auditor/exports/index.ts'
import type { TrailFiles } from '../../auditor/files/index.ts'
import { findNamed } from '../../gateway/audit/index.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'

type Trail = Readonly<{ files: TrailFiles; known: () => readonly NoteVerifier[] }>
type Named = Pick<EventFilter, 'user' | 'client' | 'actor'>
type Name = keyof Named

/** Those that no leaf names. The reading ends with the last that is found. */
const missingIn = ({ files, known }: Trail, named: Named): ReadonlySet<Name> | null => {
  const missing = new Set((Object.keys(named) as Name[]).filter((name) => named[name]))
  if (missing.size === 0) return missing
  let leaves = 0
  for (const leaf of signedLeaves(files, known())) {
    leaves += 1
    for (const name of missing) if (isChosen({ [name]: named[name] }, leaf)) missing.delete(name)
    if (missing.size === 0) return missing
  }
  // That nothing is signed yet is told by whoever reads it next.
  return leaves === 0 ? null : missing
}

const unknown = (name: Name, value: string | undefined): AuthError => {
  const text = `no event of this trail names the ${name} ${value}`
  if (name === 'client') return new AuthError('CLIENT_UNKNOWN', text)
  const hint = 'there is no store here to ask who has this name: give the id'
  return new AuthError('USER_UNKNOWN', `${text}, and ${hint}`)
}

const isNoStore = (error: unknown): boolean =>
  isAuthError(error, 'STORE_ABSENT') || isAuthError(error, 'CONFIG_INVALID')

const fromStore = async (context: StoreContext, named: Named): Promise<Named> => {
  const { user = null, client = null, actor = null } = named
  const found = await findNamed(context, await context.asking(), { user, client, actor })
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null))
}

/**
 * Whom an export names, as the events of its trail do: by id. A name is looked up in the store,
 * where there is one. What nobody has is refused: an empty file would say that nothing happened.
 * @throws AuthError USER_UNKNOWN, CLIENT_UNKNOWN, TRAIL_INVALID
 */
export const namesInTrail = async (trail: Trail, named: Named): Promise<Named> => {
  const [first, ...others] = missingIn(trail, named) ?? []
  if (first === undefined) return {}
  let found: Named = {}
  try {
    await withStore(async (context) => {
      const asked = [first, ...others].map((name) => [name, named[name]])
      found = await fromStore(context, Object.fromEntries(asked))
    })
  } catch (error) {
    throw isNoStore(error) ? unknown(first, named[first]) : error
  }
  return found
}
