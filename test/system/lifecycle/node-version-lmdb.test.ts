import { claims } from '../../support/suite.ts'
import { nodeVersionClaims } from './node-version-claims.ts'

claims(`one process on Node ${process.versions.node}`, nodeVersionClaims(null))
