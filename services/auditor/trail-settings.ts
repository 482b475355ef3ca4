import { join } from 'node:path'
import { z } from 'zod'
import {
  duration,
  durationTakes,
  field,
  list,
  listTakes,
  optional,
  text,
  type Values,
} from '../../shared/kernel/config.ts'
import type { GroupAccess } from '../../shared/tokens/secret-files/index.ts'
import type { TrailPlan } from './thread/index.ts'
import { isWitness } from './witnesses/index.ts'

const dayMs = 86_400_000

/** Where a trail is, what it is called, and how long it keeps. */
export const trailFields = {
  auditDir: optional({
    env: 'CURFEW_AUDIT_DIR',
    schema: text(),
    takes: 'a folder',
    doc: 'Where the trail’s files are. Without it, `trail` in CURFEW_DATA_DIR.',
  }),
  auditOrigin: optional({
    env: 'CURFEW_AUDIT_ORIGIN',
    schema: z.string().regex(/^[A-Za-z0-9._~:/-]{1,200}$/, {
      error: 'is no address without a scheme',
    }),
    takes: 'an address without a scheme, such as auth.example.com/audit',
    doc:
      'The name of the trail: its logs and its key are named by it. Without it, the host of ' +
      'CURFEW_PUBLIC_URL and `/audit`. A trail keeps the name that it began with.',
  }),
  auditRetentionMs: optional({
    env: 'CURFEW_AUDIT_RETENTION',
    schema: duration(dayMs),
    takes: durationTakes,
    doc:
      'How long the trail keeps events, at least 1d: once a day the auditor lets go of what was ' +
      'signed longer ago, without an export, unless a legal hold keeps it. Without it, for ever. ' +
      'At scale it takes CURFEW_MONGODB_URL, where the holds are.',
  }),
  auditWitnesses: field({
    env: 'CURFEW_AUDIT_WITNESSES',
    schema: list.refine((witnesses) => witnesses.every(isWitness), {
      error: 'has a value that is no verifier key of a witness with its address',
    }),
    otherwise: '',
    takes: `name+id+key https://address, ${listTakes}`,
    doc:
      'Witnesses that are asked to cosign the trail’s heads, each by its verifier key and the ' +
      'address of its `add-checkpoint` (C2SP tlog-witness): `curfew witness`, or anybody else’s.',
  }),
} as const

type TrailConfig = Values<typeof trailFields> &
  Readonly<{
    dataDir: string
    keysDir: string | null
    groupAccess: GroupAccess
    publicUrl: URL | null
  }>

export const trailDirOf = ({ auditDir, dataDir }: Pick<TrailConfig, 'auditDir' | 'dataDir'>) =>
  auditDir ?? join(dataDir, 'trail')

export const trailPlan = (config: TrailConfig): TrailPlan => ({
  dir: trailDirOf(config),
  keysDir: config.keysDir ?? join(config.dataDir, 'keys'),
  groupAccess: config.groupAccess,
  host: config.auditOrigin ?? `${config.publicUrl?.host ?? 'localhost'}/audit`,
})
