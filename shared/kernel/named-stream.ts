import { createHash } from 'node:crypto'
import type { StreamId } from './ids.ts'

/**
 * The stream of all that is told under one name: its key of stream and version admits one writer,
 * so of all who tell it within a day one does.
 */
export const namedStream = (name: string): StreamId =>
  `x/${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
