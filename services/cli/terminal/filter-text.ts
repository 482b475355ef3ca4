import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { instantText } from './print-list.ts'

const instants = new Set(['since', 'until'])

/** What a reading asked for, as `name=value`; an instant as it is typed. */
export const filterText = (filter: unknown): string =>
  Object.entries((filter ?? {}) as Readonly<Record<string, unknown>>)
    .flatMap(([name, value]) => {
      if (value === null) return []
      const isInstant = instants.has(name) && typeof value === 'number'
      return [`${name}=${isInstant ? instantText(value as EpochMs) : String(value)}`]
    })
    .join(' ')
