import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { crashClaims } from './crash-claims.ts'

const found = await findScale()
if ('missing' in found) notRun('kill -9 of a gateway, on Kafka and MongoDB', found.missing)
else claims('kill -9 of a gateway, on Kafka and MongoDB', crashClaims(found.scale))
