export {
  type Algorithm,
  algorithms,
  curveOf,
  hashOf,
  hmacBytesOf,
  isAlgorithm,
  isSymmetric,
  keyFits,
  usualAlgorithm,
} from './algorithms.ts'
export {
  isForeignKeyId,
  isKeyId,
  type ParsedJwks,
  parseForeignJwks,
  parseJwks,
  parseKeySet,
  privateRules,
} from './parse-jwks.ts'

export { numberOf, rsaBits } from './rsa-strength.ts'
export { type KeyLookup, setPurpose, type VerifyKey } from './verify-key.ts'
