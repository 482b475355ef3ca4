import { z } from 'zod'
import { field } from '../../../shared/kernel/config.ts'

/** What proxies get that ask before they let a request through. */
export const proxyFields = {
  forwardAuthSignIn: field({
    env: 'CURFEW_FORWARD_AUTH_SIGN_IN',
    schema: z.enum(['off', 'redirect', 'header'], { error: 'is neither off, redirect nor header' }),
    otherwise: 'off',
    takes: 'off, redirect or header',
    doc:
      'What forward-auth answers to the navigation of a browser that nobody is signed in with: ' +
      '`redirect` a 302 to `/sign-in`, which Traefik and Envoy hand on; `header` the 401 with ' +
      'the address in `Curfew-Sign-In`, for nginx. Everything else keeps its 401.',
  }),
} as const
