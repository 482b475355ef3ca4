export type { ForwardAuthDeps } from './forward-auth.ts'
export { signInOffer } from './offer-sign-in.ts'
export { proxyRoutes } from './proxy-routes.ts'
export { proxyFields } from './proxy-settings.ts'
