import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mistakesIn } from '../support/documents/command-table.ts'
import { filesBelow, projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const pages = ['README.md', ...filesBelow('docs', (path) => path.endsWith('.md'))]

/** `curfew …` between backquotes, and on the lines of blocks of commands. */
const commandsIn = (text: string): string[] => {
  const blocks = [...text.matchAll(/^```sh [a-z-]+\n(.*?)^```/gms)].map(([, block = '']) => block)
  const spans = [...text.replace(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)]
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  return [...spans.map(([, span = '']) => span.replaceAll('\n', ' ')), ...lines]
    .flatMap((line) => line.split(/ #| [|>] | -- /))
    .map((line) => /(?:^|[\s/])(?<!-n )(?:npx curfew|curfew(?:\.mjs)?) ([a-z-].*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
}

claims('commands that the pages name', {
  'exist, with every option and argument that is named': () => {
    const named = pages.flatMap((page) =>
      commandsIn(readFileSync(join(projectRoot, page), 'utf8')).map(
        (line) => [page, line] as const,
      ),
    )
    assert.ok(named.length > 40, String(named.length))
    assert.equal(
      named.flatMap(([page, line]) => mistakesIn(line).map((mistake) => `${page}: ${mistake}`)),
      [],
    )
  },

  'would be told of, were they misspelt': () => {
    const wrong = [
      'user list',
      'users list --jsn',
      'keys rotate --rings set',
      'revoke everyone alice bob',
      'sessions ends X',
      'guards now',
    ]
    assert.equal(
      wrong.filter((line) => mistakesIn(line).length === 0),
      [],
    )
    for (const line of ['--config FILE start', 'keys rotate --ring set', 'users add <name>']) {
      assert.equal(mistakesIn(line), [])
    }
  },
})
