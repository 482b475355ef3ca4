import type { AuditFilter } from '../../../shared/events/audit-terms.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../shared/kernel/ids.ts'
import { findSubject, isSubjectId, type SubjectDeps } from '../accounts/index.ts'
import { firstOf } from './event-pages.ts'
import type { Asking } from './read-events.ts'

/**
 * The id of a user that the directory knows by this name or id; else the text as it was given, if
 * `isTold` says that there are events about it.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, and what `isTold` throws
 */
const knownOrInEvents = async (
  deps: SubjectDeps,
  text: string,
  isTold: () => Promise<boolean>,
): Promise<string> => {
  try {
    return (await findSubject(deps, text)).sub
  } catch (error) {
    if (isAuthError(error, 'USER_UNKNOWN') && (await isTold())) return text
    throw error
  }
}

const nobodyActed = (text: string): AuthError =>
  new AuthError(
    'USER_UNKNOWN',
    `There is no user of the id or name ${JSON.stringify(text)}, and nothing of this id acted.`,
  )

/**
 * The user that somebody asks about, by name or id. A user who was deleted long ago is found by the
 * id alone, and only as long as there are events about them.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findAuditSubject = (
  deps: SubjectDeps,
  asking: Asking,
  text: string,
): Promise<string> =>
  knownOrInEvents(deps, text, async () => {
    return (
      isSubjectId(text) && (await firstOf(asking, { user: text }, { order: 'newest' })) !== null
    )
  })

/** What stands before an actor's id where events show it, as in `service:orders`. */
const actorKind = /^(user|administrator|service|system):(.+)$/su

const hasActed = async (asking: Asking, actor: string): Promise<boolean> =>
  (await firstOf(asking, { actor }, { order: 'newest' })) !== null

const twoActors = (id: string): AuthError =>
  new AuthError(
    'INPUT_INVALID',
    `${id} is a user, and something else of this name acted too: ` +
      `write user:${id}, or service:${id} (system:${id}) for the other.`,
    { field: 'actor' },
  )

/**
 * The actor that somebody asks about: a user by name or id, or another actor that did something: a
 * service client, `gateway`, a command line (`cli:root`); also as events show them (`service:hr`).
 * Of events to come (`isLive`) it may be one who did nothing yet.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE; INPUT_INVALID for what
 * names a user and something else
 */
export const findAuditActor = async (
  deps: SubjectDeps,
  asking: Asking,
  text: string,
  isLive = false,
): Promise<string> => {
  const [, kind = null, id = text] = actorKind.exec(text) ?? []
  const isPerson = kind === 'user' || kind === 'administrator'
  const isTold = async (): Promise<boolean> => {
    if ((isLive && !isPerson) || (await hasActed(asking, id))) return true
    throw nobodyActed(text)
  }
  if (kind !== null && !isPerson) {
    await isTold()
    return id
  }
  const actor = await knownOrInEvents(deps, id, isTold)
  // An answer about the one alone would say that the other did nothing.
  if (kind === null && actor !== id && !isLive && (await hasActed(asking, id))) throw twoActors(id)
  return actor
}

/** The client ids in the settings of this process. */
export type SettingsClients = Readonly<{ configuredClients: ReadonlySet<ClientId> }>

/**
 * A client through which people log in, or logged in once: one that was taken out of the settings
 * is known as long as there are events of it. @throws AuthError CLIENT_UNKNOWN, STORE_UNAVAILABLE
 */
export const findAuditClient = async (
  { configuredClients }: SettingsClients,
  asking: Asking,
  client: string,
): Promise<string> => {
  const isKnown =
    configuredClients.has(client as ClientId) ||
    (await firstOf(asking, { client }, { order: 'newest' })) !== null
  if (isKnown) return client
  throw new AuthError('CLIENT_UNKNOWN', `No setting and no event names the client ${client}.`)
}

/**
 * As `findAuditClient`, for a hold: where no index is filled any client may have events, and what
 * cannot be looked up is held. @throws AuthError CLIENT_UNKNOWN, STORE_UNAVAILABLE
 */
export const findHeldClient = async (
  deps: SettingsClients,
  asking: Asking,
  client: string,
): Promise<void> => {
  try {
    await findAuditClient(deps, asking, client)
  } catch (error) {
    if (!isAuthError(error, 'AUDIT_UNFILLED')) throw error
  }
}

type Named = Pick<AuditFilter, 'user' | 'client' | 'actor'>

/**
 * The user, client and actor that a search names, in the form that events have. A name that nobody
 * has is refused: an empty answer would say that nothing happened.
 * @throws AuthError USER_UNKNOWN, CLIENT_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findNamed = async (
  deps: SubjectDeps & SettingsClients,
  asking: Asking,
  { user, client, actor }: Named,
): Promise<Named> => ({
  user: user === null ? null : await findAuditSubject(deps, asking, user),
  client: client === null ? null : await findAuditClient(deps, asking, client),
  actor: actor === null ? null : await findAuditActor(deps, asking, actor),
})

/**
 * As `findNamed`, of events to come: a client or an actor may be one of whom nothing is told yet.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findNamedLive = async (
  deps: SubjectDeps,
  asking: Asking,
  { user, client, actor }: Named,
): Promise<Named> => ({
  user: user === null ? null : await findAuditSubject(deps, asking, user),
  client,
  actor: actor === null ? null : await findAuditActor(deps, asking, actor, true),
})
