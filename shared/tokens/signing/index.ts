export { signJwt } from './compact-jws.ts'
export { signLogoutToken, signSecurityEvent } from './sign-security-event.ts'
export { signAccess, signRefresh, signSliding } from './sign-token.ts'
