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
  CONSOLE_INSECURE: {
    retriable: false,
    meaning: 'A console alone was opened by http, where browsers keep no cookie of its gateway.',
  },
  GATEWAY_UNREACHED: {
    retriable: true,
    meaning: 'A console alone did not get an answer of its gateway, or what answers is none.',
  },
  GATEWAY_TIMEOUT: {
    retriable: true,
    meaning: 'The gateway of a console alone was silent for too long; what it did is not known.',
  },
  STEP_UP_REQUIRED: {
    retriable: false,
    meaning: 'This takes the password again, given at most five minutes ago: POST /step-up.',
  },
} as const
