import { notRun } from '../../support/not-run.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { mongoBacking } from '../../support/worlds/world-backing.ts'
import { sequenceClaims } from './sequences-claims.ts'

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('sequences on mongo', mongo.missing)
else {
  // SecantusDB plays some 30 a second: `SEQUENCES=10000 npm test -- sequences-mongo` plays as many
  // as on LMDB.
  const runs = Number(process.env['SEQUENCES'] ?? 400)
  sequenceClaims('mongo', mongoBacking(mongo.url), { runs, slice: Math.min(400, runs / 2) })
}
