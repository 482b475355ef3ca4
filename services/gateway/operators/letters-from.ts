/** Where dead letters are: the topic has one partition. */
export const lettersFrom = { topic: 'auth.deadletters', partition: 0 } as const

/** An offset as it is typed; `null`: it is none. */
export const letterOffsetIn = (text: string): number | null =>
  /^\d{1,15}$/.test(text) ? Number(text) : null
