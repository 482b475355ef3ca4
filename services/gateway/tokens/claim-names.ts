import { isReservedClaim } from '../../../shared/tokens/claims.ts'

/** What tokens call a user's id, and other names for claims that they carry. */
export type ClaimNames = Readonly<{
  userIdClaim: string
  tokenTypeClaim: string
  jtiClaim: string
  refreshExpClaim: string
  revokeTokenClaim: string
}>
/** `statusList`: whether tokens say in `status` which list they are in. */
export type Naming = ClaimNames & Readonly<{ statusList: boolean }>

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

/** Names that differ from the claim that says the same anyway. */
const renamed = (names: ClaimNames): readonly (keyof ClaimNames)[] =>
  members.filter((member) => names[member] !== standard[member])

const hasMeaning = (name: string, { statusList }: Pick<Naming, 'statusList'>): boolean =>
  isReservedClaim(name) || (statusList && name === 'status')

/** Names that Curfew gives a meaning may not get a second one; nor may one name get two. */
export const claimMistakes = (
  names: Naming & Readonly<{ userIdField: string }>,
): readonly string[] => {
  const reserved = renamed(names)
    .filter((member) => hasMeaning(names[member], names))
    .map((member) => `${variableOf[member]}=${names[member]} is a claim with a meaning of its own.`)
  const twice = renamed(names)
    .filter((member, at, all) => all.findIndex((one) => names[one] === names[member]) < at)
    .map((member) => `${variableOf[member]}=${names[member]} is the name of another claim too.`)
  const sub =
    names.userIdClaim === 'sub' && names.userIdField !== 'id'
      ? ['CURFEW_USER_ID_CLAIM=sub needs CURFEW_USER_ID_FIELD=id: `sub` is an id that never moves.']
      : []
  return [...reserved, ...twice, ...sub]
}

/** A team's own claims may not be called like these. */
export const isTakenClaim = (name: string, names: Naming): boolean =>
  hasMeaning(name, names) || members.some((member) => names[member] === name)
