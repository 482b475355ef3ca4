/** Text that is HTML already: what `html` made. Nobody else can make one. */
export class Html {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** Only for `html` below, and for files that ship with Curfew; never for a value. */
  static trusted(text: string): Html {
    return new Html(text)
  }

  toString(): string {
    return this.#text
  }
}

/** What may stand in a template; `null` and `false` are nothing, so that conditions read well. */
export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[]

const entityOf: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/**
 * What HTML takes for no character becomes U+FFFD, as a parser would do it. The characters that
 * turn the direction of writing stay out too: with one of them a user agent could make the words
 * after it read backwards.
 */
const noCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu

/** Text as the content of an element, or of an attribute in quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(noCharacter, '\ufffd').replace(/[&<>"'`]/g, (found) => entityOf[found] ?? '')

const textOf = (value: HtmlValue): string => {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(textOf).join('')
  return escapeHtml(String(value))
}

/**
 * HTML in which every value is escaped, unless it is HTML itself. A value stands between tags or in
 * an attribute with quotes around it; nowhere else, since no escaping would be right there.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
  Html.trusted(
    parts.map((part, index) => (index === 0 ? part : textOf(values[index - 1]) + part)).join(''),
  )
