import { type Section, type Setting, sections } from './settings.ts'
import { generated, page, table } from './tables.ts'

const withoutIt = ({ field }: Setting): string =>
  field.otherwise === null ? 'unset' : field.otherwise === '' ? 'empty' : `\`${field.otherwise}\``

const row = (setting: Setting): readonly string[] => {
  const { field, commands } = setting
  const what = field.secret ? `${field.doc} **Secret**: never shown in messages.` : field.doc
  const there = field.simpleJwt === undefined ? '' : `\`${field.simpleJwt}\``
  return [`\`${field.env}\``, there, field.takes, withoutIt(setting), commands.join(', '), what]
}

const section = ({ title, text, settings }: Section): readonly string[] => [
  `## ${title}`,
  '',
  text,
  '',
  ...table(
    ['variable', 'in Simple-JWT', 'takes', 'without it', 'read by', 'meaning'],
    settings.map(row),
  ),
  '',
]

const introduction: readonly string[] = [
  'Settings come from the environment and from a file, and are read once, at the start. The file',
  'is `--config FILE`, else `CURFEW_CONFIG`, else `curfew.config.json`, `.mjs`, `.js` or `.ts` in',
  'the working directory: JSON, or a module whose default export is an object. Its keys are the',
  'variables below with or without `CURFEW_`; its values are text, numbers, `true`, `false`, or',
  'lists of these. The environment wins over the file.',
  '',
  'A start with mistakes ends with status 1 and lists all of them, those of a file by its name and',
  'key; the value of a secret is never shown. An empty variable counts as unset. A key of a file',
  'that stands in no table is refused, a variable that begins with CURFEW_ and stands in none is',
  'warned of, both with the name that was probably meant. Names of Simple-JWT that mean nothing',
  'here are refused in both.',
  '',
  'The column "in Simple-JWT" has the name of the same setting there.',
  '',
  '`curfew users` reads what `gateway` reads; `curfew demo` reads what `start` reads, and',
  'chooses folder, ports, topic prefix and database itself.',
  '',
]

/** `docs/reference/configuration.md` */
export const configurationPage = (): string =>
  page(
    generated('Configuration', 'the field tables of the services'),
    introduction,
    ...sections().map(section),
  )
