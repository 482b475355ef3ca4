import { claims } from '../../support/suite.ts'
import { crashClaims } from './crash-claims.ts'

claims('kill -9 of a gateway, on LMDB', crashClaims(null))
