import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '../../.ci/reference/settings.ts'
import {
  addressRule,
  pairRule,
  strangerRule,
} from '../../services/gateway/accounts/login-limits.ts'
import { projectRoot, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const says = (path: string, ...wanted: readonly (string | RegExp)[]): void => {
  const text = read(path).replaceAll(/\s+/g, ' ')
  for (const words of wanted) assert.match(text, words, `${path}: ${words}`)
}

/** The row of a setting says what there is without it. */
const setting = (variable: string): string => {
  assert.ok(settings().some(({ field }) => field.env === variable))
  const row = read('docs/reference/configuration.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${variable}\` |`))
  assert.ok(row, variable)
  return row
}

/** Names of lines of the log, as code gives them. */
const namesOfLines = (): string[] => {
  const files = [
    'services/gateway/publication/commit-log-line.ts',
    'services/gateway/publication/refusal-log.ts',
  ]
  const found = sourcesBelow('services/gateway')
    .filter(({ path }) => files.includes(path))
    .flatMap(({ text }) =>
      [...text.matchAll(/\bname: '([a-z_]+)'/g)].map((match) => match[1] ?? ''),
    )
  return [...new Set(found)]
}

claims('documents say', {
  // asvs: 2.1.3, 6.1.1
  'how guessing is limited, with the numbers of the code, and that nobody locks others out': () => {
    const row = ({ points, windowMs }: typeof pairRule): RegExp =>
      new RegExp(`\\| ${points} +\\| ${windowMs / 60_000} minutes`)
    says('docs/accounts.md', row(pairRule), row(addressRule), row(strangerRule))
    says('docs/accounts.md', 'Nobody locks others out', '`CURFEW_PROXY_HOPS`', '`Retry-After`')
  },

  // asvs: 6.1.2
  'of which words no password may be made': () => {
    says('docs/accounts.md', 'Names and passwords', '`CURFEW_PASSWORD_WORDS`', /user[’']s name/)
    assert.match(setting('CURFEW_PASSWORD_WORDS'), 'product')
  },

  // asvs: 7.1.1
  'when an idle session ends, and at which age any does': () => {
    assert.match(setting('CURFEW_REFRESH_TOKEN_LIFETIME'), '`3d`')
    assert.match(setting('CURFEW_SLIDING_TOKEN_LIFETIME'), '`5m`')
    assert.match(setting('CURFEW_SESSION_MAX_LIFETIME'), '`30d`')
  },

  // asvs: 7.1.2
  'how many sessions a user may have, and which one ends then': () => {
    says('docs/sessions.md', /`CURFEW_MAX_SESSIONS` limits the sessions of a user/)
    says('docs/sessions.md', /ends the oldest others \(reason `session_limit`\)/)
    assert.match(setting('CURFEW_MAX_SESSIONS'), '`0`')
  },

  // asvs: 8.1.1
  'what an administrator, a user and a service may do': () => {
    says('docs/accounts.md', /\| request +\| by whom +\|/)
    says('docs/accounts.md', '`CURFEW_ADMIN_ROLE`', 'Nobody without either gets more than 403')
    says('docs/sessions.md', 'administrator', '`revoke`')
  },

  // asvs: 11.1.1, 11.1.2
  'how keys are made, kept, rotated and taken out, and what each is for': () => {
    says('docs/operations.md', '### Keys', 'who needs it', 'keys rotate --now', 'keys remove')
    for (const name of ['signing', 'refresh', 'log-mac', 'events-mac', 'address', 'set']) {
      says('docs/operations.md', `| \`${name}.json\``)
    }
  },

  'every index that MongoDB needs, by its name': () => {
    const indexes = read('shared/adapters/mongo/indexes/indexes.ts')
    const names = [...indexes.matchAll(/\bname: '([a-z_]+)'/g)].map((match) => match[1] ?? '')
    assert.ok(names.length > 12)
    for (const name of names) says('docs/operations.md', `\`${name}\``)
  },

  'every route, by its path': () => {
    const { paths } = JSON.parse(read('docs/reference/openapi.json')) as { paths: object }
    assert.ok(Object.keys(paths).length > 30)
    for (const path of Object.keys(paths)) says('docs/routes.md', `${path}\``)
  },

  // asvs: 16.1.1
  'every line of the log by its name, its form, and where it goes': () => {
    const names = namesOfLines()
    assert.ok(names.length > 12)
    const rare = new Set(['refresh', 'lifetime_raised'])
    for (const name of names.filter((each) => !rare.has(each))) {
      says('docs/operations.md', `\`${name}\``)
    }
    says('docs/operations.md', 'JSON, standard error', 'Common members')
  },
})
