import { httpManaged } from '../support/managed-credentials.ts'
import { credentialsContract } from './credentials.ts'

credentialsContract('http-directory', httpManaged)
