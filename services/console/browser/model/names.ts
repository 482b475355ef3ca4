import { type Signal, signal } from '@preact/signals'
import type { UserBody } from '../../../gateway/answers.ts'
import { ask } from './ask.ts'

const atOnce = 4
const keptMax = 2_000

/** Of each id: the name, `null` while it is asked for or where nobody has it. */
const known = new Map<string, Signal<string | null>>()
const waiting: string[] = []
let asking = 0
/** Auditors see ids: the list of users is not for them. */
let isRefused = false

const askNext = async (): Promise<void> => {
  const sub = waiting.shift()
  if (sub === undefined || isRefused) return
  asking += 1
  const answer = await ask<UserBody>(`/users/${encodeURIComponent(sub)}`)
  asking -= 1
  if (answer.ok) {
    const name = known.get(sub)
    if (name && answer.body.sub === sub) name.value = answer.body.username
  } else if (answer.status === 403) isRefused = true
  await askNext()
}

/** The name of the user of this id, as soon as it is known. */
export const nameOf = (sub: string): Signal<string | null> => {
  const found = known.get(sub)
  if (found) return found
  const name = signal<string | null>(null)
  if (known.size >= keptMax) for (const [oldest] of known) if (known.delete(oldest)) break
  known.set(sub, name)
  waiting.push(sub)
  if (asking < atOnce) void askNext()
  return name
}

/** What a list of users told. */
export const learnNames = (users: readonly Pick<UserBody, 'sub' | 'username'>[]): void => {
  for (const { sub, username } of users) {
    const found = known.get(sub)
    if (found) found.value = username
    else known.set(sub, signal<string | null>(username))
  }
}
