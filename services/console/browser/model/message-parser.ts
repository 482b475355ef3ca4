export type StreamMessage = Readonly<{ type: string; data: string; id: string | null }>

/** Server-sent events of a text that comes in pieces; each is told as soon as it is whole. */
export class MessageParser {
  readonly #tell: (message: StreamMessage) => void
  #rest = ''

  constructor(tell: (message: StreamMessage) => void) {
    this.#tell = tell
  }

  feed(text: string): void {
    const parts = `${this.#rest}${text}`.split('\n\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) this.#read(part)
  }

  #read(part: string): void {
    const found = new Map<string, string>()
    for (const line of part.split('\n')) {
      const colon = line.indexOf(': ')
      if (colon > 0) found.set(line.slice(0, colon), line.slice(colon + 2))
    }
    const data = found.get('data')
    if (data === undefined) return
    this.#tell({ type: found.get('event') ?? 'message', data, id: found.get('id') ?? null })
  }
}
