import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openTrailFiles, type TrailFiles } from '../../../services/auditor/files/index.ts'
import { makeReceipt } from '../../../services/auditor/receipts/index.ts'
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { type Everything, type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const client = 'auditor:a-secret-of-the-auditor'
const settings = {
  CURFEW_SERVICE_CLIENTS: `${client}:audit,other:a-secret-of-another:introspect`,
}

type Trail = Readonly<{ dir: string; files: TrailFiles; log: string }>

const trailOf = (fleet: Fleet): Trail => {
  const dir = join(fleet.dir, 'trail')
  const [life = ''] = readFileSync(join(dir, 'lives'), 'utf8').trim().split('\n')
  return { dir, files: openTrailFiles(dir), log: `${life}/0` }
}
const verifiersOf = ({ files }: Trail) => [
  noteVerifier(parseVerifierKey(String(files.read('verifier-keys')).split('\n')[0] ?? '')),
]

const sizeOf = (trail: Trail): number => {
  const bytes = trail.files.read(`${trail.log}/checkpoint`)
  return bytes ? openCheckpoint(bytes, verifiersOf(trail)).checkpoint.size : 0
}

const receiptAt = (url: string, id: string, secret = client): Promise<Response> =>
  fetch(`${url}/audit/receipts/${id}`, {
    headers: { authorization: `Basic ${Buffer.from(secret).toString('base64')}` },
  })

/** A session that was opened and ended, and the id of its end. */
const endedSession = async (fleet: Fleet, { url }: Everything, name: string): Promise<string> => {
  const visitor = await loggedIn(fleet, url, await fleet.addUser(name))
  const { sid } = visitor.access
  assert.is((await visitor.post(`${url}/logout`)).status, 200)
  return `s/${sid}:1:0`
}

const receiptOf = async (url: string, id: string): Promise<Buffer> => {
  await until('the end of the session is signed', async () => (await receiptAt(url, id)).ok, 10_000)
  return Buffer.from(await (await receiptAt(url, id)).arrayBuffer())
}

claims('the trail of curfew start', {
  'a receipt proves offline that a session ended, over HTTP to whoever may audit': () =>
    withFleet(null, async (fleet) => {
      const curfew = await fleet.everything(settings)
      const id = await endedSession(fleet, curfew, 'anna')
      const bytes = await receiptOf(curfew.url, id)
      const trail = trailOf(fleet)
      const proof = parseTlogProof(bytes)
      const event = JSON.parse(String(proof.extra)) as { id: string; data: { reason: string } }
      assert.is(event.id, id)
      assert.is(event.data.reason, 'logout')
      verifyTlogProof(proof, proof.extra ?? Buffer.alloc(0), verifiersOf(trail))
      const refused = [
        (await receiptAt(curfew.url, id, 'other:a-secret-of-another')).status,
        (await receiptAt(curfew.url, id, 'auditor:a-secret-of-nobody-at-all')).status,
        (await receiptAt(curfew.url, 's/0:0:0')).status,
        (await receiptAt(curfew.url, '%ff')).status,
        (await fetch(`${curfew.url}/audit/receipts/${id}`)).status,
        (await fetch(`${curfew.url}/audit/receipts/${id}`, { method: 'POST' })).status,
      ]
      assert.equal(refused, [403, 401, 404, 400, 401, 405])
    }),

  'killed again and again, it goes on with the same trail, and every event is in it': () =>
    withFleet(null, async (fleet) => {
      const ids: string[] = []
      let size = 0
      for (const name of ['anna', 'bert', 'carl', 'dora']) {
        const curfew = await fleet.everything(settings)
        ids.push(await endedSession(fleet, curfew, name))
        await curfew.kill9()
        const found = sizeOf(trailOf(fleet))
        assert.ok(found >= size, `${found} after ${size}`)
        size = found
      }
      const curfew = await fleet.everything(settings)
      for (const id of ids) await receiptOf(curfew.url, id)
      assert.is((await curfew.stop()).code, 0)
      const trail = trailOf(fleet)
      for (const id of ids) {
        const proof = parseTlogProof((await makeReceipt(trail.files, id)) ?? Buffer.alloc(0))
        verifyTlogProof(proof, proof.extra ?? Buffer.alloc(0), verifiersOf(trail))
      }
      assert.is(String(trail.files.read('lives')).trim().split('\n').length, 1)
    }),

  'killed in the midst of refreshes, at drawn moments, it has all that was answered, and verifies':
    () =>
      withFleet(null, async (fleet) => {
        const dice = new Dice('midst')
        const user = await fleet.addUser('anna')
        const answered: string[] = []
        for (let turn = 0; turn < 3; turn += 1) {
          const curfew = await fleet.everything(settings)
          const visitor = await loggedIn(fleet, curfew.url, user)
          const { sid } = visitor.access
          const wanted = 10 + dice.below(50)
          let version = 0
          const refreshing = (async () => {
            while ((await visitor.post(`${curfew.url}/refresh`)).status === 200) version += 1
          })().catch(() => {})
          await until('so many are answered', () => version >= wanted, 30_000)
          await curfew.kill9()
          await refreshing
          answered.push(`s/${sid}:${version}:0`)
        }
        const curfew = await fleet.everything(settings)
        for (const id of answered) await receiptOf(curfew.url, id)
        assert.is((await curfew.stop()).code, 0)
        const verifying = fleet.command(['audit', 'verify', '--store', '--json'])
        assert.is((await verifying.ended).code, 0, verifying.output())
      }),
})
