// oidc-provider as a team would start it on one machine: its store in memory (nothing outlives the
// process), JWT access tokens by ES256, refresh tokens that are rotated. Copied beside the
// node_modules that the bench installs, and started there: PORT COUNT FILE, where FILE gets COUNT
// refresh tokens as JSON before the server listens.
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Provider } from 'oidc-provider'

const [port, count, file] = process.argv.slice(2)
const issuer = 'http://127.0.0.1'
const resource = 'https://api.example'
const scope = 'offline_access orders'
const clientId = 'bench'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signing = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://client.example/back'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [signing] },
  scopes: ['openid', 'offline_access', 'orders'],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  ttl: { AccessToken: 300, Grant: 86_400, RefreshToken: 86_400 },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'orders',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})

/** A grant and its refresh token, as the consent of a user would have made them. */
const opened = async (index) => {
  const accountId = `user-${index}`
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope('offline_access')
  grant.addResourceScope(resource, 'orders')
  const grantId = await grant.save()
  const client = await provider.Client.find(clientId)
  const token = new provider.RefreshToken({
    accountId,
    client,
    grantId,
    gty: 'authorization_code',
    scope,
    resource,
    rotations: 0,
  })
  return token.save()
}

const tokens = await Promise.all(Array.from({ length: Number(count) }, (_, index) => opened(index)))
writeFileSync(file, JSON.stringify(tokens))
provider.listen(Number(port), '127.0.0.1')
