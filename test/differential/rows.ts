import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../support/project-files.ts'
import { type Observed, recorded } from './observed.ts'
import type { Stage } from './stage.ts'

/** One recorded exchange of the real Simple-JWT. */
export type Row = Readonly<{ id: string; expected: Observed }>
export type Scenario = (stage: Stage) => Promise<Observed>

type View = Readonly<{
  id: string
  endpoint: string
  case: string
  status: number
  body: unknown
  cookies: 'set' | 'deleted' | 'none'
}>
type TokenCell = Readonly<{
  id: string
  endpoint: string
  token: string
  status: number
  sent?: string
  message: string | null
  code?: string
}>
type Setting = Readonly<{ id: string; status?: number; body?: unknown; said?: unknown }>

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(join(projectRoot, 'test/golden/simple-jwt', `${name}.json`), 'utf8')) as T

const views = golden<readonly View[]>('views')

const successOf: Readonly<Record<string, unknown>> = {
  'POST /api/token/': { refresh: '<jwt>', access: '<jwt>' },
  'POST /api/token/sliding/': { token: '<jwt>' },
}

/** "Answers every one of these cases with the same status, and the same body where refused." */
const obtained = (endpoint: string): readonly View[] =>
  views
    .filter((view) => view.endpoint === 'POST /login' && view.case !== 'OPTIONS')
    .map((view) => ({
      ...view,
      id: `${endpoint} | ${view.case}`,
      endpoint,
      body: view.status === 200 && view.cookies === 'set' ? successOf[endpoint] : view.body,
      cookies: 'none',
    }))

const viewRows = (): readonly Row[] =>
  [...views, ...Object.keys(successOf).flatMap(obtained)].map(({ id, status, body, cookies }) => ({
    id,
    expected: recorded(status, body, cookies),
  }))

const goodAnswer: Readonly<Record<string, unknown>> = {
  'POST /refresh': { detail: 'refresh success' },
  'POST /api/token/refresh/': { access: '<jwt>', refresh: '<jwt>' },
  'POST /api/token/blacklist/': {},
  'POST /api/token/sliding/refresh/': { token: '<jwt>' },
  'POST /api/token/verify/': {},
  'GET /me': { user_id: 1 },
  'GET /me/stateless': { user_id: '1' },
}

// Shapes of a 401: plain; one of `get_user`; of a header; of a body or cookie.
const refusal = ({ endpoint, message, code }: TokenCell): object => {
  const plain = ['No active account found for the given token.']
  const ofUser = ['Token contained no recognizable user identification']
  if (message !== null && plain.includes(message)) return { detail: message }
  if (code || (message !== null && ofUser.includes(message)) || endpoint.startsWith('POST')) {
    return { detail: message, code: code ?? 'token_not_valid' }
  }
  return {
    detail: 'Given token not valid for any token type',
    code: 'token_not_valid',
    messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
  }
}

const answerTo = (cell: TokenCell): Observed => {
  const { endpoint, status } = cell
  if (status === 500) return recorded(500, { html: 'Server Error (500)' })
  if (status !== 200) return recorded(status, refusal(cell))
  return recorded(200, goodAnswer[endpoint], endpoint === 'POST /refresh' ? 'set' : 'none')
}

export const tokenCells = golden<readonly TokenCell[]>('tokens')
const tokenRows = (): readonly Row[] =>
  tokenCells.map((cell) => ({ id: cell.id, expected: answerTo(cell) }))

const settingRows = (): readonly Row[] =>
  golden<readonly Setting[]>('settings-and-claims').map(({ id, status, body, said }) => ({
    id,
    expected: status === undefined ? { said } : recorded(status, body),
  }))

/** Every recorded row, by its id. */
export const allRows = (): readonly Row[] => [...viewRows(), ...tokenRows(), ...settingRows()]
