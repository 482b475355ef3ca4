/** The questions of docs/audit.md, with what each may be asked by. */
export const questions = [
  {
    ask: 'held',
    title: 'Who held a live session?',
    note: 'At an instant; now without one.',
    fields: ['user', 'at'],
  },
  {
    ask: 'tokens',
    title: 'Which tokens did a session have?',
    note: 'Each with what ended it.',
    fields: ['session'],
  },
  {
    ask: 'acts',
    title: 'What did somebody do and read?',
    note: 'An administrator, a service client, a command line.',
    fields: ['actor', 'since', 'until'],
  },
  {
    ask: 'refusals',
    title: 'How fast did guards refuse?',
    note: 'After each revocation, the slowest guard, and which were stale.',
    fields: ['user', 'since', 'until'],
  },
  {
    ask: 'used-after',
    title: 'Was a token used after its revocation?',
    note: 'There must be none.',
    fields: ['user', 'since', 'until'],
  },
  {
    ask: 'new-addresses',
    title: 'Who logged in from a new address?',
    note: 'New for that user.',
    fields: ['user', 'since', 'until'],
  },
] as const

export type Question = (typeof questions)[number]
export type Ask = Question['ask']
