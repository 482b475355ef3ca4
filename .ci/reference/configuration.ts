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
  'Settings come from the environment and are read once, at the start. A start with mistakes',
  'ends with status 1 and lists all of them; the value of a secret is never shown. An empty',
  'variable counts as unset. A variable that begins with CURFEW_ and stands in no table is warned',
  'of. `curfew users` reads what `gateway` reads; `curfew demo` reads what `start` reads, and',
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
