import { notRun } from '../../support/not-run.ts'
import { findScale } from '../../support/scale.ts'
import { claims } from '../../support/suite.ts'
import { accountClaims } from './accounts-claims.ts'

const found = await findScale()
if ('missing' in found) notRun('accounts at scale', found.missing)
else claims('accounts, at scale', accountClaims(found.scale))
