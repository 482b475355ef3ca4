export { configuredForeignIssuer, type ForeignIssuer, foreignIssuer } from './foreign-issuer.ts'
export { gatewayTokenVerifier } from './gateway-token-verifier.ts'
export { type LocalVerdict, localCheck } from './local-check.ts'
export { VerifiedTokenCache } from './verified-token-cache.ts'
