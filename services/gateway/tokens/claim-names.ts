import { isReservedClaim } from '../../../shared/tokens/claims.ts'

/** The names of claims that settings can change. */
export type ClaimNames = Readonly<{
  userIdClaim: string
  tokenTypeClaim: string
  jtiClaim: string
  refreshExpClaim: string
  revokeTokenClaim: string
}>
/** `statusList`: whether tokens have the claim `status`. */
export type TokenNaming = ClaimNames & Readonly<{ statusList: boolean }>

const standard: ClaimNames = {
  userIdClaim: 'sub',
  tokenTypeClaim: 'token_type',
  jtiClaim: 'jti',
  refreshExpClaim: 'refresh_exp',
  revokeTokenClaim: 'hash_password',
}
const variableOf: Readonly<Record<keyof ClaimNames, string>> = {
  userIdClaim: 'CURFEW_USER_ID_CLAIM',
  tokenTypeClaim: 'CURFEW_TOKEN_TYPE_CLAIM',
  jtiClaim: 'CURFEW_JTI_CLAIM',
  refreshExpClaim: 'CURFEW_SLIDING_TOKEN_REFRESH_EXP_CLAIM',
  revokeTokenClaim: 'CURFEW_REVOKE_TOKEN_CLAIM',
}
const members = Object.keys(standard) as readonly (keyof ClaimNames)[]

/** The claims to which a setting gives another name. */
const renamedClaims = (names: ClaimNames): readonly (keyof ClaimNames)[] =>
  members.filter((member) => names[member] !== standard[member])

const hasMeaning = (name: string, { statusList }: Pick<TokenNaming, 'statusList'>): boolean =>
  isReservedClaim(name) || (statusList && name === 'status')

/** Problems of the names: a name that has a meaning already, or one name for two claims. */
export const claimMistakes = (
  names: TokenNaming & Readonly<{ userIdField: string }>,
): readonly string[] => {
  const reserved = renamedClaims(names)
    .filter((member) => hasMeaning(names[member], names))
    .map((member) => `${variableOf[member]}=${names[member]} is a claim with a meaning of its own.`)
  const twice = renamedClaims(names)
    .filter((member, at, all) => all.findIndex((other) => names[other] === names[member]) < at)
    .map((member) => `${variableOf[member]}=${names[member]} is the name of another claim too.`)
  const sub =
    names.userIdClaim === 'sub' && names.userIdField !== 'id'
      ? ['CURFEW_USER_ID_CLAIM=sub needs CURFEW_USER_ID_FIELD=id: `sub` is an id that never moves.']
      : []
  return [...reserved, ...twice, ...sub]
}

/** Whether a custom claim must not have this name. */
export const isTakenClaim = (name: string, names: TokenNaming): boolean =>
  hasMeaning(name, names) || members.some((member) => names[member] === name)
