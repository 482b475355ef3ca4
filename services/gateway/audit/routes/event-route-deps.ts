import type { CallerDeps, SubjectDeps } from '../../accounts/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import type { Auditing, SettingsClients } from '../index.ts'

export type EventRouteDeps = CallerDeps &
  SubjectDeps &
  SettingsClients &
  EventDeps &
  Readonly<{ audit: Auditing }>
