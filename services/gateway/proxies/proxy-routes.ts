import { z } from 'zod'
import type { RouteDoc } from '../../../shared/http/route-doc.ts'
import {
  all,
  answering,
  byPerson,
  type GatewayRoute,
  get,
  knownHeader,
  positionParameter,
  unauthenticated,
} from '../http/index.ts'
import {
  type ForwardAuthDeps,
  forwardAuthRoute,
  type IdentityHeader,
  identityHeaders,
} from './forward-auth.ts'

const meaningOf: Readonly<Record<IdentityHeader, string>> = {
  'Curfew-Issuer': 'The claim `iss`: whose user it is, where another issuer is trusted too.',
  'Curfew-User': 'The user as services know it: the user-id claim.',
  'Curfew-Subject': 'The claim `sub`.',
  'Curfew-Client': 'The claim `client_id`.',
  'Curfew-Session': 'The claim `sid`; empty for another issuer’s token, as the last one is.',
  'Curfew-Token': 'The claim `jti`.',
  'Curfew-Roles': 'The roles that the token carries, separated by commas.',
  'Curfew-Expires': 'The claim `exp`, in seconds.',
  'Curfew-Auth-Time': 'When the password was checked, in seconds.',
}
const identity = Object.fromEntries(identityHeaders.map((name) => [name, meaningOf[name]]))

const doc: RouteDoc = {
  summary: 'Forward-auth: whether a proxy may let a request through, and whose it is',
  description:
    'Asks the event store. Every answer has all identity headers, empty when there is nothing to ' +
    'say; what is not visible ASCII, a comma or a percent sign is percent-encoded in them.',
  tag: 'Proxies',
  queryOfOthers: true,
  security: byPerson,
  parameters: [
    positionParameter,
    {
      in: 'header',
      name: 'X-Original-Method',
      description: 'Of the request that is asked about; Traefik sends `X-Forwarded-Method`.',
      schema: z.string(),
    },
  ],
  answers: answering({
    200: { description: 'Let it through.', headers: { ...identity, ...knownHeader } },
    302: {
      description: 'With `CURFEW_FORWARD_AUTH_SIGN_IN=redirect`, to a browser that navigates.',
      headers: { Location: 'The sign-in, which leads back.' },
    },
    401: {
      ...unauthenticated,
      headers: {
        'Curfew-Sign-In':
          'With `CURFEW_FORWARD_AUTH_SIGN_IN=header`, to a browser that navigates: the sign-in.',
      },
    },
    403: {
      ...unauthenticated,
      description: 'A write that a page of another site caused, or a position that is none.',
    },
  }),
}
const path = {
  in: 'path',
  name: 'path',
  description: 'The original path, as Envoy puts it behind its `path_prefix`; it is not looked at.',
  schema: z.string(),
} as const

/** For proxies that ask before they let a request through. */
export const proxyRoutes: readonly GatewayRoute<ForwardAuthDeps>[] = [
  all('/verify/{*path}', forwardAuthRoute, {
    ...doc,
    parameters: [path, ...(doc.parameters ?? [])],
  }),
  get('/verify', forwardAuthRoute, doc),
]
