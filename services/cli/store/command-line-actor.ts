import { userInfo } from 'node:os'
import { type Actor, commandLine } from '../../../shared/events/event.ts'

/** A user id may have no name: a platform gives containers any. */
const accountName = (): string => {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Whoever runs a command, by their account on this machine: it asks for nothing else. */
export const commandLineActor = (): Actor => ({
  by: 'system',
  id: `${commandLine}${accountName()
    .replace(/[^\x21-\x7e]/g, '?')
    .slice(0, 64)}`,
})
