import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { mongoBacking } from '../../support/worlds/world-backing.ts'
import { raceClaims } from './races-claims.ts'
import { unfinishedClaims } from './races-unfinished.ts'

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('races on mongo', mongo.missing)
else {
  const backing = mongoBacking(mongo.url)
  // SecantusDB needs a second a round. `ROUNDS=50` plays as many as on LMDB.
  raceClaims('mongo', backing, Number(process.env['ROUNDS'] ?? 12))
  unfinishedClaims('mongo', backing)
}
