/** A browser's cookies with their paths (RFC 6265, 5.1.4 and 5.4): one name may have several. */
export class PathJar {
  readonly #cookies = new Map<string, Readonly<{ name: string; path: string; value: string }>>()

  keep(setCookie: readonly string[]): void {
    for (const line of setCookie) {
      const [pair = '', ...attributes] = line.split(/; */)
      const [name = '', value = ''] = pair.split('=')
      const path = attributes.find((one) => one.startsWith('Path='))?.slice(5) ?? '/'
      const isGone = attributes.some((one) => one === 'Max-Age=0')
      if (isGone) this.#cookies.delete(`${name} ${path}`)
      else this.#cookies.set(`${name} ${path}`, { name, path, value })
    }
  }

  /** What a browser sends to `path`, longer paths first. */
  headerFor(path: string): string {
    const isWithin = (own: string): boolean =>
      path === own || path.startsWith(own.endsWith('/') ? own : `${own}/`)
    return [...this.#cookies.values()]
      .filter((cookie) => isWithin(cookie.path))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  get size(): number {
    return this.#cookies.size
  }

  /** Every value of a name, wherever it lies. */
  valuesOf(wanted: string): readonly string[] {
    return [...this.#cookies.values()].flatMap(({ name, value }) => (name === wanted ? value : []))
  }
}
