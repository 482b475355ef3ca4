import type { CallerDeps, SubjectDeps } from '../../accounts/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import type { Auditing } from '../index.ts'

export type EventRouteDeps = CallerDeps & SubjectDeps & EventDeps & Readonly<{ audit: Auditing }>
