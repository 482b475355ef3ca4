import { httpManaged } from '../support/fakes/managed-credentials.ts'
import { credentialsContract } from './credentials.ts'

credentialsContract('http-directory', httpManaged)
