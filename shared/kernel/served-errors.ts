/** Codes of what is served beside the API, status lists and pages; a part of `errorCatalogue`. */
export const servedErrors = {
  HISTORY_UNSUPPORTED: {
    retriable: false,
    meaning: 'A status list of another time was asked for; none are kept.',
  },
  CONSOLE_UNBUILT: {
    retriable: false,
    meaning: 'The console is not built here, and what builds it is not installed.',
  },
  STEP_UP_REQUIRED: {
    retriable: false,
    meaning: 'This takes the password again, given at most five minutes ago: POST /step-up.',
  },
} as const
