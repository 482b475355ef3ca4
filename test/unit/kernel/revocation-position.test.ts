import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type Position,
  parsePosition,
  positionText,
} from '../../../shared/kernel/revocation-position.ts'
import { aLogId } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const logId = aLogId()

claims('a position', {
  'is read back as it was written': () => {
    const positions: Position[] = [
      { kind: 'offset', logId, offset: 0 },
      { kind: 'offset', logId, offset: Number.MAX_SAFE_INTEGER },
      { kind: 'instant', t: 1_800_000_000_000 as EpochMs },
    ]
    for (const position of positions) assert.equal(parsePosition(positionText(position)), position)
    assert.is(positionText({ kind: 'offset', logId, offset: 7 }), `${logId}:7`)
    assert.is(positionText({ kind: 'instant', t: 7 as EpochMs }), 't:7')
  },
  'is nothing else': () => {
    const others = [
      '',
      logId,
      `${logId}:`,
      `${logId}:-1`,
      `${logId}:01`,
      `${logId}:1.5`,
      `${logId}:1 `,
      ` ${logId}:1`,
      `${logId}:1, ${logId}:2`,
      `${logId}:9007199254740993`,
      `${logId.toUpperCase()}:1`,
      `${logId.slice(1)}:1`,
      'unknown:1',
      't:',
      't:x',
      't:1e3',
      'T:1',
      `t:1\n`,
      `t:${'9'.repeat(400)}`,
    ]
    for (const text of others) assert.is(parsePosition(text), null, text)
  },
})
