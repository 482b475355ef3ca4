import { lmdbBacking } from '../../support/worlds/world-backing.ts'
import { raceClaims } from './races-claims.ts'
import { unfinishedClaims } from './races-unfinished.ts'

raceClaims('lmdb', lmdbBacking, 50)
unfinishedClaims('lmdb', lmdbBacking)
