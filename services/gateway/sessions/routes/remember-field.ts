import { fieldProblem } from '../../http/index.ts'

const yes = ['true', 't', 'yes', 'y', 'on', '1']
const no = ['false', 'f', 'no', 'n', 'off', '0']

/**
 * `remember` of a login, in JSON or a form (where all is text), read as Django REST framework reads
 * a boolean; true without it. @throws Refusal 400 that names it.
 */
export const rememberIn = (body: ReadonlyMap<string, unknown>): boolean => {
  if (!body.has('remember')) return true
  const given = body.get('remember')
  if (given === null) throw fieldProblem('remember', 'This field may not be null.')
  const text = typeof given === 'object' ? '' : String(given).toLowerCase()
  if (yes.includes(text)) return true
  if (no.includes(text)) return false
  throw fieldProblem('remember', 'Must be a valid boolean.')
}
