import type { Scenario } from './rows.ts'
import type { Sent } from './stage.ts'

const json = { 'content-type': 'application/json' }

/** What each view with one token field answers to bodies that hold none, or not a string. */
export const fieldCases = (path: string, field: string): Readonly<Record<string, Scenario>> => {
  const send =
    (request: Omit<Sent, 'path'>): Scenario =>
    (stage) =>
      stage.send({ path, ...request })
  const given = (value: unknown): Scenario => send({ json: { [field]: value } })
  return {
    'field missing ({})': send({ json: {} }),
    'no body': send({ headers: json }),
    'field empty': given(''),
    'field null': given(null),
    'field a number': given(7),
    'field a list': given(['a']),
    'field an object': given({ a: 1 }),
    'field with a NUL': given('a\0b'),
    'body not JSON': send({ body: '{not json', headers: json }),
    'body a JSON array': send({ json: [] }),
    'content type text/plain': send({ body: 'x', headers: { 'content-type': 'text/plain' } }),
    GET: send({ method: 'GET' }),
  }
}

/** The names of cases with an endpoint before each, as rows are called. */
export const under = (
  endpoint: string,
  cases: Readonly<Record<string, Scenario>>,
): Readonly<Record<string, Scenario>> =>
  Object.fromEntries(Object.entries(cases).map(([name, run]) => [`${endpoint} | ${name}`, run]))
