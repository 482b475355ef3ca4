import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openTrailFiles } from '../../../services/auditor/files/index.ts'
import { logHash, parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'

import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import { parseNote, type SignedNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import { curfew as ran } from '../../support/processes/curfew-command.ts'
import { type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const headIn = ({ dir }: Fleet, name: 'checkpoint' | 'witnessed'): SignedNote | null => {
  const files = openTrailFiles(join(dir, 'trail'))
  const life = String(files.read('lives')).trim()
  const bytes = files.read(`${life}/heads/${name}`)
  return bytes ? parseNote(bytes) : null
}

const witnessedIn = (fleet: Fleet): SignedNote | null => headIn(fleet, 'witnessed')

const sizeOf = (note: SignedNote | null): number => (note ? parseCheckpointText(note.text).size : 0)

/** A login, so that the trail grows. */
const grow = async (fleet: Fleet, url: string, name: string): Promise<void> => {
  await loggedIn(fleet, url, await fleet.addUser(name))
}

const trailPart = async (url: string): Promise<string> => {
  const { parts } = (await (await fetch(`${url}/readyz`)).json()) as {
    parts: { trail?: string }
  }
  return parts.trail ?? ''
}

/** A witness of the trail that a first start made, and the setting that names it. */
const startWitness = async (fleet: Fleet) => {
  const first = await fleet.everything()
  const keys = join(fleet.dir, 'trail', 'verifier-keys')
  await until('the trail has a key', async () => readFileSync(keys, 'utf8') !== '', 10_000)
  assert.is((await first.stop()).code, 0)
  const witness = await fleet.witness({
    CURFEW_DATA_DIR: join(fleet.dir, 'elsewhere'),
    CURFEW_WITNESS_NAME: 'witness.example/w1',
    CURFEW_WITNESS_LOGS: readFileSync(keys, 'utf8').trim(),
  })
  const told = witness
    .output()
    .split('\n')
    .find((line) => line.includes('witness listens'))
  const { verifier } = JSON.parse(told ?? '{}') as { verifier: string }
  const settings = { CURFEW_AUDIT_WITNESSES: `${verifier} ${witness.url}` }
  return { witness, verifier: noteVerifier(parseVerifierKey(verifier)), settings }
}

claims('curfew witness', {
  'cosigns the trail of curfew start, and refuses an older copy that is put back': () =>
    withFleet(null, async (fleet) => {
      const { witness, verifier, settings } = await startWitness(fleet)
      const trail = join(fleet.dir, 'trail')
      cpSync(trail, join(fleet.dir, 'backup'), { recursive: true })
      const backedUp = sizeOf(headIn(fleet, 'checkpoint'))
      const curfew = await fleet.everything(settings)
      await grow(fleet, curfew.url, 'anna')
      const isCosigned = (): boolean => sizeOf(witnessedIn(fleet)) > backedUp
      await until('a head behind the backup is cosigned', isCosigned, 30_000)
      const note = witnessedIn(fleet)
      if (!note) return assert.unreachable()
      assert.equal(verifyNote(note, [verifier]), [verifier])
      const { origin } = parseCheckpointText(note.text)
      const shown = await fetch(`${witness.url}/${logHash(origin)}/checkpoint`)
      const head = parseNote(Buffer.from(await shown.arrayBuffer()))
      assert.equal(verifyNote(head, [verifier]), [verifier])
      assert.ok(sizeOf(head) >= sizeOf(note))
      const overview = await ran(fleet.dir, ['overview'])
      assert.match(overview.output, /cosigned by: witness\.example\/w1 at \d{4}-/)
      assert.is((await curfew.stop()).code, 0)

      rmSync(trail, { recursive: true })
      cpSync(join(fleet.dir, 'backup'), trail, { recursive: true })
      const restored = await fleet.everything(settings)
      await until(
        'the witness refuses it',
        async () => (await trailPart(restored.url)).includes('another past'),
        30_000,
      )
      assert.is((await fetch(`${restored.url}/readyz`)).status, 200, 'logins do not wait for it')
    }),

  'says what it is asked for, and to whom it says nothing': () =>
    withFleet(null, async (fleet) => {
      const { witness } = await startWitness(fleet)
      const ask = (path: string, init = {}) => fetch(`${witness.url}${path}`, init)
      const post = (body: string) => ask('/add-checkpoint', { method: 'POST', body })
      const answers = [
        await ask('/add-checkpoint'),
        await post('rubbish'),
        await post('x'.repeat(70_000)),
        await ask(`/${'0'.repeat(64)}/checkpoint`),
        await ask('/'),
        await ask('/readyz'),
      ].map(({ status }) => status)
      assert.equal(answers, [405, 400, 413, 404, 404, 200])
    }),

  'needs the key of a log': () =>
    withFleet(null, async (fleet) => {
      for (const keys of ['', 'rubbish', 'a+b+c']) {
        const settings = keys === '' ? {} : { CURFEW_WITNESS_LOGS: keys }
        const started = fleet.command(['witness'], settings)
        assert.is((await started.ended).code, 1)
        assert.match(started.output(), /CURFEW_WITNESS_LOGS/)
      }
    }),
})
