import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { receiversCrashClaims } from './receivers-crash-claims.ts'

claims('receivers and kill -9, on LMDB', receiversCrashClaims(null))

const found = await findScale()
if ('missing' in found) notRun('receivers and kill -9, on Kafka and MongoDB', found.missing)
else claims('receivers and kill -9, on Kafka and MongoDB', receiversCrashClaims(found.scale))
