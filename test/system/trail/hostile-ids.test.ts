import { addLife, openTrailFiles } from '../../../services/auditor/files/index.ts'
import { makeReceipt } from '../../../services/auditor/receipts/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noon } from '../../support/fakes/builders.ts'
import { curfew } from '../../support/processes/curfew-command.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { host, logId, recordAt, ring, trailOf } from '../../support/trail/drawn-trail.ts'

const stream = 's/\u001b]0;owned\u0007\u001b[2Kall is as it was signed\u001b[8m\u009b1m\u202e'
const id = `${stream}:7:0`
const key = ring.verifierKeys(host)[0] ?? ''
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

claims('a foreign event whose id speaks to terminals', {
  'is shown by audit verify and audit check with its controls escaped': () =>
    inTempFolder('hostile-ids', async (dir) => {
      const files = openTrailFiles(dir)
      addLife(files, logId)
      const foreign = recordAt(0)
      const later = recordAt(1)
      const named = { ...foreign, headers: { ...foreign.headers, ce_id: id } }
      // Late enough that versions before the foreign one are missed.
      const time = new Date((noon + 3_600_000) as EpochMs).toISOString()
      const last = { ...later, headers: { ...later.headers, ce_time: time } }
      await trailOf(files, [named, last])
      const verified = await curfew(dir, ['audit', 'verify', dir, '--key', key])
      assert.is(verified.code, 1)
      assert.match(verified.output, '\\u001b]0;owned\\u0007')
      assert.not.match(verified.output, obeyed)
      const receipt = await makeReceipt(files, id)
      assert.ok(receipt)
      const path = `${dir}/receipt`
      openTrailFiles(dir).write('receipt', receipt)
      const checked = await curfew(dir, ['audit', 'check', path, '--key', key])
      assert.is(checked.code, 0, checked.output)
      assert.match(checked.output, 'all is as it was signed')
      assert.not.match(checked.output, obeyed)
    }),
})
