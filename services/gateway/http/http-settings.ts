import { z } from 'zod'
import {
  field,
  flag,
  flagTakes,
  list,
  listTakes,
  optional,
  originUrl,
  whole,
} from '../../../shared/kernel/config.ts'

const basePath = z
  .string()
  .regex(/^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*)?$/, {
    error: 'is no path without a slash at its end',
  })
  // Browsers and proxies remove such parts from an address, so the cookie's Path would not match.
  .refine((path) => !path.split('/').some((part) => /^\.+$/.test(part)), {
    error: 'has a part of dots alone, which browsers take out of an address',
  })

/** How browsers and proxies reach the gateway, and which pages may call it. */
export const httpFields = {
  publicUrl: optional({
    env: 'CURFEW_PUBLIC_URL',
    schema: originUrl,
    takes: 'the address that browsers use, without a path',
    doc:
      'Issuer of all tokens, own origin, and kind of cookies: https gives `__Host-access` and ' +
      '`__Secure-refresh`. Without it, `http://localhost:<CURFEW_PORT>`.',
  }),
  basePath: field({
    env: 'CURFEW_BASE_PATH',
    schema: basePath,
    otherwise: '/',
    takes: 'a path such as /auth',
    doc: 'Prefix of every route but health, and Path of the refresh cookie.',
  }),
  insecureCookies: field({
    env: 'CURFEW_INSECURE_COOKIES',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Allows plain cookies on http that is not loopback. Anyone on the network path can take ' +
      'sessions over.',
  }),
  cookieSameSite: field({
    env: 'CURFEW_COOKIE_SAME_SITE',
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['lax', 'none'], { error: 'is neither lax nor none' })),
    otherwise: 'lax',
    takes: 'lax or none',
    doc:
      '`lax`: the access cookie is `SameSite=Lax`, the refresh cookie `Strict`; pages of other ' +
      'sites cannot use them. `none`: both are `SameSite=None; Secure; Partitioned`, for pages ' +
      'of another site that CURFEW_TRUSTED_ORIGINS names; needs https.',
  }),
  trustedOrigins: field({
    env: 'CURFEW_TRUSTED_ORIGINS',
    schema: list,
    otherwise: '',
    takes: `origins such as https://app.example or https://*.app.example, ${listTakes}`,
    doc:
      'Origins of other pages of yours: they may send writes with cookies, and get CORS headers ' +
      'with credentials. A `*` stands for one label.',
  }),
  proxyHops: field({
    env: 'CURFEW_PROXY_HOPS',
    schema: whole(0, 8),
    otherwise: '0',
    takes: 'a number of proxies',
    doc: 'Own proxies in front that append to X-Forwarded-For; 0 trusts the header never.',
  }),
} as const
