export { configuredForeignIssuer, type ForeignIssuer, foreignIssuer } from './foreign-issuer.ts'
export { gatewayTokenVerifier } from './gateway-token-verifier.ts'
export { LocalCheck } from './local-check.ts'
export { VerifiedTokenCache } from './verified-token-cache.ts'
