/** What some programs take for the end of a line, although JSON does not. */
const lineEnds = /[\u007f-\u009f\u2028\u2029]/g

const escaped = (found: string): string => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`

/** JSON that is one line to everybody: half a surrogate pair and odd line ends are escaped. */
export const jsonText = (value: unknown): string => JSON.stringify(value).replace(lineEnds, escaped)
