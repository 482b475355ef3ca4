import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { nodeVersionClaims } from './node-version-claims.ts'

const found = await findScale()
const title = `a fleet on Node ${process.versions.node}`
if ('missing' in found) notRun(title, found.missing)
else claims(title, nodeVersionClaims(found.scale))
