import { publicCodeOf, statusOfCode } from '../../services/gateway/http/index.ts'
import { type AuthErrorCode, errorCatalogue } from '../../shared/kernel/errors.ts'
import { generated, page, table } from './tables.ts'

const codes = Object.keys(errorCatalogue) as AuthErrorCode[]

/** Answered by guards in other services, which have a table of their own. */
const guardStatuses: Readonly<Partial<Record<AuthErrorCode, number>>> = { GUARD_STALE: 503 }

const row = (code: AuthErrorCode): readonly string[] => {
  const status = statusOfCode(code) ?? guardStatuses[code] ?? null
  const shown = publicCodeOf(code)
  const { meaning, retriable } = errorCatalogue[code]
  return [
    `\`${code}\``,
    status === null ? '–' : String(status),
    status === null || shown === null ? '–' : `\`${shown}\``,
    retriable ? 'yes' : 'no',
    meaning,
  ]
}

const introduction: readonly string[] = [
  'Codes are added and never renamed. The left column is what logs and the command line show;',
  '`code` is what a response body holds beside `detail`, in the words that Simple-JWT’s clients',
  'know. A dash in the column HTTP means that the code stops a process or a command, or is only',
  'logged; a route that meets one answers 500 `internal` without its message. A refused token',
  'in `Authorization`, or in the access cookie, is answered with `code` `token_not_valid` and a',
  'list `messages`. 401 carries `WWW-Authenticate`, 429 and 503 carry `Retry-After`. Service',
  'clients (`/introspect`, `/revocations`) are answered as OAuth 2.0 has it, with `error`:',
  '`invalid_client`, `unauthorized_client` or `invalid_request`. Whoever gets a 503 does not',
  'know whether the change was made: the same request again decides anew.',
  '',
]

/** `docs/reference/errors.md` */
export const errorsPage = (): string =>
  page(
    generated('Errors', 'the catalogue in shared/kernel/errors.ts'),
    introduction,
    table(['code', 'HTTP', '`code` in the body', 'may succeed later', 'meaning'], codes.map(row)),
  )
