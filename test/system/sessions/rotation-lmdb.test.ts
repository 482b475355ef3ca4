import { lmdbBacking } from '../../support/worlds/world-backing.ts'
import { rotationClaims } from './rotation-claims.ts'
import { reuseClaims } from './rotation-reuse.ts'

rotationClaims('lmdb', lmdbBacking, { one: 100, two: 100, slow: 100 })
reuseClaims('lmdb', lmdbBacking)
