import { join } from 'node:path'
import {
  livesOf,
  openTrailFiles,
  type TrailFiles,
  treeFolder,
} from '../../../services/auditor/files/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { type Fleet, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { isMissing, useServers } from '../../support/servers/servers.ts'
import { assert, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

const partitions = Array.from({ length: 12 }, (_, partition) => partition)
const names = ['anna', 'bert', 'carl', 'dora']
const rounds = 15

/** Each with a trail and keys of its own, as auditors of two teams have. */
const settingsOf = (fleet: Fleet, name: string) => ({
  CURFEW_AUDIT_DIR: join(fleet.dir, name, 'trail'),
  CURFEW_KEYS_DIR: join(fleet.dir, name, 'keys'),
})
const filesOf = (fleet: Fleet, name: string): TrailFiles =>
  openTrailFiles(join(fleet.dir, name, 'trail'))

/** What is signed of each partition, as `size root`. */
const signedIn = (files: TrailFiles): readonly string[] => {
  const life = livesOf(files).at(-1) ?? ''
  return partitions.map((partition) => {
    const bytes = files.read(join(treeFolder(life, partition), 'checkpoint'))
    if (!bytes) return '0'
    const { size, root } = parseCheckpointText(parseNote(bytes).text)
    return `${size} ${root.toString('base64')}`
  })
}
const eventsIn = (files: TrailFiles): number =>
  signedIn(files).reduce((sum, one) => sum + Number(one.split(' ')[0]), 0)

const busy = async (visitors: readonly Visitor[], url: string): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) {
    const replies = await race(visitors.length, async (at) => visitors[at]?.post(`${url}/refresh`))
    for (const reply of replies) assert.is(reply?.status, 200)
  }
}

const findingsOf = async (files: TrailFiles): Promise<readonly unknown[]> => {
  const keys = String(files.read('verifier-keys')).trim().split('\n')
  const known = keys.map((key) => noteVerifier(parseVerifierKey(key)))
  return (await verifyTrail({ files, known })).findings
}

const sameRoots = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const gateway = await fleet.gateway()
    await fleet.auditor(settingsOf(fleet, 'one'))
    const killed = await fleet.auditor(settingsOf(fleet, 'two'))
    const users = await Promise.all(names.map((name) => fleet.addUser(name)))
    const visitors: Visitor[] = []
    for (const user of users) visitors.push(await loggedIn(fleet, gateway.url, user))
    await busy(visitors, gateway.url)
    await killed.kill9()
    await busy(visitors, gateway.url)
    // One that begins late reads the topic from its start, and comes to the same roots.
    await fleet.auditor(settingsOf(fleet, 'two'))
    await fleet.auditor(settingsOf(fleet, 'three'))
    await busy(visitors, gateway.url)
    const least = names.length * rounds * 3
    const all = ['one', 'two', 'three'].map((name) => filesOf(fleet, name))
    const areSame = (): boolean =>
      all.every((files) => eventsIn(files) >= least) &&
      new Set(all.map((files) => signedIn(files).join())).size === 1
    await until('all auditors signed the same roots', areSame, 60_000).catch((error: unknown) => {
      throw new Error(all.map((files) => signedIn(files).join('\n')).join('\n\n'), { cause: error })
    })
    for (const files of all) assert.equal(await findingsOf(files), [])
  })

const { kafka, mongo } = await useServers(['kafka', 'mongo'])

claims('auditors on Kafka', {
  ...(isMissing(kafka) || isMissing(mongo)
    ? {}
    : {
        'three, one of them killed and one late, come to the same roots of twelve partitions':
          sameRoots({ brokers: kafka.brokers, mongoUrl: mongo.url }),
      }),
})
