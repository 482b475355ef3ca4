/** The contents of the discovery documents. */
export type Metadata = Readonly<{
  /** The `iss` of tokens. */
  issuer: string
  /** The address before every path of the gateway. */
  baseUrl: string
  /** Whether tokens are in status lists. */
  listsTokens: boolean
  /** Whether the gateway shows the newest head of the trail. */
  showsHeads: boolean
  audience: readonly string[]
  /** The algorithms of the keys in the ring now; keys rotate, so it is called each time. */
  algorithms: () => readonly string[]
}>
