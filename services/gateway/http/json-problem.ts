/** What is wrong with a text, and where: an index of UTF-16 code units. */
export type JsonFault = Readonly<{ kind: 'syntax'; message: string; at: number }>
export type JsonProblem =
  | JsonFault
  | Readonly<{ kind: 'depth' }>
  /** `field`: the top-level member that is repeated, or that contains the repeated one. */
  | Readonly<{ kind: 'duplicate'; field: string }>

type Limits = Readonly<{ depthMax: number }>

const blank = /[ \t\n\r]*/y
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Thrown to end the walk at the first problem; `findJsonProblem` catches it. */
class ProblemFound {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    this.problem = problem
  }
}

class JsonWalk {
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
    // Checked before the recursion: 16 KiB of brackets would overflow the stack.
    if (this.#depth > this.#depthMax) throw new ProblemFound({ kind: 'depth' })
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
      if (names.has(name)) throw new ProblemFound({ kind: 'duplicate', field: this.#field })
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
    throw new ProblemFound({ kind: 'syntax', message, at })
  }
}

/**
 * The first problem of a JSON text; `null` if there is none. `JSON.parse` does not report a member
 * given twice or deep nesting, and words syntax errors in its own way; here they are worded as by
 * Python's `json`, which clients of Simple-JWT know. One pass; callers bound the length first.
 */
export const findJsonProblem = (text: string, limits: Limits): JsonProblem | null => {
  try {
    new JsonWalk(text, limits).document()
    return null
  } catch (error) {
    if (error instanceof ProblemFound) return error.problem
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
