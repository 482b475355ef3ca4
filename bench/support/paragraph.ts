/** Lines of source as one line of the report. */
export const paragraph = (...lines: readonly string[]): string => lines.join(' ')
