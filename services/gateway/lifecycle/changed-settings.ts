import { createHmac, type KeyObject } from 'node:crypto'
import { type EventData, event } from '../../../shared/events/event.ts'
import type { Fields } from '../../../shared/kernel/config.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { CommandContext, PendingEvents } from '../publication/index.ts'

const agreedName = 'settings'

/** Digests of settings, by the names that people type. */
export type SettingDigests = Readonly<Record<string, string>>
type Changed = EventData<'SettingsChanged'>['changed']

/**
 * Under a key, since a setting may be a secret, or one of two values that anybody could hash.
 * `except`: what differs from process to process.
 */
export const settingDigests = (
  fields: Fields,
  values: Readonly<Record<string, unknown>>,
  key: KeyObject,
  except: Fields,
): SettingDigests => {
  const own = new Set(Object.values(except).map(({ env }) => env))
  const shared = Object.entries(fields).filter(([, { env }]) => !own.has(env))
  const digestOf = (env: string, value: unknown): string =>
    createHmac('sha256', key)
      .update(`setting:${env}:${JSON.stringify(value)}`)
      .digest('hex')
      .slice(0, 16)
  return Object.fromEntries(shared.map(([name, { env }]) => [env, digestOf(env, values[name])]))
}

/** What the store remembers. `by` is drawn, so that of several writers each knows its own. */
type Remembered = Readonly<{ digests: SettingDigests; by: string }>
const remembered = (text: string): Remembered => JSON.parse(text) as Remembered

export const changedSettings = (before: SettingDigests, now: SettingDigests): Changed => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return names
    .map((name) => ({ name, before: before[name] ?? null, now: now[name] ?? null }))
    .filter((one) => one.before !== one.now)
}

/**
 * Compares the settings with those of the gateway that started last, which the store remembers, and
 * tells what differs. A store that remembers none, as one of an older version, takes these.
 */
export const tellChangedSettings = async (
  { store, entropy }: Pick<CommandContext, 'store' | 'entropy'>,
  digests: SettingDigests,
  events: Pick<PendingEvents, 'add'>,
): Promise<void> => {
  const by = newClaim(entropy)
  const own = JSON.stringify({ digests, by } satisfies Remembered)
  for (let former = await store.agree(agreedName, own); former !== own; ) {
    const changed = changedSettings(remembered(former).digests, digests)
    if (changed.length === 0) return
    const now = await store.agree(agreedName, own, former)
    if (now === own) events.add(`settings:${by}`, event('SettingsChanged', { changed }))
    former = now
  }
}
