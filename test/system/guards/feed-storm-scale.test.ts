import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { stormClaims } from './feed-storm-claims.ts'

const found = await findScale()
if ('missing' in found) notRun('a storm of revocations at scale', found.missing)
else claims('a storm of revocations, at scale', stormClaims(found.scale))
