import { createUser, importUser } from '../../../services/gateway/accounts/create-user.ts'
import { hashPassword } from '../../../services/gateway/accounts/password-hash.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const password = 'correct horse battery'
const authorization = `Basic ${Buffer.from('manager:a-long-enough-secret').toString('base64')}`
const env = { CURFEW_SERVICE_CLIENTS: 'manager:a-long-enough-secret:users' }
const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const
/** Canonical composition alone makes these one: `Å` has three spellings, Hangul is composed. */
const names = ['zo\u00eb', '\u212bngstr\u00f6m', '\ud55c\uae00', 'e\u0323\u0302x', 'q\u0307\u0323']

const asked = (world: World, username: string, json: object = {}) =>
  world.send('/users', newJar(), { headers: { authorization }, json: { username, ...json } })
const loginStatus = async (world: World, username: string, secret = password): Promise<number> =>
  (await world.login(newJar(), username, secret)).status

claims('user names', {
  // asvs: 1.1.1
  'are stored in NFC, and one that differs by composition alone is taken already': () =>
    inWorld({ env }, async (world) => {
      for (const name of names) {
        const made = await asked(world, name.normalize('NFD'))
        assert.is(made.status, 201, name)
        assert.is((made.body as { username: string }).username, name.normalize('NFC'))
        for (const form of ['NFC', 'NFD'] as const) {
          const again = await asked(world, name.normalize(form))
          assert.equal([again.status, (again.body as { code: string }).code], [409, 'user_exists'])
        }
      }
    }),

  'log in however they are typed, and one limit counts all spellings': () =>
    inWorld({ env }, async (world) => {
      const username = 'zo\u00eb'
      await createUser(world.rooms, { username, password, roles: [] })
      for (const form of forms) assert.is(await loginStatus(world, username.normalize(form)), 200)
      assert.is(await loginStatus(world, 'zoe'), 401)
      const statuses: number[] = []
      for (let n = 0; n < 11; n += 1) {
        const form = forms[n % 2] ?? 'NFC'
        statuses.push(await loginStatus(world, username.normalize(form), 'wrong'))
      }
      assert.is(statuses.at(-1), 429)
    }),

  'of before, in another spelling, log in as they did, and nobody gets the same name': () =>
    inWorld({ env }, async (world) => {
      const passwordHash = await hashPassword(password)
      const old = aUser({ username: 'zoe\u0308', passwordHash })
      await world.state.directory.create(old)
      for (const typed of ['zoe\u0308', 'zo\u00eb']) assert.is(await loginStatus(world, typed), 200)
      assert.is((await asked(world, 'zo\u00eb')).status, 409)
      // Two that were there before both go on, each as it is spelled.
      const other = aUser({
        username: 'zo\u00eb',
        passwordHash: await hashPassword('another secret'),
      })
      await world.state.directory.create(other)
      assert.is(await loginStatus(world, 'zoe\u0308'), 200)
      assert.is(await loginStatus(world, 'zo\u00eb', 'another secret'), 200)
      assert.is(await loginStatus(world, 'zo\u00eb'), 401)
    }),

  // asvs: 2.2.1
  'with what cannot be seen are refused, wherever it stands': () =>
    inWorld({ env }, async (world) => {
      const unseen =
        '\u0000 \u0007 \u007f \u0085 \u00a0 \u00ad \u034f \u061c \u115f \u1160 \u17b4 \u180e'
          .split(' ')
          .concat(
            '\u200b \u200c \u200d \u200e \u200f \u202a \u202e \u2060 \u2066 \u2069'.split(' '),
          )
          .concat(
            '\u2000 \u2003 \u2028 \u202f \u205f \u2800 \u3000 \u3164 \ufe0f \ufeff \uffa0'.split(
              ' ',
            ),
          )
          .concat(['\u{e0041}', '\u{e0101}', '\ufff9', '\ue000'])
      for (const one of unseen) {
        for (const username of [`al${one}ice`, `${one}alice`, `alice${one}`]) {
          const { status, body } = await asked(world, username)
          assert.is(status, 400, JSON.stringify(username))
          assert.equal(Object.keys(body as object), ['username'])
        }
      }
      assert.is((await asked(world, '\u0301alice')).status, 400)
      for (const good of ['Zoë Müller', '李小龍', 'عمر', 'o’neil', 'a+b@c.example', 'x']) {
        assert.is((await asked(world, good)).status, 201, good)
      }
    }),

  'of an import are stored so too': () =>
    inWorld({ env }, async (world) => {
      const from = { passwordHash: await hashPassword(password), roles: [], active: true }
      const made = await importUser(world.rooms, { ...from, id: '1', username: 'zoe\u0308' })
      assert.is(made.username, 'zo\u00eb')
      assert.is(await loginStatus(world, 'zoe\u0308'), 200)
      const taken = await importUser(world.rooms, { ...from, id: '2', username: 'zo\u00eb' }).then(
        () => null,
        (error: unknown) => error,
      )
      assert.ok(isAuthError(taken, 'USER_EXISTS'))
    }),
})

claims('passwords', {
  'open the account in whichever form they are typed, and as they were hashed before': () =>
    inWorld({ env }, async (world) => {
      const secret = 'Pa\u00dfwo\u0308rter sind lang'
      await createUser(world.rooms, { username: 'new', password: secret, roles: [] })
      const hashed = await hashPassword(secret.normalize('NFD'))
      await world.state.directory.create(aUser({ username: 'old', passwordHash: hashed }))
      for (const form of ['NFC', 'NFD'] as const) {
        assert.is(await loginStatus(world, 'new', secret.normalize(form)), 200)
      }
      assert.is(await loginStatus(world, 'old', secret.normalize('NFD')), 200)
      assert.is(await loginStatus(world, 'old', secret.normalize('NFKD').toUpperCase()), 401)
    }),

  // asvs: 6.2.4, 6.2.11, 6.2.12
  'that are too easy are refused with the reason, wherever one is chosen': () =>
    inWorld({ env: { ...env, CURFEW_PASSWORD_WORDS: 'acme' } }, async (world) => {
      for (const [easy, why] of [
        ['password123', /most used/],
        ['zzzzzzzzzz', /repeated/],
        ['alice2026', /user name/],
        ['Acme-2026', /this product/],
      ] as const) {
        const { status, body } = await asked(world, 'alice', { password: easy })
        assert.is(status, 400, easy)
        assert.match(String((body as { password: string[] }).password[0]), why)
      }
      assert.is((await asked(world, 'alice', { password })).status, 201)
      const jar = newJar()
      assert.is((await world.login(jar, 'alice', password)).status, 200)
      const json = { current_password: password, new_password: 'alice-1-2-3' }
      const own = await world.send('/password', jar, { json })
      assert.equal([own.status, Object.keys(own.body as object)], [400, ['new_password']])
    }),
})
