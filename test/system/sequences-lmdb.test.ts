import { lmdbBacking } from '../support/world-backing.ts'
import { sequenceClaims } from './sequences-claims.ts'

sequenceClaims('lmdb', lmdbBacking, 5_000)
