import type { EndedBody, PreviewBody } from '../../../gateway/answers.ts'
import { type Answered, ask } from './ask.ts'

export type Scope = 'session' | 'subject' | 'client' | 'all'
export type Target = Readonly<{ scope: Scope; id: string | null }>

const scopes: readonly string[] = ['session', 'subject', 'client', 'all']

/** `session:ID`, `subject:ID`, `client:ID` or `all`, as the address of a page has it. */
export const targetOf = (text: string): Target | null => {
  const [, scope = '', id = ''] = /^([a-z]+)(?::(.+))?$/.exec(text) ?? []
  if (!scopes.includes(scope) || (scope === 'all') !== (id === '')) return null
  return { scope: scope as Scope, id: id === '' ? null : id }
}

/** What has to be typed before it ends; `null` where a press is enough. */
export const wordToType = ({ scope, id }: Target): string | null => {
  if (scope === 'all') return 'everyone'
  return scope === 'client' ? id : null
}

const bodyOf = ({ scope, id }: Target): object => ({ scope, ...(id !== null && { id }) })

export const preview = (target: Target): Promise<Answered<PreviewBody>> =>
  ask('/revocations', { method: 'POST', query: { preview: 'true' }, body: bodyOf(target) })

export const end = (target: Target): Promise<Answered<EndedBody>> =>
  ask('/revocations', { method: 'POST', body: bodyOf(target) })
