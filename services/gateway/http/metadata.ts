/** What the documents say that clients find a gateway by. */
export type Metadata = Readonly<{
  /** The `iss` of tokens. */
  issuer: string
  /** Stands before every path of the gateway. */
  baseUrl: string
  /** Whether tokens are in status lists. */
  listsTokens: boolean
  audience: readonly string[]
  /** Of tokens that are good now; read anew, since rings rotate. */
  algorithms: () => readonly string[]
}>
