import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TrailWorkerHost } from '../../../services/auditor/thread/index.ts'
import { anEventCheck } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

claims('the thread of the trail', {
  'asked after it ended, it refuses at once with what ended it': () =>
    inTempFolder('trail-thread', async (base) => {
      const dir = join(base, 'trail')
      writeFileSync(dir, 'no folder')
      const plan = {
        dir,
        keysDir: join(base, 'keys'),
        groupAccess: 'none',
        host: 'h/audit',
      } as const
      const listener = { onAlarm: () => {}, onSealed: () => {}, onVerified: () => {} }
      const thread = new TrailWorkerHost(plan, anEventCheck(), listener)
      const ended = await thread.ended
      assert.ok(ended)
      const asked = [
        () => thread.begin('a'.repeat(32), 1),
        () => thread.receipt('x'),
        () =>
          thread.add(
            'a'.repeat(32),
            { topic: 'auth.events', partition: 0, records: [], end: 0, more: false },
            [],
          ),
      ]
      for (const ask of asked) {
        const said = await ask().then(
          () => 'answered',
          (error: Error) => error.message,
        )
        assert.is(said, ended.message)
      }
      await thread.close()
    }),
})
