import { BrokenFile, jsonRows } from '../../../../services/cli/import/json-rows.ts'
import { assert, claims } from '../../../support/suite.ts'

/** In pieces of `size` bytes, so that rows, strings and characters are cut anywhere. */
const inPieces = async function* (text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const rowsOf = async (text: string, size = 7): Promise<unknown[]> => {
  const rows: unknown[] = []
  for await (const { row, text: one } of jsonRows(inPieces(text, size))) {
    assert.is(row, rows.length + 1)
    rows.push(one === null ? null : JSON.parse(one))
  }
  return rows
}

const brokenBy = async (text: string): Promise<string> => {
  try {
    await rowsOf(text)
  } catch (error) {
    if (error instanceof BrokenFile) return error.message
    throw error
  }
  return ''
}

const rows = [{ a: 1, b: { c: ['}', ']', '"', '\\', '\\"', 'ä€😀'] } }, {}, { list: [[{}], []] }]

claims('rows of a JSON file', {
  'come as they were written, wherever the bytes are cut': async () => {
    const forms = [
      JSON.stringify(rows),
      JSON.stringify(rows, null, 2),
      ` \n${JSON.stringify(rows)}\n\n`,
      rows.map((one) => JSON.stringify(one)).join('\n'),
    ]
    for (const text of forms) {
      for (const size of [1, 2, 3, 16, 10_000]) assert.equal(await rowsOf(text, size), rows)
    }
    assert.equal(await rowsOf('[]'), [])
  },

  'a row that is too large is told, and those around it come': async () => {
    const large = { a: 'x'.repeat(70_000) }
    assert.equal(await rowsOf(JSON.stringify([rows[0], large, rows[1]]), 4_096), [
      rows[0],
      null,
      rows[1],
    ])
  },

  'come before the fault that is behind them in one chunk': async () => {
    const come: number[] = []
    const reading = async (): Promise<void> => {
      for await (const { row } of jsonRows(inPieces('{"a":1}\n{"a":2}\nnonsense', 1_000))) {
        come.push(row)
      }
    }
    const fault = await reading().catch((error: unknown) => error)
    assert.instance(fault, BrokenFile)
    assert.equal(come, [1, 2])
  },

  'what is no list of objects says so, and where': async () => {
    assert.is(await brokenBy(''), 'it is empty')
    assert.is(await brokenBy('[{"a":1},{"b"'), 'it ends within row 2')
    assert.is(await brokenBy('[{"a":1},'), 'it ends after row 1, within a list')
    for (const text of ['[{"a":1}, 7]', '[{"a":1}][', '"text"', '7', 'null', '<xml/>', ']']) {
      assert.match(await brokenBy(text), /^it holds something else than objects after row [01]$/)
    }
  },
})
