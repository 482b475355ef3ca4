import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeHeads, parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import { HeadTracker } from '../../../shared/trail-heads/head-tracker.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'

/** Guards of other versions read these answers, and gateways of other versions gave them. */
const path = join(projectRoot, 'test/golden/trail-heads/answers.v1.json')
const golden = JSON.parse(readFileSync(path, 'utf8')) as {
  keys: readonly string[]
  answers: readonly string[]
}

claims('answers about heads that were given once', {
  'are read and believed for ever, and written alike': () => {
    const followed = new HeadTracker(golden.keys)
    for (const text of golden.answers) {
      const answer = parseHeads(text)
      assert.ok(answer)
      assert.is(encodeHeads(answer), text)
      assert.is(followed.take(answer).state, 'consistent')
    }
    assert.ok(golden.answers.length > 1 && (followed.kept?.size ?? 0) > 0)
  },

  'may have members that nobody here knows': () => {
    const [text = ''] = golden.answers
    const { lives, keys } = JSON.parse(text) as { lives: object[]; keys: string[] }
    const newer = JSON.stringify({ lives: lives.map((life) => ({ ...life, a: 1 })), keys, b: [] })
    assert.equal(parseHeads(newer), parseHeads(text))
  },
})
