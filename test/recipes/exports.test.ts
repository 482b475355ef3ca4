import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { makeClone, printedBy, putProgram, type Shell } from '../support/requests/page-shell.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { logId } from '../support/trail/drawn-trail.ts'
import { growingTrail } from '../support/trail/growing-trail.ts'
import { readCsv } from '../support/trail/read-exports.ts'

const page = 'docs/audit.md'
const events = 300

const onThePage = (work: (shell: Shell) => Promise<void>): Promise<void> =>
  inTempFolder('page', async (dir) => {
    makeClone(dir)
    const { key, growTo } = growingTrail(join(dir, 'data/trail'))
    await growTo(events)
    writeFileSync(join(dir, 'trail.vkey'), `${key}\n`)
    await work({ dir })
  })

/** Ends what never ends by itself, once it has had the time to say what there is. */
const forAWhile = (command: string): string => `timeout --preserve-status -s INT 4 ${command}`

type Vector = Readonly<{
  sources: Readonly<Record<string, Readonly<Record<string, unknown> & { command: string[] }>>>
  sinks: Readonly<Record<string, Readonly<{ inputs: readonly string[] }>>>
}>
type FluentBit = Readonly<{
  pipeline: Readonly<
    Record<'inputs' | 'outputs', readonly Readonly<Record<string, string | number>>[]>
  >
}>

/** Of Vector’s source `exec`, by its reference. */
const execOptions = [
  ...['type', 'mode', 'command', 'include_stderr', 'maximum_buffer_size_bytes'],
  ...['streaming', 'decoding'],
]

claims('exports, as docs/audit.md prints them', {
  'all of it is written, and verified with the key that was pinned': () =>
    onThePage(async (shell) => {
      const printed = await printedBy(shell, namedBlock(page, 'export'))
      assert.match(printed, `${events} events of 1 logs, as cloudevents`)
      assert.match(printed, 'every event is as it was signed, and none is missing')
    }),

  'what is asked for is a table': () =>
    onThePage(async (shell) => {
      await printedBy(shell, namedBlock(page, 'chosen'))
      const rows = readCsv(readFileSync(join(shell.dir, 'november.csv'), 'utf8'))
      assert.is(rows.length, events + 1)
    }),

  'Vector’s configuration is one, and what it starts gives it an object a line': () =>
    onThePage(async (shell) => {
      const { sources, sinks } = parse(namedBlock(page, 'vector')) as Vector
      const { curfew } = sources
      assert.equal(Object.keys(curfew ?? {}).sort(), execOptions.sort())
      assert.equal(sinks['siem']?.inputs, ['curfew'])
      const command = (curfew?.command ?? []).join(' ')
      const lines = (await printedBy(shell, forAWhile(command))).trimEnd().split('\n')
      assert.is(lines.length, events)
      for (const line of lines) assert.is(JSON.parse(line).metadata.version, '1.8.0')
      const position = readFileSync(join(shell.dir, 'curfew.position'), 'utf8')
      assert.is(position, `${logId}/0:${events}\n`)
      assert.is(await printedBy(shell, forAWhile(command)), '')
    }),

  'Fluent Bit’s configuration is one, and its pipe carries an object a line': () =>
    onThePage(async (shell) => {
      const { pipeline } = parse(namedBlock(page, 'fluent-bit')) as FluentBit
      const [input] = pipeline.inputs
      assert.is(input?.['name'], 'stdin')
      assert.equal(
        pipeline.outputs.map(({ match }) => match),
        [input?.['tag']],
      )
      // A program of the same name stands for Fluent Bit, which no package here brings.
      putProgram(shell.dir, 'fluent-bit', '#!/bin/sh\nexec cat\n')
      writeFileSync(join(shell.dir, 'fluent-bit.yaml'), namedBlock(page, 'fluent-bit'))
      const lines = (await printedBy(shell, forAWhile(namedBlock(page, 'follow').trimEnd())))
        .trimEnd()
        .split('\n')
      assert.is(lines.length, events)
      for (const line of lines) assert.is(JSON.parse(line).category_uid, 3)
    }),
})
