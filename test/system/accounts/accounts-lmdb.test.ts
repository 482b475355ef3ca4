import { claims } from '../../support/suite.ts'
import { accountClaims, embeddedAccountClaims } from './accounts-claims.ts'

claims('accounts, embedded', { ...accountClaims(null), ...embeddedAccountClaims })
