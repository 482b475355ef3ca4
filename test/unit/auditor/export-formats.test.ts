import fc from 'fast-check'
import {
  type ExportedLeaf,
  eventTable,
  exportFormats,
  type FormatName,
  flatColumns,
} from '../../../services/auditor/export-formats/index.ts'
import { eventSchemas } from '../../../shared/events/event.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  drawnLeaf,
  exampleLeaves,
  hostileLeaves,
  sealedLeaves,
} from '../../support/trail/drawn-leaves.ts'
import { lineEnds, readCef, readCsv } from '../../support/trail/read-exports.ts'

const written = async (format: FormatName, leaves: readonly ExportedLeaf[]): Promise<Buffer> => {
  const encoder = await exportFormats[format].open('9.9.9', null)
  return Buffer.concat([encoder.begin(), ...leaves.map((leaf) => encoder.add(leaf)), encoder.end()])
}

const linesOf = async (format: FormatName, leaf: ExportedLeaf): Promise<string> => {
  const text = (await written(format, [leaf])).toString('utf8')
  assert.equal(text.match(lineEnds), ['\n'], JSON.stringify(text))
  assert.ok(text.endsWith('\n'))
  return text.slice(0, -1)
}

const drawn = async (check: (leaf: ExportedLeaf) => Promise<void>): Promise<void> => {
  for (const leaf of hostileLeaves) await check(leaf)
  await fc.assert(fc.asyncProperty(drawnLeaf, check), { numRuns: 200 })
}

const cellsOf = (leaf: ExportedLeaf) => flatColumns.map(({ of }) => of(leaf))
const dataOf = ({ event }: ExportedLeaf): unknown => event['data']

/** OCSF 1.8: how many activities each class has beside 0 and 99. */
const activities = { 3001: 12, 3002: 7, 3004: 13 } as const

claims('the formats of exports', {
  'every type of event has a class, an activity and a severity': () => {
    assert.equal(
      Object.keys(eventSchemas).filter((type) => !(type in eventTable)),
      [],
    )
    for (const [type, rows] of Object.entries(eventTable)) {
      for (const { class: uid, activity } of rows) {
        const isKnown = activity === 99 || (activity >= 1 && activity <= activities[uid])
        assert.ok(isKnown, `${type}: ${uid} has no activity ${activity}`)
      }
      // Whatever the data are, the last row holds.
      assert.not.ok('when' in (rows.at(-1) ?? {}), type)
    }
  },

  'a table in CSV, parsed and with its apostrophes taken away, has what was in the event': () =>
    drawn(async (leaf) => {
      const [header, row = [], ...more] = readCsv((await written('csv', [leaf])).toString('utf8'))
      assert.equal(more, [])
      assert.equal(
        header,
        flatColumns.map(({ name }) => name),
      )
      // Also where `;` or a tab parts cells, and a line in a cell begins a row.
      for (const cell of row) assert.not.match(cell, /(?:^|[;\t\r\n])[=+\-@\t\r\n＝＋－＠]/)
      assert.equal(
        row.map((cell) => cell.replace(/(?<=^|[;\t\r\n])'/g, '')),
        cellsOf(leaf).map((cell) => String(cell ?? '')),
      )
    }),

  'a flat line is one object with every column': () =>
    drawn(async (leaf) => {
      const read = JSON.parse(await linesOf('ndjson', leaf)) as Record<string, unknown>
      assert.equal(
        Object.keys(read),
        flatColumns.map(({ name }) => name),
      )
      assert.equal(Object.values(read), cellsOf(leaf))
    }),

  'the column `data` is all that the event says': () =>
    drawn(async (leaf) => {
      const { data } = JSON.parse(await linesOf('ndjson', leaf)) as { data: string }
      assert.equal(JSON.parse(data), JSON.parse(JSON.stringify(dataOf(leaf))))
    }),

  'what is sealed is empty, and no user of OCSF has an empty name or id': async () => {
    assert.ok(sealedLeaves.length > 10)
    for (const leaf of sealedLeaves) {
      const row = JSON.parse(await linesOf('ndjson', leaf)) as Record<string, unknown>
      assert.equal([row['address'], row['agent']], [null, null])
      const text = await linesOf('ocsf', leaf)
      const { user, src_endpoint: from } = JSON.parse(text) as Record<string, object | undefined>
      assert.not.ok(Object.values(user ?? {}).includes(''), text)
      assert.not.ok(JSON.stringify(user ?? {}).includes('""'), text)
      assert.is(from, undefined)
    }
  },

  'CloudEvents are the leaves as they are': async () => {
    for (const leaf of exampleLeaves) {
      assert.is(await linesOf('cloudevents', leaf), leaf.bytes.toString('utf8'))
    }
  },

  'CEF is one line, and what was in it can be read': () =>
    drawn(async (leaf) => {
      const { header, extension } = readCef(await linesOf('cef', leaf))
      assert.equal(header.slice(0, 4), ['CEF:0', 'Curfew', 'Curfew', '9.9.9'])
      assert.match(header[6] ?? '', /^(?:10|[0-9])$/)
      assert.is(extension.get('cn1'), String(leaf.index))
      assert.ok(extension.has('cs5'))
      const data = dataOf(leaf) ?? leaf.event['data_base64'] ?? null
      assert.equal(JSON.parse(extension.get('msg') ?? ''), JSON.parse(JSON.stringify(data)))
    }),

  'OCSF is one object a line, and its numbers agree': () =>
    drawn(async (leaf) => {
      const read = JSON.parse(await linesOf('ocsf', leaf)) as Record<string, number>
      const { class_uid: uid = 0, activity_id: activity = 0 } = read
      assert.is(read['type_uid'], uid * 100 + activity)
      assert.ok(uid in activities)
    }),
})
