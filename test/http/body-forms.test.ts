import fc from 'fast-check'
import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { parseForm } from '../../services/gateway/http/form-body.ts'
import { parseMultipart } from '../../services/gateway/http/multipart-body.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { form, json, type RawAnswer, rawRequest } from './raw-request.ts'

const boundary = '----test-boundary'
const multipart = { 'content-type': `multipart/form-data; boundary=${boundary}` }
const part = (name: string, value: string, more = ''): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
const closed = (...parts: readonly string[]): string => `${parts.join('')}--${boundary}--\r\n`

const post = (
  { url }: World,
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> => rawRequest(`${url}${path}`, { headers, body })

const login = (world: World, body: string | Buffer, headers: Readonly<Record<string, string>>) =>
  post(world, '/api/token/', body, headers)
const isProblem = async (answering: Promise<RawAnswer>, field: string, message: string) => {
  const { status, body } = await answering
  assert.equal([status, body], [400, { [field]: [message] }])
}

const twice = 'This field was given more than once.'
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const fields = fc.dictionary(text, text, { minKeys: 1, maxKeys: 8 })

claims('bodies as Django REST framework takes them', {
  'form and multipart are as good as JSON, on the views of both modes': () =>
    inWorld({}, async (world) => {
      const password = 'pass word+%/ö€'
      await createUser(world.rooms, { username: 'alice', password, roles: [] })
      const urlencoded = new URLSearchParams({ username: 'alice', password }).toString()
      const inParts = closed(part('username', 'alice'), part('password', password))
      for (const path of ['/login', '/api/token/', '/api/token/sliding/', '/sliding/login']) {
        assert.is((await post(world, path, urlencoded, form)).status, 200, path)
        assert.is((await post(world, path, inParts, multipart)).status, 200, path)
      }
      const pair = (await login(world, urlencoded, form)).body as { refresh: string }
      const refreshed = await post(world, '/api/token/refresh/', `refresh=${pair.refresh}`, form)
      assert.is(refreshed.status, 200)
      const { access } = refreshed.body as { access: string }
      const verified = await post(
        world,
        '/api/token/verify/',
        closed(part('token', access)),
        multipart,
      )
      assert.equal([verified.status, verified.body], [200, {}])
    }),

  // asvs: 15.3.7
  'what comes twice is named, in each encoding and at any depth': () =>
    inWorld({}, async (world) => {
      const spelled = '{"username":"a","user\\u006eame":"b","password":"c"}'
      await isProblem(login(world, spelled, json), 'username', twice)
      const deep = '{"password":{"a":1,"a":2},"username":"a"}'
      await isProblem(login(world, deep, json), 'password', twice)
      await isProblem(login(world, 'password=a&username=b&password=a', form), 'password', twice)
      const inParts = closed(part('username', 'a'), part('username', 'a'))
      await isProblem(login(world, inParts, multipart), 'username', twice)
      await isProblem(login(world, '{"__proto__":1,"__proto__":2}', json), '__proto__', twice)
    }),

  'bytes that are no UTF-8 are named too': () =>
    inWorld({}, async (world) => {
      await isProblem(login(world, 'username=%ff&password=x', form), 'username', 'Not valid UTF-8.')
      const bytes = Buffer.from(closed(part('password', 'Ã')), 'latin1')
      await isProblem(login(world, bytes, multipart), 'password', 'Not valid UTF-8.')
    }),

  // asvs: 1.4.2, 15.3.5
  'NUL, lone surrogates and numbers whose digits do not survive are refused by name': () =>
    inWorld({}, async (world) => {
      const given = (username: string) => login(world, `{"username":${username}}`, json)
      const firstOf = async (username: string): Promise<unknown> =>
        ((await given(username)).body['username'] as string[])[0]
      assert.is(await firstOf('"a\\u0000"'), 'Null characters are not allowed.')
      assert.is(await firstOf('"\\ud83d"'), 'Surrogate characters are not allowed: U+D83D.')
      for (const number of ['12345678901234567890', '1e999', 'true', '[]', '{}']) {
        assert.is(await firstOf(number), 'Not a valid string.', number)
      }
      assert.is(await firstOf('null'), 'This field may not be null.')
    }),

  'broken JSON is described as Python does, and other values by their kind': () =>
    inWorld({}, async (world) => {
      const described = async (body: string): Promise<unknown> =>
        (await login(world, body, json)).body['detail']
      const name = 'Expecting property name enclosed in double quotes'
      assert.is(await described('{oops'), `JSON parse error - ${name}: line 1 column 2 (char 1)`)
      assert.is(
        await described('x'),
        'JSON parse error - Expecting value: line 1 column 1 (char 0)',
      )
      const second = "JSON parse error - Expecting ':' delimiter: line 2 column 5 (char 6)"
      assert.is(await described('{\n"a" 1}'), second)
      for (const [body, kind] of [
        ['[]', 'list'],
        ['"a"', 'str'],
        ['1', 'int'],
        ['1.5', 'float'],
        ['true', 'bool'],
      ] as const) {
        const message = `Invalid data. Expected a dictionary, but got ${kind}.`
        await isProblem(login(world, body, json), 'non_field_errors', message)
      }
      await isProblem(login(world, 'null', json), 'non_field_errors', 'No data provided')
    }),

  'files, broken parts and too many fields are 400': () =>
    inWorld({}, async (world) => {
      const file = closed(part('username', 'a', '; filename="a.txt"'))
      await isProblem(login(world, file, multipart), 'username', 'Not a valid string.')
      const whole = closed(part('username', 'a'), part('password', 'b'))
      for (const body of [
        whole.slice(0, -8),
        `preamble\r\n${whole}`,
        `${whole}epilogue`,
        whole.replace('form-data', 'attachment'),
        whole.replace('Content-Disposition', 'X-Other'),
        whole.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
        whole.replace('\r\n\r\n', `\r\nX-Long: ${'x'.repeat(2_000)}\r\n\r\n`),
      ]) {
        const { status, body: shown } = await login(world, body, multipart)
        assert.equal([status, Object.keys(shown)], [400, ['non_field_errors']], body)
      }
      const none = await login(world, whole, { 'content-type': 'multipart/form-data' })
      assert.is(none.status, 400)
      const many = Array.from({ length: 33 }, (_, index) => `f${index}=1`).join('&')
      assert.is((await login(world, many, form)).status, 400)
    }),

  'another content type is 415 with its name, another method 405 with Allow': () =>
    inWorld({}, async (world) => {
      const plain = await login(world, 'x', { 'content-type': 'text/plain; charset=utf-8' })
      const detail = 'Unsupported media type "text/plain; charset=utf-8" in request.'
      assert.equal([plain.status, plain.body], [415, { detail }])
      for (const path of ['/login', '/api/token/', '/api/token/refresh']) {
        const got = await rawRequest(`${world.url}${path}`, { method: 'GET' })
        assert.equal([got.status, got.body], [405, { detail: 'Method "GET" not allowed.' }])
        assert.is(got.headers.allow, 'POST, OPTIONS')
        const asked = await rawRequest(`${world.url}${path}`, { method: 'OPTIONS' })
        assert.equal([asked.status, asked.headers.allow], [200, 'POST, OPTIONS'])
      }
    }),

  'what the platform encodes as a form is read back, whatever the fields say': async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (given) => {
        const expected = new Map(Object.entries(given))
        assert.equal(parseForm(Buffer.from(new URLSearchParams(given).toString())), expected)
        const data = new FormData()
        for (const [name, value] of Object.entries(given)) data.append(name, value)
        const encoded = new Response(data)
        const type = encoded.headers.get('content-type') ?? ''
        const body = Buffer.from(await encoded.arrayBuffer())
        // Line ends are normalized on the way out, and in the expectation.
        const normal = (value: string): string => value.replace(/\r\n|\r|\n/g, '\r\n')
        const sent = new Map([...expected].map(([name, value]) => [normal(name), normal(value)]))
        assert.equal(parseMultipart(type, body), sent)
      }),
      { numRuns: 300 },
    )
  },
})
