/** The members of an address behind its question mark; each comes once. */
export type Query = Readonly<Record<string, string>>
