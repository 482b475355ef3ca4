/** What is wrong with a text, and where: an index of UTF-16 code units. */
export type JsonFault = Readonly<{ kind: 'syntax'; message: string; at: number }>
export type JsonProblem =
  | JsonFault
  | Readonly<{ kind: 'depth' }>
  /** The top-level member that is repeated, or that holds the object in which one is. */
  | Readonly<{ kind: 'duplicate'; field: string }>

type Limits = Readonly<{ depthMax: number }>

const blank = /[ \t\n\r]*/y
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Unwinds a walk that found its fault; never leaves `findJsonProblem`. */
class Found {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    this.problem = problem
  }
}

class Walk {
  readonly #text: string
  readonly #depthMax: number
  #at = 0
  #depth = 0
  /** The top-level member that is being read. */
  #field = ''

  constructor(text: string, { depthMax }: Limits) {
    this.#text = text
    this.#depthMax = depthMax
  }

  document(): void {
    this.#blank()
    this.#value()
    this.#blank()
    if (this.#at < this.#text.length) this.#fail('Extra data')
  }

  #value(): void {
    const char = this.#text[this.#at]
    if (char === '"') this.#string()
    else if (char === '{') this.#nested(() => this.#object())
    else if (char === '[') this.#nested(() => this.#array())
    else if (!this.#match(scalar)) this.#fail('Expecting value')
  }

  #nested(read: () => void): void {
    this.#depth += 1
    // Before the next frame: 16 KiB of brackets would overflow the stack.
    if (this.#depth > this.#depthMax) throw new Found({ kind: 'depth' })
    this.#at += 1
    this.#blank()
    read()
    this.#depth -= 1
  }

  #object(): void {
    const names = new Set<string>()
    if (this.#take('}')) return
    do {
      this.#blank()
      if (this.#text[this.#at] !== '"') {
        this.#fail('Expecting property name enclosed in double quotes')
      }
      // Decoded before it is compared: "\u0061" and "a" are one name.
      const name = JSON.parse(this.#string()) as string
      if (this.#depth === 1) this.#field = name
      if (names.has(name)) throw new Found({ kind: 'duplicate', field: this.#field })
      names.add(name)
      this.#blank()
      if (!this.#take(':')) this.#fail("Expecting ':' delimiter")
      this.#element()
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail("Expecting ',' delimiter")
  }

  #array(): void {
    if (this.#take(']')) return
    do this.#element()
    while (this.#take(','))
    if (!this.#take(']')) this.#fail("Expecting ',' delimiter")
  }

  #element(): void {
    this.#blank()
    this.#value()
    this.#blank()
  }

  #string(): string {
    const start = this.#at
    this.#at += 1
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) this.#fail('Unterminated string starting at', start)
      if (char < ' ') this.#fail('Invalid control character at')
      if (char === '"') break
      if (char === '\\') {
        if (!this.#match(escaped)) this.#fail('Invalid \\escape')
      } else {
        this.#at += 1
      }
    }
    this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  #blank(): void {
    this.#match(blank)
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }

  #fail(message: string, at: number = this.#at): never {
    throw new Found({ kind: 'syntax', message, at })
  }
}

/**
 * What `JSON.parse` hides or says in its engine's words: the first fault in the words of Python's
 * `json`, which Simple-JWT's clients read; a name given twice; nesting beyond `depthMax`. `null`
 * when there is none. Cost: one pass; callers bound the length of `text` first.
 */
export const findJsonProblem = (text: string, limits: Limits): JsonProblem | null => {
  try {
    new Walk(text, limits).document()
    return null
  } catch (error) {
    if (error instanceof Found) return error.problem
    throw error
  }
}

/** `Expecting value: line 1 column 1 (char 0)`, as Python writes it. */
export const describeFault = (text: string, { message, at }: JsonFault): string => {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length + 1
  return `${message}: line ${line} column ${column} (char ${[...before].length})`
}
