import { lmdbBacking } from '../../support/worlds/world-backing.ts'
import { sequenceClaims } from './sequences-claims.ts'

sequenceClaims('lmdb', lmdbBacking, { runs: 10_000, slice: 5_000 })
