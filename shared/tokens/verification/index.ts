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
export {
  leewayMsMax,
  type TokenProblem,
  type Verified,
  verifyBearer,
  verifyRefresh,
  verifySliding,
} from './verify-token.ts'
