/** What a terminal obeys, or shows in another order than it was written. */
const obeyed = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/**
 * A line of text that somebody else wrote, such as the id of a foreign event. Inside of JSON these
 * escapes are JSON’s own, so it says the same as before.
 */
export const printable = (line: string): string =>
  line.replace(obeyed, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
