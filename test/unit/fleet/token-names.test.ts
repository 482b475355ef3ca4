import fc from 'fast-check'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import {
  agreedNames,
  agreeOnNames,
  type TokenNames,
  tokenNames,
} from '../../../shared/fleet/token-names.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { cookiePolicy } from '../../../shared/tokens/requests/cookies.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const openStore = () => openMemoryEventStore({ clock: fakeClock() })
type Store = ReturnType<typeof openStore>

const of = (url: string, audience?: string | readonly string[]): TokenNames => {
  const publicUrl = new URL(url)
  const made = cookiePolicy({ publicUrl, basePath: '/', insecure: true })
  if (!made.ok) throw new Error(made.mistake)
  const issuer = publicUrl.origin
  return tokenNames({ issuer, audience: audience ?? issuer }, made.policy)
}

const refusal = async (asking: Promise<void>): Promise<string> => {
  try {
    await asking
    return ''
  } catch (error) {
    if (isAuthError(error, 'FLEET_CONFLICT')) return error.message
    throw error
  }
}

const agree = (store: Store, own: TokenNames, allowed: readonly string[] = []) =>
  refusal(agreeOnNames(store, own, allowed))

const names = fc.record({
  issuer: fc.constantFrom('http://a.example', 'http://b.example'),
  audience: fc.constantFrom('http://a.example', 'http://b.example', 'orders'),
  cookies: fc.constantFrom('access and refresh', '__Host-access and __Secure-refresh'),
})

claims('issuer, audience and cookie names of one store', {
  'are those of its first gateway, and the same again are welcome': async () => {
    const store = openStore()
    for (let starts = 0; starts < 3; starts += 1) {
      assert.is(await agree(store, of('http://localhost:3000')), '')
    }
  },

  'another port without a public address is refused with both values and the setting': async () => {
    const store = openStore()
    await agree(store, of('http://localhost:3000'))
    const said = await agree(store, of('http://localhost:3001'))
    assert.match(said, /issuer is http:\/\/localhost:3000 there and http:\/\/localhost:3001 here/)
    assert.match(said, /CURFEW_PUBLIC_URL/)
    assert.match(said, /CURFEW_CHANGE_NAMES=issuer,audience/)
  },

  'the order of several audiences says nothing': async () => {
    const store = openStore()
    await agree(store, of('http://localhost:3000', ['orders', 'stock']))
    assert.is(await agree(store, of('http://localhost:3000', ['stock', 'orders'])), '')
  },

  'an audience that nobody set goes with the issuer': async () => {
    const store = openStore()
    await agree(store, of('http://localhost:3000'))
    assert.is(await agree(store, of('http://localhost:3001'), ['issuer']), '')
    assert.is(await agree(store, of('http://localhost:3001')), '')
  },

  'of two gateways that change them at once to different ones, one is refused': async () => {
    const store = openStore()
    await agree(store, of('http://localhost:3000'))
    const wanted = ['http://localhost:3001', 'http://localhost:3002']
    const said = await Promise.all(wanted.map((url) => agree(store, of(url), [...agreedNames])))
    assert.is(said.filter((refused) => refused === '').length, 1, said.join('\n'))
  },

  'whatever differs is refused and changes nothing, unless it may change; then it is what holds':
    () =>
      fc.assert(
        fc.asyncProperty(
          names,
          names,
          fc.subarray([...agreedNames]),
          async (first, second, allowed) => {
            const store = openStore()
            assert.is(await agree(store, first), '')
            const differing = agreedNames.filter((name) => first[name] !== second[name])
            const follows =
              allowed.includes('issuer') &&
              first.audience === first.issuer &&
              second.audience === second.issuer
            const missing = differing.filter(
              (name) => !allowed.includes(name) && !(name === 'audience' && follows),
            )
            const said = await agree(store, second, allowed)
            assert.is(said === '', missing.length === 0, said)
            for (const name of missing) {
              assert.ok(said.includes(`${name} is ${first[name]} there and ${second[name]} here`))
            }
            const [holds, refused] = missing.length === 0 ? [second, first] : [first, second]
            assert.is(await agree(store, holds), '')
            assert.is((await agree(store, refused)) === '', differing.length === 0)
          },
        ),
      ),
})
