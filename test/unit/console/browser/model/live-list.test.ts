import { LiveList, rowsMax } from '../../../../../services/console/browser/model/live-list.ts'
import type { AuditEventBody } from '../../../../../services/gateway/answers.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { until } from '../../../../support/until.ts'

const event = (nth: number): AuditEventBody => ({
  ...{ id: `s/${nth}:0:0`, type: 'LoginFailed', data: {}, actor: null, request: null },
  time: new Date(nth * 1_000).toISOString(),
})
const events = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => event(from + index))
const first = (list: LiveList) => list.rows.value[0]?.id

claims('the live list', {
  'holds the newest thousand of five thousand, newest first, each once': async () => {
    const list = new LiveList()
    for (let from = 0; from < 5_000; from += 50) list.add(events(from, 50))
    await until('it is drawn', () => list.rows.value.length > 0)
    assert.is(list.rows.value.length, rowsMax)
    assert.is(first(list), 's/4999:0:0')
    list.add(events(4_950, 51))
    await until('the new one is drawn', () => first(list) === 's/5000:0:0')
    assert.is(list.rows.value.length, rowsMax)
    assert.is(new Set(list.rows.value.map(({ id }) => id)).size, rowsMax)
  },

  'held, it counts what comes and moves nothing; let go, it shows all of it': async () => {
    const list = new LiveList()
    list.addOlder([event(1), event(0)])
    list.hold(true)
    list.add(events(2, 312))
    assert.equal([list.heldCount.value, first(list)], [312, 's/1:0:0'])
    list.add(events(2, 312))
    assert.is(list.heldCount.value, 312, 'what came twice counts once')
    list.hold(false)
    assert.equal([list.heldCount.value, first(list)], [0, 's/313:0:0'])
    assert.is(list.rows.value.length, 314)
  },
})
