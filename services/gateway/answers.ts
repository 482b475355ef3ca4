/** The bodies of answers, as the schemas of the routes say: what the console is typed by. */
export type { CallerBody, UserBody } from './accounts/routes/index.ts'
export type { AnswerRows, AuditEventBody, AuditPageBody } from './audit/routes/index.ts'
export type { GuardBody } from './guards/routes/index.ts'
export type { KeysBody, RotatedBody } from './keys/routes/index.ts'
export type {
  DeadLetterBody,
  DeadLettersBody,
  FoundSessionBody,
  KnownClientBody,
  OverviewBody,
  ReceiverBody,
  SettingBody,
  ToldSessionBody,
} from './operators/routes/index.ts'
export type { EndedBody, PreviewBody } from './revocations/routes/index.ts'
export type { SessionPageBody } from './sessions/routes/index.ts'
