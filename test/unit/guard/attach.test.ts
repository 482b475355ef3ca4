import { attachGuard } from '../../../shared/guard/attach.ts'
import type { Fetch } from '../../../shared/guard/bounded-fetch.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { assert, claims } from '../../support/suite.ts'

const gateway = 'https://auth.example/base'
const metadata = {
  issuer: gateway,
  jwks_uri: `${gateway}/.well-known/jwks.json`,
  introspection_endpoint: `${gateway}/introspect`,
}

/** What the network answers, and what was asked of it. */
const network = (answer: unknown, status = 200) => {
  const asked: string[] = []
  const fetch = (async (input: URL) => {
    asked.push(input.href)
    const isMetadata = input.pathname.includes('oauth-authorization-server')
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return isMetadata ? new Response(text, { status }) : new Response('', { status: 404 })
  }) as unknown as Fetch
  return { fetch, asked }
}

const codeOf = async (answer: unknown, over: object = {}, status = 200): Promise<string> => {
  const { fetch } = network(answer, status)
  const options = { gateway, clientId: 'orders', secret: 'a secret', fetch, ...over }
  return attachGuard(options).then(
    () => 'attached',
    (error: unknown) => (isAuthError(error) ? error.code : String(error)),
  )
}

claims('attaching a guard', {
  'looks for the metadata where RFC 8414 has it, then for keys and feed': async () => {
    const { fetch, asked } = network(metadata)
    const feed = 'https://projector.example/feed'
    const options = { gateway, feed, clientId: 'orders', secret: 'a secret', fetch }
    await attachGuard(options).catch(() => {})
    assert.equal(asked, [
      'https://auth.example/.well-known/oauth-authorization-server/base',
      metadata.jwks_uri,
      feed,
    ])
  },

  'a feed that does not open is a rejection, to be tried again': async () => {
    assert.is(await codeOf(metadata), 'LOG_UNAVAILABLE')
  },

  'metadata of another issuer is refused, and what names no https': async () => {
    for (const wrong of [
      { ...metadata, issuer: 'https://auth.example' },
      { ...metadata, issuer: `${gateway}/` },
      { ...metadata, issuer: undefined },
      { ...metadata, jwks_uri: 'http://auth.example/jwks' },
      { ...metadata, introspection_endpoint: 'http://auth.example/introspect' },
      { ...metadata, introspection_endpoint: undefined },
    ]) {
      assert.is(await codeOf(wrong), 'CONFIG_INVALID', JSON.stringify(wrong))
    }
  },

  'addresses that are none, or not safe, are refused before anybody is asked': async () => {
    for (const wrong of [{ gateway: 'auth' }, { gateway: 'http://auth.example' }, { feed: 'x' }]) {
      assert.is(await codeOf(metadata, wrong), 'CONFIG_INVALID', JSON.stringify(wrong))
    }
    const insecure = { feed: 'http://projector.example/feed' }
    assert.is(await codeOf(metadata, insecure), 'CONFIG_INVALID')
    assert.is(await codeOf(metadata, { ...insecure, insecure: true }), 'LOG_UNAVAILABLE')
  },

  'a gateway that answers something else is no gateway now': async () => {
    for (const answer of ['', '<html>', '[]', '"x"']) {
      assert.is(await codeOf(answer), 'GUARD_STALE', answer)
    }
    assert.is(await codeOf(metadata, {}, 500), 'GUARD_STALE')
  },
})
