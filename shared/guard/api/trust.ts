import type { BearerKind } from '../../tokens/claims.ts'

/** Whose tokens are good. */
export type Trust = Readonly<{
  issuer: string
  audience: string | readonly string[]
  accept: readonly BearerKind[]
}>
