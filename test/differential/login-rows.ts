import { under } from './bodies.ts'
import type { Scenario } from './rows.ts'
import { password, type Sent } from './stage.ts'

const json = { 'content-type': 'application/json' }
const good = { username: 'alice', password }

const casesOf = (path: string): Readonly<Record<string, Scenario>> => {
  const send =
    (request: Omit<Sent, 'path'>): Scenario =>
    (stage) =>
      stage.send({ path, ...request })
  const given = (value: unknown): Scenario => send({ json: value })
  const beside = (more: Omit<Sent, 'path'>): Scenario => send({ json: good, ...more })
  return {
    success: given(good),
    'wrong password': given({ ...good, password: 'wrong' }),
    'unknown user': given({ username: 'nobody', password }),
    'inactive user, right password': given({ username: 'ivan', password }),
    'inactive user, wrong password': given({ username: 'ivan', password: 'wrong' }),
    'password missing': given({ username: 'alice' }),
    'username missing': given({ password }),
    'both missing ({})': given({}),
    'password empty': given({ ...good, password: '' }),
    'password null': given({ ...good, password: null }),
    'password a list': given({ ...good, password: [password] }),
    'username a number': given({ username: 7, password }),
    'username true': given({ username: true, password }),
    'username with a NUL': given({ username: 'ali\0ce', password }),
    'username in capitals (ALICE)': given({ username: 'ALICE', password }),
    'spaces around username': given({ username: '  alice ', password }),
    'spaces around password': given({ username: 'alice', password: ` ${password}  ` }),
    'an unknown field besides': given({ ...good, more: 1 }),
    'a bad access cookie besides': beside({ cookies: { access: 'abc' } }),
    'a bad Authorization besides': beside({ headers: { ...json, authorization: 'Bearer abc' } }),
    'form-encoded': send({
      body: new URLSearchParams(good).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    'username of 100,000 characters': given({ username: 'a'.repeat(100_000), password }),
    'body not JSON': send({ body: '{not json', headers: json }),
    'body a JSON array': given([]),
    'no body': send({ headers: json }),
    'content type text/plain': send({ body: 'x', headers: { 'content-type': 'text/plain' } }),
    GET: send({ method: 'GET' }),
    OPTIONS: send({ method: 'OPTIONS' }),
    'Accept: text/html, success': beside({ headers: { ...json, accept: 'text/html' } }),
  }
}

const obtain = (path: string): Readonly<Record<string, Scenario>> => {
  const { OPTIONS: _, ...cases } = casesOf(path)
  return under(`POST ${path}`, cases)
}

export const loginRows: Readonly<Record<string, Scenario>> = {
  ...under('POST /login', casesOf('/login')),
  ...obtain('/api/token/'),
  ...obtain('/api/token/sliding/'),
}
