/** Codes about the audit trail, the auditor, and dead letters; a part of `errorCatalogue`. */
export const trailErrors = {
  TRAIL_INVALID: { retriable: false, meaning: 'Of the trail something is not what was signed.' },
  TRAIL_UNAVAILABLE: {
    retriable: true,
    meaning: 'Who has the trail does not answer, or not as it must.',
  },
  TRAIL_LOCKED: {
    retriable: true,
    meaning: 'Another auditor writes to this folder of a trail; each needs a folder of its own.',
  },
  AUDIT_UNFILLED: {
    retriable: true,
    meaning: 'Nobody filled the index of events yet, so there is nothing to ask.',
  },
  TRAIL_PRUNED: {
    retriable: false,
    meaning: 'What is asked for was let go of by a retention; the trail begins later.',
  },
  RETENTION_UNCOVERED: {
    retriable: false,
    meaning: 'No export that was given, and verifies, has all that would be let go of.',
  },
  RETENTION_PENDING: {
    retriable: true,
    meaning: 'The trail does not have the event of a retention yet; nothing was deleted.',
  },
  LEGAL_HOLD: {
    retriable: false,
    meaning: 'A legal hold keeps what this would delete; the message names it.',
  },
  HOLDS_FULL: { retriable: false, meaning: 'There are 200 legal holds already; release some.' },
  DEAD_LETTER_SETTLED: { retriable: false, meaning: 'This dead letter was dealt with already.' },
  DEAD_LETTER_UNUSABLE: {
    retriable: false,
    meaning: 'A record that was parked cannot be used yet; the message says why.',
  },
  DEAD_LETTERS_FULL: {
    retriable: false,
    meaning:
      'No more than 5,000 dead letters can be dealt with; the log has to let go of old ones.',
  },
} as const
