/** Where dead letters are: the topic has one partition. */
export const lettersFrom = { topic: 'auth.deadletters', partition: 0 } as const
