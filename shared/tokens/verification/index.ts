export {
  accessTyp,
  isReadablePayload,
  parseJwt,
  payloadDepthMax,
  refreshTyp,
  slidingTyp,
  tokenBytesMax,
} from './parse-jwt.ts'
export { claimedIssuer, type ForeignTrust, verifyForeign } from './verify-foreign-token.ts'
export { refreshTokens, verifyRefresh } from './verify-refresh.ts'
export {
  bearerTokens,
  leewayMsMax,
  type TokenProblem,
  type Verified,
  verifyBearer,
  verifySliding,
} from './verify-token.ts'
