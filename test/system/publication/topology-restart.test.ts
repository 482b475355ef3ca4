import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { restartClaims } from './topology-restart-claims.ts'

claims('a restart of everything, on LMDB', restartClaims(null))

const found = await findScale()
if ('missing' in found) notRun('a restart of everything, on Kafka and MongoDB', found.missing)
else claims('a restart of everything, on Kafka and MongoDB', restartClaims(found.scale))
