import { claims } from '../../support/suite.ts'
import { stormClaims } from './feed-storm-claims.ts'

claims('a storm of revocations, on LMDB', stormClaims(null))
