import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { mongoBacking } from '../../support/worlds/world-backing.ts'
import { rotationClaims } from './rotation-claims.ts'
import { reuseClaims } from './rotation-reuse.ts'

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('rotation on mongo', mongo.missing)
else {
  const backing = mongoBacking(mongo.url)
  // Fewer than on LMDB: SecantusDB needs some two seconds a round of 50. `ROUNDS=100` plays more.
  const two = Number(process.env['ROUNDS'] ?? 30)
  rotationClaims('mongo', backing, { one: two / 5, two, slow: two / 5 })
  reuseClaims('mongo', backing)
}
