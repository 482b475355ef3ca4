import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Scale, withFleet } from '../../support/processes/fleet.ts'
import type { Settings } from '../../support/processes/processes.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'

const named = (): string => `t-${systemEntropy.bytes(6).toString('hex')}`
const keysOf = async (): Promise<Settings> => ({
  CURFEW_KEYS_DIR: await mkdtemp(join(tmpdir(), 'curfew-other-keys-')),
})

/** Starts what must end by itself, and says why. */
const refused = async (
  fleet: Fleet,
  args: readonly string[],
  over: Settings,
  why: RegExp,
): Promise<void> => {
  const started = fleet.command(args, { CURFEW_PORT: String(await freePort()), ...over })
  const { code } = await started.ended
  assert.is(code, 1, started.output())
  assert.match(started.output(), /FLEET_CONFLICT/)
  assert.match(started.output(), why)
}

const readyz = async (url: string): Promise<string> => (await fetch(`${url}/readyz`)).text()

/** Other keys and another database on the topics of the first: refused, and the first goes on. */
const sameTopics = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const gateway = await fleet.gateway()
    const projector = await fleet.projector()
    const keys = await keysOf()
    const other = { ...keys, CURFEW_MONGODB_DATABASE: named() }
    const fix = /these topics are those of the fleet [0-9a-f]{16}.*CURFEW_KAFKA_TOPIC_PREFIX/
    await refused(fleet, ['gateway'], other, fix)
    const mac = join(keys['CURFEW_KEYS_DIR'] ?? '', 'log-mac.json')
    await refused(fleet, ['projector'], { ...other, CURFEW_LOG_MAC_FILE: mac }, fix)
    const visitor = await loggedIn(fleet, gateway.url, await fleet.addUser('alice'))
    assert.is((await visitor.post(`${gateway.url}/logout`)).status, 200)
    assert.match(await readyz(projector.url), /"ready":true/)
  })

const sameDatabase = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    await fleet.gateway()
    const prefix = { CURFEW_KAFKA_TOPIC_PREFIX: `${named()}.` }
    await refused(fleet, ['gateway'], prefix, /this database belongs to the topic .*PREFIX/)
    const second = await fleet.gateway()
    assert.match(await readyz(second.url), /"ready":true/, 'the same settings are the same fleet')
  })

/** The first record decides: at most one of two that begin at once goes on. */
const atOnce = (scale: Scale) => (): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const started = await race(2, async () => {
      const port = await freePort()
      const over = { ...(await keysOf()), CURFEW_MONGODB_DATABASE: named() }
      return fleet.command(['gateway'], { ...over, CURFEW_PORT: String(port) })
    })
    const running = (): number => started.filter(({ isRunning }) => isRunning()).length
    await until('one of them is refused', () => running() < 2, 60_000)
    const gone = started.find(({ isRunning }) => !isRunning())
    assert.match(gone?.output() ?? '', /FLEET_CONFLICT/)
    assert.is(running(), 1, 'the other goes on')
  })

const fleets = (scale: Scale): Claims => ({
  'another fleet on the same topics is refused, gateway and projector, and harms nobody':
    sameTopics(scale),
  'one database with another prefix is refused; with the same one it is the same fleet':
    sameDatabase(scale),
  'of two fleets that begin at once on empty topics one is refused': atOnce(scale),
})

const found = await findScale()
if ('missing' in found) notRun('two fleets on one cluster', found.missing)
else claims('two fleets on one cluster', fleets(found.scale))
