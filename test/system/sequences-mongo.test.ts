import { notRun } from '../support/not-run.ts'
import { isMissing, useServers } from '../support/servers.ts'
import { mongoBacking } from '../support/world-backing.ts'
import { sequenceClaims } from './sequences-claims.ts'

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('sequences on mongo', mongo.missing)
else sequenceClaims('mongo', mongoBacking(mongo.url), 5_000)
