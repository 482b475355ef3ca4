/** What a terminal obeys, or shows in another order than it was written. */
const obeyed = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * A line of text that somebody else wrote, such as the id of a foreign event. Inside of JSON these
 * escapes are JSON’s own, so it says the same as before.
 */
export const printable = (line: string): string =>
  line.replace(obeyed, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A line on stdout, of which a terminal obeys nothing. */
export const say = (line: string): void => void process.stdout.write(`${printable(line)}\n`)

/** JSON on stdout that parses to `value`, and of which a terminal obeys nothing but line ends. */
export const sayJson = (value: unknown, indent = 0): void => {
  for (const line of JSON.stringify(value, null, indent).split('\n')) say(line)
}
