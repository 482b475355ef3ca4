/** Codes of the console; a part of `errorCatalogue`. */
export const consoleErrors = {
  CONSOLE_UNBUILT: {
    retriable: false,
    meaning: 'The console is not built here, and what builds it is not installed.',
  },
} as const
