import { fieldProblem } from '../../http/index.ts'

const yes = ['true', 't', 'yes', 'y', 'on', '1']
const no = ['false', 'f', 'no', 'n', 'off', '0']

/**
 * The field `remember` of a login; true when it is absent. In JSON or a form (where every value is
 * text), read as Django REST framework reads a boolean. @throws Refusal 400 that names the field.
 */
export const readRemember = (body: ReadonlyMap<string, unknown>): boolean => {
  if (!body.has('remember')) return true
  const given = body.get('remember')
  if (given === null) throw fieldProblem('remember', 'This field may not be null.')
  const text = typeof given === 'object' ? '' : String(given).toLowerCase()
  if (yes.includes(text)) return true
  if (no.includes(text)) return false
  throw fieldProblem('remember', 'Must be a valid boolean.')
}
