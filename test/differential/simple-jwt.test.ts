import { assert, claims } from '../support/suite.ts'
import { covers, instead } from './difference.ts'
import { differences } from './differences.ts'
import type { Observed } from './observed.ts'
import { groups, replay } from './replay.ts'
import { allRows, type Row } from './rows.ts'

const rowsMin = 480

const cases = differences.flatMap((difference) => difference.cases)
const listed = (id: string) => cases.filter(({ rows }) => rows.some((row) => covers(row, id)))

const shown = (value: unknown): string => JSON.stringify(value)
const same = (one: Observed, other: Observed): boolean => {
  try {
    assert.equal(one, other)
    return true
  } catch {
    return false
  }
}

/** What is wrong with one row; `null` when it is as recorded, or as listed. */
const faultOf = ({ id, expected }: Row, seen: Observed | undefined): string | null => {
  if (seen === undefined) return `${id}: was not run`
  const [entry, ...more] = listed(id)
  if (more.length > 0) return `${id}: is listed more than once`
  const isRecorded = same(seen, expected)
  if (!entry) {
    return isRecorded ? null : `${id}: differs\n  ${shown(expected)}\n  ${shown(seen)}`
  }
  if (isRecorded) return `${id}: is listed and does not differ any more`
  const wanted = instead(expected, entry.answer)
  return same(seen, wanted) ? null : `${id}: listed as\n  ${shown(wanted)}\n  ${shown(seen)}`
}

const none = (faults: readonly string[]): void =>
  assert.is(faults.length, 0, `${faults.length} found\n${faults.join('\n')}`)

claims('what Simple-JWT was recorded to answer', {
  'is answered by Curfew, row by row, but for the listed differences': async () => {
    const seen = new Map<string, Observed>()
    for (const group of groups) {
      for (const [id, answer] of await replay(group)) {
        assert.not(seen.has(id), `${id} runs twice`)
        seen.set(id, answer)
      }
    }
    const rows = allRows()
    assert.ok(rows.length >= rowsMin, `${rows.length} rows are recorded`)
    assert.is(new Set(rows.map(({ id }) => id)).size, rows.length)
    const known = new Set(rows.map(({ id }) => id))
    none([...seen.keys()].filter((id) => !known.has(id)).map((id) => `${id}: is no row`))
    none(rows.flatMap((row) => faultOf(row, seen.get(row.id)) ?? []))
  },

  'is listed as different only where a row was recorded, with reasons': () => {
    const ids = allRows().map(({ id }) => id)
    none(
      cases
        .flatMap(({ rows }) => rows)
        .filter((pattern) => !ids.some((id) => covers(pattern, id)))
        .map((pattern) => `${pattern}: no such row`),
    )
    for (const { what, there, here, why, cases: own } of differences) {
      assert.ok([what, there, here, why].every((text) => text.length > 2) && own.length > 0, what)
    }
  },

  'is told apart from what differs: each check can fail': () => {
    const expected: Observed = { status: 200, body: {}, cookies: 'none' }
    const [first] = differences[0]?.cases ?? []
    const id = first?.rows[0] ?? ''
    assert.match(faultOf({ id: 'x', expected }, undefined) ?? '', 'was not run')
    assert.match(faultOf({ id: 'x', expected }, { ...expected, status: 201 }) ?? '', 'differs')
    assert.match(faultOf({ id, expected }, expected) ?? '', 'does not differ any more')
    assert.match(faultOf({ id, expected }, { ...expected, status: 201 }) ?? '', 'listed as')
    assert.is(faultOf({ id: 'x', expected }, expected), null)
  },
})
